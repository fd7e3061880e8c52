-- What people did on cases whose record changed: it is put on top of what the new record tells.
select c.id, c.subject, e.transition, e.is_reject, e.done_on, e.actor, e.actor_role, e.actor_area,
  e.present, e.entitled, e.sample_share, e.notice_until_on, e.evidence, e.document, e.reason
from case_file c
join record r on r.id = c.source_record and r.dataset = $1 and r.superseded_at is not null
join case_event e on e.case_id = c.id and e.actor is not null
where c.superseded_at is null and c.machine = $2
order by c.id, e.seq
