-- Sheets of households that were known by an instant ($1), with the place of each on a day ($2): behind known_home.sql.
select k.id, s.policy_year, i.item, i.amount_fen
from home k
join (
  select id, household_id, policy_year from income_statement
  where superseded_at is null and recorded_at <= $1
  union all
  select id, household_id, policy_year from income_statement
  where superseded_at > $1 and recorded_at <= $1
) s on s.household_id = k.id
left join income_item i on i.statement_id = s.id
where s.policy_year between $5 and $6
order by k.area_code, k.id
