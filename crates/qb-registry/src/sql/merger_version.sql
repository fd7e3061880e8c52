-- The versions that households had until the events from $3 to $4 go to their history.
insert into household_history (id, household_no, area_code, group_name, member_count, household_class, cause_main, cause_other,
  dangerous_house, water_safe, water_short, income_reported_fen, phone_sealed, source_row, row_digest, valid_from, recorded_at,
  source_file_id, valid_to, superseded_at)
select h.id, h.household_no, h.area_code, h.group_name, h.member_count, h.household_class, h.cause_main, h.cause_other,
  h.dangerous_house, h.water_safe, h.water_short, h.income_reported_fen, h.phone_sealed, h.source_row, h.row_digest, h.valid_from,
  h.recorded_at, h.source_file_id, cast($1 as text), cast($2 as bigint)
from household h
where h.id in (select e.household_id from event e where e.id >= $3 and e.id <= $4)
