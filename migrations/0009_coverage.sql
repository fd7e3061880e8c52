-- Coverage of a run: how many of a named set there are, and how many of them nothing reaches.

create table coverage_result (
  run_id bigint not null references target_run (id),
  coverage text not null,
  total bigint not null,
  missing bigint not null,
  primary key (run_id, coverage),
  constraint coverage_result_within check (missing >= 0 and missing <= total)
);

-- The same for every area that has members of the set.
create table coverage_area (
  run_id bigint not null,
  area_code text not null,
  coverage text not null,
  total bigint not null,
  missing bigint not null,
  primary key (run_id, area_code, coverage),
  constraint coverage_area_within check (missing >= 0 and missing <= total)
) without rowid;
