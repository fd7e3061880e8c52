-- Cases within a scope, by deadline, by keyset; a blank filter lets everything through.
select id, machine, subject_kind, subject, household_id, area_code, state, opened_on, due_on,
  is_decided, irregular_count, version
from case_file
where superseded_at is null and area_code >= $1 and area_code < $2
  and ($3 = '' or machine = $3) and ($4 = '' or state = $4) and ($5 = '' or subject = $5)
  and ($6 = '' or due_on < $6)
  and ($7 = 0 or irregular_count > 0)
  and ($8 = 0 or (is_ended = false and (is_decided = false or due_on is not null)))
  and (coalesce(due_on, '9999-12-31') > $9 or (coalesce(due_on, '9999-12-31') = $9 and id > $10))
  and ($11 = '' or $11 like '% ' || machine || ' %')
order by coalesce(due_on, '9999-12-31'), id limit $12
