select claim_no, kind, hospital_level, settled_on, total_fen, eligible_fen,
  basic_paid_fen, critical_paid_fen, assistance_paid_fen, self_paid_fen
from claim
where person_id = {person}
  and settled_on >= date '{from_year}-01-01' and settled_on <= date '{from_year}-12-31'
order by settled_on, claim_no
