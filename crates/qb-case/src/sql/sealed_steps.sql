-- Every step with all its columns, in the order in which they are written and sealed.
select
  case_id,
  seq,
  transition,
  is_reject,
  from_state,
  to_state,
  done_on,
  actor,
  actor_role,
  actor_area,
  present,
  entitled,
  sample_share,
  notice_until_on,
  evidence,
  document,
  reason,
  irregular,
  recorded_at,
  told_by,
  paper,
  votes,
  second,
  signatory
from case_event
order by case_id, seq
