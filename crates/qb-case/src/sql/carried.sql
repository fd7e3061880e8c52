-- What people did on cases whose record or parts changed: it is put on top of what they now tell.
select c.id, c.subject, e.transition, e.is_reject, e.done_on, e.actor, e.actor_role, e.actor_area,
  e.present, e.entitled, e.sample_share, e.notice_until_on, e.evidence, e.document, e.reason,
  e.votes, e.second, e.signatory
from case_file c
join record r on r.id = c.source_record and r.dataset = $1
join case_event e on e.case_id = c.id and e.actor is not null
where c.superseded_at is null and c.machine = $2
  and (r.superseded_at is not null
    or (c.parts_seen is not null and c.parts_seen <> (
      select count(*) || ':' || coalesce(sum(p.id), 0) from record p
      where p.dataset = $3 and p.record_key > c.subject || '|' and p.record_key < c.subject || '}'
        and p.superseded_at is null)))
order by c.id, e.seq
