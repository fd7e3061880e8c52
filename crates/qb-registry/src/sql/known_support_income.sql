-- An item of sheets that were known by an instant ($1), with the place of each household on a day ($2): behind known_home.sql.
select k.id, k.area_code, i.amount_fen
from home k
join (
  select id, household_id, policy_year from income_statement
  where superseded_at is null and recorded_at <= $1
  union all
  select id, household_id, policy_year from income_statement
  where superseded_at > $1 and recorded_at <= $1
) s on s.household_id = k.id
join income_item i on i.statement_id = s.id
where s.policy_year = $5 and i.item = $6 and i.amount_fen <> 0
order by k.area_code, k.id
