-- Rows of the pack's datasets: one table for all kinds of files, so that a new kind needs no migration.

-- `fields` is a JSON object of the columns that may be read by anybody in scope; `sealed` is a JSON object of names,
-- identity numbers, phones and what the pack marks sensitive, encrypted.
create table record (
  id bigint primary key,
  dataset text not null,
  record_key text not null,
  area_code text not null,
  household_id bigint,
  person_id bigint,
  fields text not null,
  sealed blob,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null,
  recorded_at bigint not null,
  superseded_at bigint
);
create unique index record_current on record (dataset, record_key) where superseded_at is null;
create index record_by_area on record (dataset, area_code, record_key) where superseded_at is null;
create index record_by_household on record (household_id) where superseded_at is null and household_id is not null;
create index record_by_person on record (person_id) where superseded_at is null and person_id is not null;
