-- Each household of the areas that end by a merger ($5) has an event by which it is in the successor; numbers follow one another
-- from $1. Households that had ended by the day stay where they were.
insert into event (id, kind, effect, household_id, area_before, area_after, happened_on, known_at, paper, proposed_why, proposed_by,
  state, decided_by, decided_at, decided_why)
select cast($1 as bigint) + row_number() over (order by h.id) - 1, 'area_merger', 'move', h.id, h.area_code, m.into_code,
  m.happened_on, m.known_at, m.paper, m.reason, m.stated_by, 'APPLIED', cast($2 as text), cast($3 as bigint), cast($4 as text)
from area_merger m
join area_merger_part p on p.merger_id = m.id
join household h on h.area_code = p.area_code
where m.id = $5
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and l.ended_on <= m.happened_on)
