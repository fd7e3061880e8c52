-- Village ledgers, dated sets of areas, and figures that come from outside.

create table village_ledger (
  id bigint primary key,
  area_code text not null,
  policy_year bigint not null,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null,
  row_digest bigint not null
);
create unique index village_ledger_current on village_ledger (area_code, policy_year)
  where superseded_at is null;

create table village_ledger_item (
  ledger_id bigint not null references village_ledger (id),
  item text not null,
  amount_fen bigint not null,
  amount_prior_fen bigint,
  one_off_fen bigint,
  evidence text,
  source_row bigint not null,
  primary key (ledger_id, item)
) without rowid;

-- Membership of an area in a dated set: weak villages, priority areas.
create table designation (
  id bigint primary key,
  kind text not null,
  area_code text not null,
  designated_year bigint,
  valid_from text not null,
  reason_in text not null,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null,
  source_row bigint not null
);
create unique index designation_open_once on designation (kind, area_code)
  where valid_to is null and superseded_at is null;

-- A figure somebody else published: shown with its source, never mixed with computed ones.
create table reference_value (
  id bigint primary key,
  fact_id text not null,
  label text not null,
  area_code text,
  policy_year bigint,
  value_micro bigint not null,
  unit text not null,
  source text not null,
  document text,
  published_on text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null,
  source_row bigint not null
);
create index reference_value_by_fact on reference_value (fact_id);
