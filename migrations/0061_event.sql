-- Events of every kind that the pack declares, stated by a roster or by a person: what each does to the register is one of a few
-- effects, what it is called and who decides about it stands in the pack.
create table event (
  id bigint primary key,
  -- The pack's word.
  kind text not null,
  effect text not null constraint event_effect_known
    check (effect in ('move', 'head_change', 'left', 'return', 'join', 'change')),
  household_id bigint not null,
  -- The new head, who left, came back or joined, or whose row changes; none of a move, or before somebody has joined.
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
  -- The file that stated it; none where a person did, who then named a paper and wrote why.
  source_file_id bigint references source_file (id),
  source_row bigint,
  paper text,
  proposed_why text,
  -- What the person stated, by column, sealed.
  stated_sealed blob,
  -- Why it did not apply at once; none where it was sure.
  doubt text,
  proposed_by text not null,
  state text not null constraint event_state_known check (state in ('PROPOSED', 'APPLIED', 'REJECTED', 'UNDONE')),
  -- The last decision; who decided before stands among the steps.
  decided_by text,
  decided_at bigint,
  decided_why text,
  constraint event_move_has_areas check (effect <> 'move' or (area_before is not null and area_after is not null)),
  constraint event_is_of_somebody check (effect in ('move', 'join', 'change') or person_id is not null),
  constraint event_has_origin check (source_file_id is not null or proposed_why is not null)
);
insert into event (id, kind, effect, household_id, person_id, other_id, area_before, area_after, relation_before, relation_after,
  other_before, other_after, happened_on, known_at, source_file_id, source_row, doubt, proposed_by, state, decided_by, decided_at,
  decided_why)
  select id, kind, kind, household_id, person_id, other_id, area_before, area_after, relation_before, relation_after,
    other_before, other_after, happened_on, known_at, source_file_id, source_row, doubt, proposed_by, state, decided_by,
    decided_at, decided_why
  from register_event;

create table event_step (
  event_id bigint not null references event (id),
  seq bigint not null,
  state text not null,
  actor text not null,
  stepped_at bigint not null,
  reason text not null,
  primary key (event_id, seq)
);
-- append only: event_step
insert into event_step (event_id, seq, state, actor, stepped_at, reason)
  select event_id, seq, state, actor, stepped_at, reason from register_event_step;

create table place_spell (
  household_id bigint not null,
  area_code text not null,
  valid_from text not null,
  reason_in text not null,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  event_id bigint not null references event (id)
);
insert into place_spell (household_id, area_code, valid_from, reason_in, valid_to, reason_out, recorded_at, superseded_at,
  event_id)
  select household_id, area_code, valid_from, reason_in, valid_to, reason_out, recorded_at, superseded_at, event_id
  from household_place;
drop table household_place;
alter table place_spell rename to household_place;
create index household_place_by_household on household_place (household_id, recorded_at);

drop table register_event_step;
drop table register_event;
create index event_by_state on event (state, id);
create index event_by_household on event (household_id, kind, id);
create index event_by_decision on event (decided_at);
