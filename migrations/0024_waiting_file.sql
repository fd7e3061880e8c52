-- Files of lists that decide something wait here, sealed, until a second person confirms them. Before that nothing of
-- them stands anywhere else; afterwards their content is gone from here and the line stays.

create table waiting_file (
  id bigint primary key,
  import_run_id bigint not null references import_run (id),
  name text not null,
  root text,
  digest text not null,
  byte_count bigint not null,
  layouts text not null,
  actor text not null,
  sender_role text,
  within_area text,
  state text not null constraint waiting_file_state
    check (state in ('waiting', 'confirmed', 'taken', 'discarded')),
  recorded_at bigint not null,
  decided_by text,
  decided_at bigint,
  reason text,
  constraint waiting_file_decided check ((decided_by is null) = (decided_at is null)),
  constraint waiting_file_second check ((state = 'waiting') = (decided_by is null)),
  constraint waiting_file_two check (decided_by <> actor or state = 'discarded')
);
create index waiting_file_by_run on waiting_file (import_run_id, id);
create index waiting_file_by_state on waiting_file (state, id);

-- The content of a waiting file in pieces, each sealed.
create table waiting_piece (
  waiting_file_id bigint not null references waiting_file (id),
  seq bigint not null,
  sealed blob not null,
  primary key (waiting_file_id, seq)
);
