-- Villages that are designated or have a ledger of the year, as was known by an instant ($2); one that ended by the day ($6) is none.
select a.code, d.id is not null, d.designated_year, l.id is not null
from area a
left join designation d on d.kind = $1 and d.area_code = a.code and d.valid_to is null
  and d.recorded_at <= $2 and (d.superseded_at is null or d.superseded_at > $2)
left join village_ledger l on l.area_code = a.code and l.policy_year = $3
  and l.recorded_at <= $2 and (l.superseded_at is null or l.superseded_at > $2)
where a.level = 'village' and a.valid_to is null and a.code >= $4 and a.code < $5
  and (d.id is not null or l.id is not null)
  and not exists (select 1 from area_successor s where s.code = a.code and s.changed_on <= $6
    and s.recorded_at <= $2 and (s.superseded_at is null or s.superseded_at > $2))
order by a.code
