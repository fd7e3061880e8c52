-- The rules of rules.toml for DuckDB: one aggregation, one projection. The roll-ups of a household keep SQL's three values.
create or replace temp table household_result as
with roll as (
  select household_id,
         count(*) as members,
         count(*) filter (where age between 6 and 15 and school_status not in ('PRIMARY', 'JUNIOR')) as school_no,
         count(*) filter (where age between 6 and 15 and school_status is null) as school_unknown,
         count(*) filter (where not medical_insured) as insured_no,
         count(*) filter (where medical_insured is null) as insured_unknown,
         count(*) filter (where health <> 'HEALTHY') as ill_yes,
         count(*) filter (where health is null) as ill_unknown,
         min(age) as age_min,
         count(*) filter (where work_months > 0) as workers
  from person
  group by household_id
), net as (
  select h.*, r.* exclude (household_id),
         wage_fen + business_fen + property_fen + transfer_fen - cost_fen as net,
         wage_prior_fen + business_prior_fen + property_prior_fen + transfer_prior_fen - cost_prior_fen as net_prior
  from household h join roll r using (household_id)
), first as (
  select *,
         net * 100 // members as per_head,
         net < 600000 * members as below_line,
         case when school_no > 0 then false when school_unknown > 0 then null else true end as schooling,
         case when insured_no > 0 then false when insured_unknown > 0 then null else true end as insured,
         not dangerous_house as housing,
         water_safe and not water_short as water
  from net
), second as (
  select *, schooling and insured and housing and water as guarantees from first
), third as (
  select *, not below_line and guarantees as exit_ok from second
)
select household_id, net * 100 as net, per_head, below_line, schooling, insured, housing, water, guarantees, exit_ok,
       exit_year is not null and not exit_ok as premature_exit,
       member_count = members as roster_complete,
       net = net_prior as same_income,
       net >= 600000 * members and net < 612000 * members as just_above,
       cause_main = 'ILLNESS' and not (case when ill_yes > 0 then true when ill_unknown > 0 then null else false end)
         as illness_unseen,
       age_min >= 60 as elders_only,
       wage_fen > 0 and workers = 0 as wages_unworked
from third;

create or replace temp table person_result as
select person_id,
       school_status is null or age between 5 and 25 as pupil_age,
       relation <> 'HEAD' or age >= 16 as head_grown,
       work_months >= 6 and age between 16 and 59 as long_worker
from person;
