-- What was known on a day: access to versions that another took the place of, and the versions of what changed in its own row so
-- far. A version holds until `superseded_at`; the one that holds now stands in the table itself.
create index household_history_by_area on household_history (area_code, id);
create index record_former on record (dataset, area_code, record_key) where superseded_at is not null;
create index income_statement_former on income_statement (household_id, policy_year) where superseded_at is not null;

create table case_version (
  case_id bigint not null references case_file (id),
  seq bigint not null,
  state text not null,
  due_on text,
  is_decided boolean not null,
  is_ended boolean not null,
  irregular_count bigint not null,
  superseded_at bigint not null,
  primary key (case_id, seq)
);
-- append only: case_version

create table ledger_account_version (
  account_id bigint not null references ledger_account (id),
  seq bigint not null,
  area_code text not null,
  level text,
  year bigint,
  source text,
  purpose text,
  since_on text,
  superseded_at bigint not null,
  primary key (account_id, seq)
);
-- append only: ledger_account_version

-- The instant up to which a run knows; none where it knows everything that was there when it began.
alter table target_run add column known_at bigint;
