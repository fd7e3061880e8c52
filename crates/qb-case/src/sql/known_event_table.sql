-- The steps, recorded by an instant, of all cases that stood then, in an order that depends on their content.
select e.case_id, e.seq, c.machine, c.area_code, e.transition, e.is_reject, e.from_state, e.to_state,
  e.done_on, e.present, e.entitled, e.notice_until_on, e.irregular
from case_file c join case_event e on e.case_id = c.id
where c.recorded_at <= $1 and (c.superseded_at is null or c.superseded_at > $1)
  and e.recorded_at <= $1
order by c.area_code, c.machine, c.subject, c.id, e.seq
