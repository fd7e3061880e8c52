select fact_id, area_code, policy_year, value_micro, unit,
  case when document is null or document = '' then source else document || '；' || source end
from reference_value
where superseded_at is null
order by fact_id, area_code, policy_year
