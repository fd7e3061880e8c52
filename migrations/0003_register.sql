-- The register: households, persons, membership and registration spells, incomes.
-- `household` and `person` hold the version valid and known now; replaced versions move to the history tables.

create table household (
  id bigint primary key,
  household_no text not null,
  area_code text not null,
  group_name text,
  member_count bigint,
  household_class text,
  cause_main text,
  cause_other text,
  dangerous_house boolean,
  water_safe boolean,
  water_short boolean,
  income_reported_fen bigint,
  phone_sealed blob,
  valid_from text not null,
  recorded_at bigint not null,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null
);

create table household_history (
  id bigint not null,
  household_no text not null,
  area_code text not null,
  group_name text,
  member_count bigint,
  household_class text,
  cause_main text,
  cause_other text,
  dangerous_house boolean,
  water_safe boolean,
  water_short boolean,
  income_reported_fen bigint,
  phone_sealed blob,
  valid_from text not null,
  recorded_at bigint not null,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null,
  valid_to text not null,
  superseded_at bigint not null
);
create index household_history_by_id on household_history (id, superseded_at);

create table person (
  id bigint primary key,
  person_no text not null,
  name text not null,
  name_key text not null,
  id_kind text,
  id_sealed blob,
  id_blind blob,
  sex text,
  birth_on text,
  ethnicity text,
  education text,
  school_status text,
  out_of_school_reason text,
  health text,
  labour text,
  work_place text,
  work_months bigint,
  medical_insured boolean,
  critical_ill_insured boolean,
  valid_from text not null,
  recorded_at bigint not null,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null
);

create table person_history (
  id bigint not null,
  person_no text not null,
  name text not null,
  name_key text not null,
  id_kind text,
  id_sealed blob,
  id_blind blob,
  sex text,
  birth_on text,
  ethnicity text,
  education text,
  school_status text,
  out_of_school_reason text,
  health text,
  labour text,
  work_place text,
  work_months bigint,
  medical_insured boolean,
  critical_ill_insured boolean,
  valid_from text not null,
  recorded_at bigint not null,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null,
  valid_to text not null,
  superseded_at bigint not null
);
create index person_history_by_id on person_history (id, superseded_at);

-- Who lives with whom, from when to when, and why it began and ended.
create table membership (
  person_id bigint not null,
  household_id bigint not null,
  relation text,
  valid_from text not null,
  reason_in text not null,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null
);

-- Registered status of a household under a scheme: opened at identification, closed at exit.
create table registration (
  household_id bigint not null,
  scheme text not null,
  valid_from text not null,
  reason_in text not null,
  identified_on text,
  exit_status text,
  exit_year bigint,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null
);

create table income_statement (
  id bigint primary key,
  household_id bigint not null,
  policy_year bigint not null,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null,
  source_row bigint not null,
  row_digest bigint not null
);

create table income_item (
  statement_id bigint not null,
  item text not null,
  amount_fen bigint not null constraint income_item_in_range
    check (amount_fen between -1000000000000000 and 1000000000000000),
  primary key (statement_id, item)
) without rowid;
