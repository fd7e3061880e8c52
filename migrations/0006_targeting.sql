-- Runs of the rules: what was evaluated on which data, and what came out for whom.

create table snapshot (
  digest text primary key,
  as_of_on text not null,
  taken_at bigint not null,
  households bigint not null,
  people bigint not null,
  villages bigint not null
);

create table target_run (
  id bigint primary key,
  snapshot_digest text not null references snapshot (digest),
  pack_id text not null,
  pack_digest text not null,
  engine_version text not null,
  as_of_on text not null,
  started_at bigint not null,
  finished_at bigint not null,
  digest text not null
);

create table clause_result (
  run_id bigint not null references target_run (id),
  position bigint not null,
  clause text not null,
  level text not null,
  true_count bigint not null,
  false_count bigint not null,
  unknown_count bigint not null,
  digest_setwise text not null,
  digest_rowwise text not null,
  milliseconds bigint not null,
  primary key (run_id, clause)
);

-- Verdict counts of one clause in one area, for every level of area.
create table clause_area (
  run_id bigint not null,
  area_code text not null,
  clause text not null,
  true_count bigint not null,
  false_count bigint not null,
  unknown_count bigint not null,
  primary key (run_id, area_code, clause)
) without rowid;

-- Figures computed from rows: an exact decimal (unscaled digits and scale), and the rows it stands on.
create table figure_result (
  run_id bigint not null references target_run (id),
  fact text not null,
  level text not null,
  position bigint not null,
  value_unscaled text,
  value_scale bigint not null,
  row_count bigint not null,
  unknown_count bigint not null,
  primary key (run_id, fact)
);

-- The same figures for every area.
create table figure_area (
  run_id bigint not null,
  area_code text not null,
  fact text not null,
  value_unscaled text,
  value_scale bigint not null,
  row_count bigint not null,
  unknown_count bigint not null,
  primary key (run_id, area_code, fact)
) without rowid;

-- Verdicts of one subject: the character at `position` (from 0) of a clause answers it: '1' true, '0' false,
-- '?' cannot tell; the character at `position` of a figure says whether the subject is among its rows.
-- Only the newest run is kept here; a run is evaluated again from its snapshot at any time.
create table verdict (
  run_id bigint not null,
  level text not null,
  area_code text not null,
  subject_id bigint not null,
  verdicts text not null,
  primary key (run_id, level, area_code, subject_id)
) without rowid;
create index verdict_by_subject on verdict (level, subject_id);
