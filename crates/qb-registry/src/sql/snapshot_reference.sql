-- Outside values that were known by an instant.
select fact_id, area_code, policy_year, value_micro, unit,
  case when document is null or document = '' then source else document || '；' || source end
from reference_value
where recorded_at <= $1 and (superseded_at is null or superseded_at > $1)
order by fact_id, area_code, policy_year
