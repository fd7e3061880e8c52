-- Villages and towns merge, change their code and are called by other names, and somebody keeps that up: who said so, by which paper,
-- from which day it holds and since when we know it. Nothing of it is written over, so both tables that imports read get spells, and
-- a merger, which two people decide, has its steps.
create table area_merger (
  id bigint primary key,
  -- The area that goes on.
  into_code text not null,
  -- The day from which it holds in the world, and the instant it was stated.
  happened_on text not null,
  known_at bigint not null,
  paper text not null,
  reason text not null,
  stated_by text not null,
  state text not null constraint area_merger_state_known check (state in ('STATED', 'DECIDED', 'REJECTED', 'UNDONE')),
  -- The last decision; who decided before stands among the steps.
  decided_by text,
  decided_at bigint,
  -- The instant from which the register followed it, and the events by which its households did, one after another.
  applied_at bigint,
  first_event_id bigint,
  last_event_id bigint,
  constraint area_merger_was_applied check (state not in ('DECIDED', 'UNDONE') or applied_at is not null)
);
create index area_merger_by_state on area_merger (state, id);
create index area_merger_by_into on area_merger (into_code);

-- The areas that end by it.
create table area_merger_part (
  merger_id bigint not null references area_merger (id),
  area_code text not null,
  primary key (merger_id, area_code)
);
-- append only: area_merger_part
create index area_merger_part_by_area on area_merger_part (area_code);

create table area_merger_step (
  merger_id bigint not null references area_merger (id),
  seq bigint not null,
  state text not null,
  actor text not null,
  stepped_at bigint not null,
  reason text not null,
  primary key (merger_id, seq)
);
-- append only: area_merger_step

alter table area_successor rename to former_area_successor;
create table area_successor (
  code text not null,
  successor_code text not null,
  -- The first day on which the area is no more.
  changed_on text not null,
  recorded_at bigint not null,
  superseded_at bigint,
  merger_id bigint references area_merger (id),
  constraint area_successor_is_another check (code <> successor_code)
);
insert into area_successor (code, successor_code, changed_on, recorded_at)
  select code, successor_code, changed_on, 0 from former_area_successor;
drop table former_area_successor;
create unique index area_successor_stands_once on area_successor (code) where superseded_at is null;
create index area_successor_by_successor on area_successor (successor_code);

alter table area_alias rename to former_area_alias;
create table area_alias (
  id bigint primary key,
  -- The area below which files use the name.
  parent_code text not null,
  -- As it was written, and as it is compared.
  name text not null,
  name_key text not null,
  -- The area meant.
  area_code text not null,
  -- The office's day on which it begins and ends, and the instants at which that was recorded.
  since_on text not null,
  until_on text,
  -- Why it is kept: a paper, or in words.
  source text not null,
  recorded_by text not null,
  recorded_at bigint not null,
  ended_by text,
  ended_why text,
  superseded_at bigint
);
insert into area_alias (id, parent_code, name, name_key, area_code, since_on, source, recorded_by, recorded_at)
  select row_number() over (order by parent_code, name_key), parent_code, name_key, name_key, area_code, '1900-01-01', source, '', 0
  from former_area_alias;
drop table former_area_alias;
create unique index area_alias_stands_once on area_alias (parent_code, name_key) where superseded_at is null;
create index area_alias_by_area on area_alias (area_code);
