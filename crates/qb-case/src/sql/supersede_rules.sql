-- Cases that records alone tell of are judged again when the rules change while they are open; a decided or ended case stays as
-- the rules of its time judged it, and one that people go on with keeps its steps.
update case_file set superseded_at = $1, superseded_reason = 'rules_changed'
where superseded_at is null and machine = $2 and machine_digest <> $3
  and not is_decided and not is_ended
  and exists (
    select 1 from record r where r.id = case_file.source_record and r.dataset = $4)
  and not exists (
    select 1 from case_event e where e.case_id = case_file.id and e.actor is not null)
