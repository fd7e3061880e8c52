-- Keeps how a case stands before it changes.
insert into case_version (case_id, seq, state, due_on, is_decided, is_ended, irregular_count,
  superseded_at)
select id, (select count(*) + 1 from case_version v where v.case_id = case_file.id), state, due_on,
  is_decided, is_ended, irregular_count, cast($1 as bigint)
from case_file where id = $2
