select item, sum(amount_fen) as paid_fen, count(*) as payments
from student_aid
where person_id = {person}
  and paid_on >= date '{from_year}-01-01' and paid_on <= date '{from_year}-12-31'
group by item
order by item
