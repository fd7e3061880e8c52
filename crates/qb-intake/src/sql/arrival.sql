select f.id, coalesce(f.first_id, f.id), f.import_run_id, f.recorded_at, f.rows_rejected, f.rules_digest,
  (select count(*) from row_fault e where e.source_file_id = f.id and e.code = 'ask_the_city'),
  (select count(*) from row_fault e where e.source_file_id = f.id
    and (e.code in ('household_unlinked', 'person_unlinked')
      or e.severity = 'refused' and e.code in ('household_unknown', 'used_elsewhere', 'F12', 'F14'))),
  (select count(*) from row_fault e where e.source_file_id = f.id and e.code = 'F5'),
  r.register_mark, r.worked_on,
  (select count(*) from source_file n
    where n.id > f.id and n.import_run_id <> f.import_run_id and n.state = 'imported')
from source_file f
join import_run r on r.id = f.import_run_id
where f.digest = $1 and f.sender = $2 and f.state = 'imported' and f.ended_as is null
order by f.id desc limit 1
