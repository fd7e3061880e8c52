select p.id, h.id, h.area_code, p.birth_on, p.sex, p.ethnicity, p.relation, p.education,
  p.school_status, p.out_of_school_reason, p.health, p.labour, p.work_place, p.work_months,
  p.medical_insured, p.critical_ill_insured
from household h
join person p on p.household_id = h.id and p.member_from <= $1
where h.area_code >= $2 and h.area_code < $3
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and (l.began_on > $1 or l.ended_on <= $1))
union all
select p.id, h.id, h.area_code, p.birth_on, p.sex, p.ethnicity, m.relation, p.education,
  p.school_status, p.out_of_school_reason, p.health, p.labour, p.work_place, p.work_months,
  p.medical_insured, p.critical_ill_insured
from household h
join membership_history m on m.household_id = h.id and m.superseded_at is null
  and m.valid_from <= $1 and m.valid_to > $1
join person p on p.id = m.person_id
where h.area_code >= $2 and h.area_code < $3
  and not exists (select 1 from household_life l where l.household_id = h.id and l.superseded_at is null
    and (l.began_on > $1 or l.ended_on <= $1))
order by 3, 2, 1
