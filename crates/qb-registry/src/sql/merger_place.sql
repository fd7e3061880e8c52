-- By the events from $2 to $3 households live in the successor from the day on, and lived where they did until then. Spells that were
-- open were superseded at this instant ($1); who had none lives there since it is registered. A spell that begins later than the day
-- is of the successor as a whole.
insert into household_place (household_id, area_code, valid_from, reason_in, valid_to, reason_out, recorded_at, event_id)
with former as (
  select v.id, min(v.valid_from) as since from household_history v
  where v.superseded_at <= $1
    and v.id in (select e.household_id from event e where e.id >= $2 and e.id <= $3) group by v.id
), turned as (
  select e.id as event_id, e.household_id, e.kind, e.area_before, e.area_after, e.happened_on,
    coalesce(p.reason_in, 'registered') as reason_in,
    coalesce(p.valid_from, case when f.since < h.valid_from then f.since else h.valid_from end) as since
  from event e
  join household h on h.id = e.household_id
  left join household_place p on p.household_id = e.household_id and p.superseded_at = $1 and p.valid_to is null
  left join former f on f.id = e.household_id
  where e.id >= $2 and e.id <= $3
)
select t.household_id, t.area_before, t.since, t.reason_in, t.happened_on, t.kind, cast($1 as bigint), t.event_id
from turned t where t.since < t.happened_on
union all
select t.household_id, t.area_after, case when t.since < t.happened_on then t.happened_on else t.since end, t.kind, null, null,
  cast($1 as bigint), t.event_id
from turned t
