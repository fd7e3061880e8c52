-- A row that a person typed is an import of one row, so that it has a file, a line and an audit row like any other; lists of
-- imports leave it out.
alter table import_run add column is_typed boolean not null default false;
create index import_run_by_kind on import_run (is_typed, finished_at);
