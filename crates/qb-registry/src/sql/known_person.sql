-- Members of households as they were known by an instant ($1) to be on a day ($2): behind known_home.sql.
, member as (
  select p.id, k.id as household_id, k.area_code, p.relation
  from home k
  join person p on p.household_id = k.id
  where p.member_from <= $2 and coalesce(p.member_recorded_at, p.recorded_at) <= $1
  union all
  select m.person_id, k.id, k.area_code, m.relation
  from home k
  join membership_history m on m.household_id = k.id
  where m.recorded_at <= $1 and (m.superseded_at is null or m.superseded_at > $1)
    and m.valid_from <= $2 and (m.valid_to is null or m.valid_to > $2)
)
select p.id, m.household_id, m.area_code, p.birth_on, p.sex, p.ethnicity, m.relation, p.education,
  p.school_status, p.out_of_school_reason, p.health, p.labour, p.work_place, p.work_months,
  p.medical_insured, p.critical_ill_insured
from member m
join person p on p.id = m.id and p.recorded_at <= $1 and p.valid_from <= $2
union all
select p.id, m.household_id, m.area_code, p.birth_on, p.sex, p.ethnicity, m.relation, p.education,
  p.school_status, p.out_of_school_reason, p.health, p.labour, p.work_place, p.work_months,
  p.medical_insured, p.critical_ill_insured
from member m
join person_history p on p.id = m.id and p.recorded_at <= $1
  and p.superseded_at > p.recorded_at and p.valid_from <= $2
  and not exists (select 1 from person n
    where n.id = p.id and n.recorded_at <= $1 and n.valid_from <= $2)
  and not exists (select 1 from person_history n
    where n.id = p.id and n.recorded_at <= $1 and n.valid_from <= $2
      and n.recorded_at > p.recorded_at)
order by 3, 2, 1
