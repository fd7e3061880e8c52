-- What happens to households and persons of the register: a move, a change of head, somebody who left or came back. A newer
-- roster proposes events; sure ones apply at once, doubtful ones wait until somebody decides. One that applied can be undone.
create table register_event (
  id bigint primary key,
  kind text not null constraint register_event_kind_known check (kind in ('move', 'head_change', 'left', 'return')),
  household_id bigint not null,
  -- The new head, or who left or came back; none of a move.
  person_id bigint,
  -- The former head.
  other_id bigint,
  area_before text,
  area_after text,
  relation_before text,
  relation_after text,
  other_before text,
  other_after text,
  -- The day from which it holds in the world, and the instant we learnt of it.
  happened_on text not null,
  known_at bigint not null,
  source_file_id bigint not null references source_file (id),
  source_row bigint not null,
  -- Why it did not apply at once; none where it was sure.
  doubt text,
  proposed_by text not null,
  state text not null constraint register_event_state_known check (state in ('PROPOSED', 'APPLIED', 'REJECTED', 'UNDONE')),
  -- The last decision; who decided before stands among the steps.
  decided_by text,
  decided_at bigint,
  decided_why text,
  constraint register_event_move_has_areas check (kind <> 'move' or (area_before is not null and area_after is not null)),
  constraint register_event_is_of_somebody check (kind = 'move' or person_id is not null)
);
create index register_event_by_state on register_event (state, id);
create index register_event_by_household on register_event (household_id, kind, id);

-- Every state an event was in: it is never forgotten that something applied or was undone.
create table register_event_step (
  event_id bigint not null references register_event (id),
  seq bigint not null,
  state text not null,
  actor text not null,
  stepped_at bigint not null,
  reason text not null,
  primary key (event_id, seq)
);
-- append only: register_event_step

-- Where a household lived from when to when, for households that moved; one that never did lives where its row says. A spell is
-- closed and another opened; what was known before keeps its row with `superseded_at`.
create table household_place (
  household_id bigint not null,
  area_code text not null,
  valid_from text not null,
  reason_in text not null,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  event_id bigint not null references register_event (id)
);
create index household_place_by_household on household_place (household_id, recorded_at);

-- Which event closed or opened a spell of membership.
alter table membership_history add column event_id bigint;
