-- Cases: what happened to a household, village or project step by step, by whose hand, and what is due next.
-- Steps are only ever added; a case made from a record that changed is superseded by a new one.
-- `deadline_on` is the case's own, as a finding brings one; `due_on` is the nearest of all that run.

create table case_file (
  id bigint primary key,
  machine text not null,
  machine_digest text not null,
  subject_kind text not null,
  subject text not null,
  household_id bigint,
  area_code text not null,
  state text not null,
  opened_on text not null,
  deadline_on text,
  due_on text,
  is_decided boolean not null,
  is_ended boolean not null,
  irregular_count bigint not null,
  version bigint not null,
  source_record bigint,
  recorded_at bigint not null,
  superseded_at bigint,
  superseded_reason text,
  constraint case_file_superseded check ((superseded_at is null) = (superseded_reason is null))
);
create index case_file_by_area on case_file (area_code, due_on);
create index case_file_by_subject on case_file (machine, subject);
create index case_file_by_record on case_file (source_record);

-- One step. A record that tells of a step names no person: `actor` is empty then. `irregular` holds the codes of the guards
-- that a recorded step did not pass, separated by blanks. Steps may be written before their case, within one transaction.
create table case_event (
  case_id bigint not null references case_file (id) deferrable initially deferred,
  seq bigint not null,
  transition text not null,
  is_reject boolean not null,
  from_state text,
  to_state text not null,
  done_on text not null,
  actor text,
  actor_role text,
  actor_area text,
  present bigint,
  entitled bigint,
  sample_share text,
  notice_until_on text,
  evidence text,
  document text,
  reason text,
  irregular text,
  recorded_at bigint not null,
  primary key (case_id, seq)
);
-- append only: case_event

create table case_objection (
  id bigint primary key,
  case_id bigint not null references case_file (id),
  channel text not null,
  document text not null,
  raised_on text not null,
  raised_by text not null,
  state text not null,
  answered_on text,
  answered_by text,
  answer_document text,
  constraint case_objection_state check (state in ('open', 'dismissed', 'upheld', 'settled')),
  constraint case_objection_answer check ((state = 'open') = (answered_on is null))
);
create index case_objection_by_case on case_objection (case_id);

-- What was posted for everyone to read: nothing that tells more than where, who by a masked name, and how many.
create table public_notice (
  id bigint primary key,
  case_id bigint not null references case_file (id),
  event_seq bigint not null,
  area_code text not null,
  group_name text,
  head_masked text not null,
  household_size bigint not null,
  posted_on text not null,
  until_on text not null,
  object_at text not null,
  constraint public_notice_once unique (case_id, event_seq),
  constraint public_notice_days check (until_on > posted_on)
);
create index public_notice_by_area on public_notice (area_code, until_on);
