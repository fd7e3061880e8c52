-- The steps of a case.
select seq, transition, is_reject, from_state, to_state, done_on, actor, actor_role, actor_area,
  present, entitled, sample_share, notice_until_on, evidence, document, reason, irregular,
  told_by, paper, votes, second, signatory
from case_event where case_id = $1 order by seq
