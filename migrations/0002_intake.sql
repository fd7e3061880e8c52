-- Files that came in, what was found in them, and what could not be used.

create table import_run (
  id bigint primary key,
  actor text not null,
  state text not null constraint import_run_state_known
    check (state in ('running', 'done', 'failed')),
  started_at bigint not null,
  finished_at bigint,
  rows_read bigint not null,
  rows_accepted bigint not null,
  rows_rejected bigint not null,
  rows_repaired bigint not null
);

-- A file counts once: its digest is unique among imported files.
create table source_file (
  id bigint primary key,
  import_run_id bigint not null references import_run (id),
  name text not null,
  digest text not null,
  byte_count bigint not null,
  layout text,
  encoding text,
  policy_year bigint,
  area_code text,
  state text not null constraint source_file_state_known
    check (state in ('imported', 'refused')),
  rows_read bigint not null,
  rows_accepted bigint not null,
  rows_rejected bigint not null,
  rows_repaired bigint not null,
  message_zh text,
  message_en text,
  recorded_at bigint not null
);
create unique index source_file_imported_once on source_file (digest) where state = 'imported';
create index source_file_by_run on source_file (import_run_id, id);

-- One fault of one row. Messages hold no personal value; refused cells are kept sealed beside.
create table row_fault (
  id bigint primary key,
  source_file_id bigint not null references source_file (id),
  code text not null,
  severity text not null constraint row_fault_severity_known
    check (severity in ('refused', 'repaired', 'warning', 'lead')),
  sheet text not null,
  row_no bigint not null,
  column_no bigint,
  column_label text,
  area_code text,
  message_zh text not null,
  message_en text not null,
  remedy_zh text not null,
  remedy_en text not null
);
create index row_fault_by_file on row_fault (source_file_id, id);

-- The cells of a refused row, sealed, until a corrected row replaces it.
create table refused_row (
  source_file_id bigint not null references source_file (id),
  sheet text not null,
  row_no bigint not null,
  cells_sealed blob not null,
  primary key (source_file_id, sheet, row_no)
);
