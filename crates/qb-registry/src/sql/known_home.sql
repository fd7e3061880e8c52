-- Where households lived, as was known by an instant ($1) of a day ($2), within bounds ($3, $4); statements about what they have follow.
-- Which of the versions counts: see known_household.sql.
with place as not materialized (
  select household_id, area_code from household_place
  where recorded_at <= $1 and (superseded_at is null or superseded_at > $1)
    and valid_from <= $2 and valid_to > $2
), lived as (
  select h.id, h.area_code
  from household h
  where h.area_code >= $3 and h.area_code < $4 and h.recorded_at <= $1 and h.valid_from <= $2
    and not exists (select 1 from place p where p.household_id = h.id)
  union all
  select v.id, v.area_code
  from household_history v
  where v.area_code >= $3 and v.area_code < $4 and v.recorded_at <= $1 and v.superseded_at > v.recorded_at
    and v.valid_from <= $2 and not exists (select 1 from place p where p.household_id = v.id)
    and not exists (select 1 from household n
      where n.id = v.id and n.recorded_at <= $1 and n.valid_from <= $2)
    and not exists (select 1 from household_history n
      where n.id = v.id and n.recorded_at <= $1 and n.valid_from <= $2
        and n.recorded_at > v.recorded_at)
  union all
  select p.household_id, p.area_code from place p
  where p.area_code >= $3 and p.area_code < $4
), home as (
  select k.id, k.area_code from lived k where not exists (select 1 from household_life l where l.household_id = k.id
      and l.recorded_at <= $1 and (l.superseded_at is null or l.superseded_at > $1)
      and (l.began_on > $2 or l.ended_on <= $2))
)
