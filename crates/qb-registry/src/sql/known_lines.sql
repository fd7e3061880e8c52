-- A village's households as they were known by an instant ($1) to be on a day ($2), after one of them ($5), so many ($6), each with
-- its head of that day: behind known_home.sql. A household with two heads is one household: its line names the first.
, version as (
  select k.id, k.area_code, h.household_no, h.member_count, h.household_class, h.cause_main,
    h.exit_status, h.exit_year, h.registered_recorded_at
  from home k join household h on h.id = k.id and h.recorded_at <= $1 and h.valid_from <= $2
  where k.id > $5
  union all
  select k.id, k.area_code, h.household_no, v.member_count, v.household_class, v.cause_main,
    h.exit_status, h.exit_year, h.registered_recorded_at
  from home k join household h on h.id = k.id and (h.recorded_at > $1 or h.valid_from > $2)
  join household_history v on v.id = k.id and v.recorded_at <= $1 and v.superseded_at > v.recorded_at
    and v.valid_from <= $2
    and not exists (select 1 from household_history n
      where n.id = v.id and n.recorded_at <= $1 and n.valid_from <= $2
        and n.recorded_at > v.recorded_at)
  where k.id > $5
  order by 1
  limit $6
), line as (
  select o.*, coalesce(
      (select p.id from person p where p.household_id = o.id and p.relation = 'HEAD'
        and p.member_from <= $2 and coalesce(p.member_recorded_at, p.recorded_at) <= $1
        order by p.id limit 1),
      (select m.person_id from membership_history m where m.household_id = o.id
        and m.relation = 'HEAD' and m.recorded_at <= $1
        and (m.superseded_at is null or m.superseded_at > $1)
        and m.valid_from <= $2 and (m.valid_to is null or m.valid_to > $2)
        order by m.person_id limit 1)) as head_id
  from version o
)
select l.id, l.household_no, l.area_code,
  coalesce(
    (select p.name from person p
      where p.id = l.head_id and p.recorded_at <= $1 and p.valid_from <= $2),
    (select p.name from person_history p
      where p.id = l.head_id and p.recorded_at <= $1 and p.superseded_at > p.recorded_at
        and p.valid_from <= $2 order by p.recorded_at desc limit 1)),
  l.member_count, l.household_class, l.cause_main,
  case when l.registered_recorded_at > $1 then r.exit_status else l.exit_status end,
  case when l.registered_recorded_at > $1 then r.exit_year else l.exit_year end, ''
from line l
left join registration_history r on r.household_id = l.id and l.registered_recorded_at > $1
  and r.recorded_at <= $1 and r.superseded_at > $1
order by l.id
