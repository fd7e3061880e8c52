-- Households that split and join: a new household begins on the day it happened, one that joined another ends on it. Neither is
-- written over its past: a household keeps its row, and its life is a spell of its own. Events know two effects more, with what
-- becomes of each member; a check cannot be widened in both stores, so the tables of events are made anew.
alter table event rename to former_event;
alter table event_step rename to former_event_step;
alter table household_place rename to former_household_place;

create table event (
  id bigint primary key,
  -- The pack's word.
  kind text not null,
  effect text not null constraint event_effect_known
    check (effect in ('move', 'head_change', 'left', 'return', 'join', 'change', 'split', 'merge')),
  -- The household; the one that splits, or that joins another.
  household_id bigint not null,
  -- The new head, also of a new household, who left, came back or joined, or whose row changes; none of a move, of a household
  -- that joins another, or before somebody has joined.
  person_id bigint,
  -- The former head.
  other_id bigint,
  area_before text,
  area_after text,
  relation_before text,
  relation_after text,
  other_before text,
  other_after text,
  -- The new household once there is one, or the one that is joined, with its number as it was stated.
  other_household_id bigint,
  other_household_no text,
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
  constraint event_move_has_areas
    check (effect not in ('move', 'split', 'merge') or (area_before is not null and area_after is not null)),
  constraint event_is_of_somebody check (effect in ('move', 'join', 'change', 'merge') or person_id is not null),
  constraint event_has_other_household check (effect not in ('split', 'merge') or other_household_no is not null),
  constraint event_has_origin check (source_file_id is not null or proposed_why is not null)
);
insert into event (id, kind, effect, household_id, person_id, other_id, area_before, area_after, relation_before, relation_after,
  other_before, other_after, happened_on, known_at, source_file_id, source_row, paper, proposed_why, stated_sealed, doubt,
  proposed_by, state, decided_by, decided_at, decided_why)
  select id, kind, effect, household_id, person_id, other_id, area_before, area_after, relation_before, relation_after,
    other_before, other_after, happened_on, known_at, source_file_id, source_row, paper, proposed_why, stated_sealed, doubt,
    proposed_by, state, decided_by, decided_at, decided_why
  from former_event;

create table event_step (
  event_id bigint not null references event (id),
  seq bigint not null,
  state text not null,
  actor text not null,
  stepped_at bigint not null,
  reason text not null,
  primary key (event_id, seq)
);
insert into event_step (event_id, seq, state, actor, stepped_at, reason)
  select event_id, seq, state, actor, stepped_at, reason from former_event_step;

create table household_place (
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
insert into household_place (household_id, area_code, valid_from, reason_in, valid_to, reason_out, recorded_at, superseded_at,
  event_id)
  select household_id, area_code, valid_from, reason_in, valid_to, reason_out, recorded_at, superseded_at, event_id
  from former_household_place;

drop table former_household_place;
drop table former_event_step;
drop table former_event;
-- append only: event_step
create index event_by_state on event (state, id);
create index event_by_household on event (household_id, kind, id);
create index event_by_other_household on event (other_household_id) where other_household_id is not null;
create index event_by_decision on event (decided_at);
create index household_place_by_household on household_place (household_id, recorded_at);

-- What becomes of a member: whether it goes to the other household, and what it is to the head there or here.
create table event_part (
  event_id bigint not null references event (id),
  person_id bigint not null,
  goes boolean not null,
  relation_before text,
  relation_after text,
  primary key (event_id, person_id)
);
-- append only: event_part

-- When a household began by an event and ended by one; one without a row began before there were events and has not ended. A
-- split that was undone leaves a household that ended on the day it began: it never was, and its number is free again.
create table household_life (
  household_id bigint not null,
  began_on text,
  -- The household it comes from.
  from_id bigint,
  ended_on text,
  -- The household it went into.
  into_id bigint,
  recorded_at bigint not null,
  superseded_at bigint,
  event_id bigint not null references event (id),
  constraint household_life_says_something check (began_on is not null or ended_on is not null),
  constraint household_life_in_order check (began_on is null or ended_on is null or began_on <= ended_on)
);
create index household_life_by_household on household_life (household_id, recorded_at);
