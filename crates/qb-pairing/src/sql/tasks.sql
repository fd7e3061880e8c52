select record_id, visit_no, household_no, household_id, area_code, helper_no, visited_on, need,
  promised_until
from visit_need
where promised_until is not null and done_on is null
  and area_code >= $1 and area_code < $2 and promised_until < $3
  and (helper_no = $4 or $4 = '') and (promised_until, record_id) > ($5, $6)
order by promised_until, record_id
limit $7
