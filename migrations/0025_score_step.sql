-- Who took which step of an assessment: a person who scored does not confirm. Steps are only ever added.
create table score_step (
  run_id bigint not null references score_run (id),
  seq bigint not null,
  step text not null,
  actor text not null,
  taken_on text not null,
  recorded_at bigint not null,
  primary key (run_id, seq)
);
-- append only: score_step
