-- Households as they were known by an instant ($1) to be on a day ($2): of the versions that hold by then the one recorded last,
-- where it lived that day.
with place as (
  select household_id, area_code from household_place
  where recorded_at <= $1 and (superseded_at is null or superseded_at > $1)
    and valid_from <= $2 and valid_to > $2
), former as (
  select v.* from household_history v
  where v.recorded_at <= $1 and v.superseded_at > v.recorded_at and v.valid_from <= $2
    and not exists (select 1 from household n
      where n.id = v.id and n.recorded_at <= $1 and n.valid_from <= $2)
    and not exists (select 1 from household_history n
      where n.id = v.id and n.recorded_at <= $1 and n.valid_from <= $2
        and n.recorded_at > v.recorded_at)
), known as (
  select h.id, h.area_code, h.member_count, h.household_class, h.cause_main, h.cause_other,
    h.dangerous_house, h.water_safe, h.water_short, h.income_reported_fen
  from household h
  where h.area_code >= $3 and h.area_code < $4 and h.recorded_at <= $1 and h.valid_from <= $2
    and not exists (select 1 from place p where p.household_id = h.id)
  union all
  select v.id, v.area_code, v.member_count, v.household_class, v.cause_main, v.cause_other,
    v.dangerous_house, v.water_safe, v.water_short, v.income_reported_fen
  from former v
  where v.area_code >= $3 and v.area_code < $4
    and not exists (select 1 from place p where p.household_id = v.id)
  union all
  select h.id, p.area_code, h.member_count, h.household_class, h.cause_main, h.cause_other,
    h.dangerous_house, h.water_safe, h.water_short, h.income_reported_fen
  from place p join household h on h.id = p.household_id
  where p.area_code >= $3 and p.area_code < $4 and h.recorded_at <= $1 and h.valid_from <= $2
  union all
  select v.id, p.area_code, v.member_count, v.household_class, v.cause_main, v.cause_other,
    v.dangerous_house, v.water_safe, v.water_short, v.income_reported_fen
  from place p join former v on v.id = p.household_id
  where p.area_code >= $3 and p.area_code < $4
)
select k.id, k.area_code, k.member_count, k.household_class,
  case when h.registered_recorded_at > $1 then r.exit_status else h.exit_status end,
  case when h.registered_recorded_at > $1 then r.exit_year else h.exit_year end,
  case when h.registered_recorded_at > $1 then r.identified_on else h.identified_on end,
  k.cause_main, k.cause_other, k.dangerous_house, k.water_safe, k.water_short,
  k.income_reported_fen
from known k
join household h on h.id = k.id
left join registration_history r on r.household_id = k.id and h.registered_recorded_at > $1
  and r.recorded_at <= $1 and r.superseded_at > $1
where not exists (select 1 from household_life l where l.household_id = k.id
    and l.recorded_at <= $1 and (l.superseded_at is null or l.superseded_at > $1)
    and (l.began_on > $2 or l.ended_on <= $2))
order by k.area_code, k.id
