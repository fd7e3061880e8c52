-- How often a sender was told that a key stands elsewhere: each such answer tells that a row exists where the sender may not
-- look, so an area gets only so many a day.
create table elsewhere_answer (
  source_file_id bigint primary key references source_file (id),
  area_code text not null,
  answers bigint not null constraint elsewhere_answer_counts check (answers > 0),
  answered_at bigint not null
);
create index elsewhere_answer_by_area on elsewhere_answer (area_code, answered_at);
