-- Cases that stood at an instant, as they were then.
select c.id, c.machine, c.subject_kind, c.subject, c.household_id, c.area_code,
  case when v.case_id is null then c.state else v.state end, c.opened_on,
  case when v.case_id is null then c.due_on else v.due_on end,
  case when v.case_id is null then c.is_decided else v.is_decided end,
  case when v.case_id is null then c.is_ended else v.is_ended end,
  case when v.case_id is null then c.irregular_count else v.irregular_count end, c.source_record
from case_file c
left join case_version v on v.case_id = c.id
  and v.seq = (select min(w.seq) from case_version w where w.case_id = c.id and w.superseded_at > $1)
where c.recorded_at <= $1 and (c.superseded_at is null or c.superseded_at > $1)
order by c.area_code, c.machine, c.subject, c.id
