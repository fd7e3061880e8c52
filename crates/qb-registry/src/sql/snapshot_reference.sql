select fact_id, area_code, policy_year, value_micro, unit, source
from reference_value
where superseded_at is null
order by fact_id, area_code, policy_year
