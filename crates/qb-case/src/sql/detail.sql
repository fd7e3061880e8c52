-- One case as its page shows it.
select id, machine, subject_kind, subject, household_id, area_code, state, opened_on, due_on,
  is_decided, irregular_count, version, source_record, superseded_reason,
  deadline_on
from case_file where id = $1
