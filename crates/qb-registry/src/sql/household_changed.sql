select coalesce(max(changed_at), 0) from (
  select recorded_at as changed_at from household where id = $1
  union all select registered_recorded_at from household where id = $1
  union all select recorded_at from household_life where household_id = $1
  union all select recorded_at from person where household_id = $1
  union all select member_recorded_at from person where household_id = $1
  union all select superseded_at from membership_history where household_id = $1
  union all select recorded_at from income_statement where household_id = $1 and superseded_at is null
  union all select recorded_at from record where household_id = $1 and superseded_at is null
) of_household
