-- What a file is beside its bytes. It counts once for its content, the office that sent it and the rules it was read by (pack, names
-- of areas), so that what was refused for reasons that have changed can be tried again; and its state stands in columns.
drop index source_file_imported_once;
alter table source_file add column sender text not null default 'OPERATOR';
alter table source_file add column rules_digest text not null default '';
-- The file in which this delivery first came, where it was tried again.
alter table source_file add column first_id bigint;
-- Why the file no longer counts: a newer version came, it left its folder, or it was tried again.
alter table source_file add column ended_as text constraint source_file_end_known
  check (ended_as in ('replaced', 'withdrawn', 'repeated'));
alter table source_file add column ended_at bigint;
update source_file set ended_as = 'withdrawn', ended_at = recorded_at where digest like '% withdrawn %';
update source_file set ended_as = 'replaced', ended_at = recorded_at
  where digest like '% replaced %' and ended_as is null;
update source_file set digest = substr(digest, 1, 64) where digest like '% %';
create unique index source_file_counts_once on source_file (digest, sender, rules_digest)
  where state = 'imported' and ended_as is null;
create index source_file_by_name on source_file (name, sender) where state = 'imported';

-- The counties whose rows a file holds, each as six digits (the whole city's code is filled up with zeros): a newer version
-- takes back rows of these only.
create table source_file_county (
  source_file_id bigint not null references source_file (id),
  area_code text not null,
  primary key (source_file_id, area_code)
);
insert into source_file_county (source_file_id, area_code)
  select distinct r.source_file_id, substr(r.area_code || '0000', 1, 6) from record r
  join source_file f on f.id = r.source_file_id;
insert into source_file_county (source_file_id, area_code)
  select distinct l.source_file_id, substr(l.area_code || '0000', 1, 6) from village_ledger l
  join source_file f on f.id = l.source_file_id
  where not exists (select 1 from source_file_county c where c.source_file_id = l.source_file_id
    and c.area_code = substr(l.area_code || '0000', 1, 6));

-- Files of an import that had come before and were not read again.
create table known_file (
  import_run_id bigint not null references import_run (id),
  name text not null,
  source_file_id bigint not null references source_file (id),
  primary key (import_run_id, name)
);

-- Rows that an import took back: which, of which file and county, and why.
create table withdrawn_row (
  import_run_id bigint not null references import_run (id),
  list text not null,
  row_id bigint not null,
  source_file_id bigint not null references source_file (id),
  source_row bigint not null,
  area_code text not null,
  reason text not null constraint withdrawn_row_reason_known check (reason in ('replaced', 'gone')),
  primary key (import_run_id, list, row_id)
);
