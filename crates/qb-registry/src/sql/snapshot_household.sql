select h.id, h.area_code, h.member_count, h.household_class, h.exit_status, h.exit_year,
  h.identified_on, h.cause_main, h.cause_other, h.dangerous_house, h.water_safe, h.water_short,
  h.income_reported_fen
from household h
where h.area_code >= $1 and h.area_code < $2
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and (l.began_on > $3 or l.ended_on <= $3))
order by h.area_code, h.id
