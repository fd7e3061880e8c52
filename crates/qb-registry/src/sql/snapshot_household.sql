select h.id, h.area_code, h.member_count, h.household_class, r.exit_status, r.exit_year,
  r.identified_on, h.cause_main, h.cause_other, h.dangerous_house, h.water_safe, h.water_short,
  h.income_reported_fen
from household h
left join registration r on r.household_id = h.id and r.superseded_at is null
where h.area_code >= $1 and h.area_code < $2
order by h.area_code, h.id, r.valid_from desc
