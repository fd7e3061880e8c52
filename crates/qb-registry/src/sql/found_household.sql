update household set phone_sealed = null, (area_code, group_name, member_count, household_class, cause_main, cause_other, dangerous_house,
    water_safe, water_short, income_reported_fen, valid_from, recorded_at, source_file_id, source_row,
    row_digest, scheme, registered_from, registered_reason_in, identified_on, exit_status, exit_year, registered_to,
    registered_reason_out, registered_recorded_at, registered_file_id) =
  (select cast($1 as text), case when o.area_code = $1 then o.group_name end, cast($2 as bigint), o.household_class,
    o.cause_main, o.cause_other, case when o.area_code = $1 then o.dangerous_house end,
    case when o.area_code = $1 then o.water_safe end, case when o.area_code = $1 then o.water_short end,
    o.income_reported_fen, cast($3 as text), cast($4 as bigint), o.source_file_id, o.source_row,
    0, o.scheme, case when o.registered_from > $3 or o.registered_to < $3 then o.registered_from
      when o.scheme is not null then $3 end,
    case when o.scheme is not null then cast($5 as text) end, o.identified_on, o.exit_status, o.exit_year,
    o.registered_to, o.registered_reason_out, case when o.scheme is not null then cast($4 as bigint) end,
    o.registered_file_id
    from household o where o.id = $6)
where id = $7
