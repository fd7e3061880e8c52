-- Records that stand and have no case, by keyset over their keys.
select r.id, r.record_key, r.area_code, r.household_id, r.fields from record r
where r.dataset = $1 and r.record_key > $2 and r.superseded_at is null
  and not exists (
    select 1 from case_file c where c.source_record = r.id and c.superseded_at is null)
order by r.record_key limit $3
