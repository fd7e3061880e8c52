-- Who lives where, and under what a household is registered, stands in the person's and the household's own row for as long as
-- it is so: a row less for every person and every household. What ended or was replaced is kept in the history tables.

alter table person add column household_id bigint;
alter table person add column relation text;
alter table person add column member_from text;
alter table person add column member_reason_in text;
alter table person add column member_recorded_at bigint;
alter table person add column member_file_id bigint;

update person set (household_id, relation, member_from, member_reason_in, member_recorded_at, member_file_id) =
  (select m.household_id, m.relation, m.valid_from, m.reason_in, m.recorded_at, m.source_file_id from membership m
    where m.person_id = person.id and m.superseded_at is null and m.valid_to is null
    order by m.recorded_at desc, m.household_id limit 1);

create table membership_history (
  person_id bigint not null,
  household_id bigint not null,
  relation text,
  valid_from text not null,
  reason_in text not null,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null
);
insert into membership_history (person_id, household_id, relation, valid_from, reason_in, valid_to, reason_out, recorded_at,
  superseded_at, source_file_id)
  select m.person_id, m.household_id, m.relation, m.valid_from, m.reason_in, m.valid_to, m.reason_out, m.recorded_at,
    m.superseded_at, m.source_file_id from membership m join person p on p.id = m.person_id
    where m.superseded_at is not null or m.valid_to is not null or m.household_id <> p.household_id
      or m.recorded_at <> p.member_recorded_at;
create index membership_history_by_household on membership_history (household_id, person_id);
create index membership_history_by_person on membership_history (person_id);
drop table membership;

alter table household add column scheme text;
alter table household add column registered_from text;
alter table household add column registered_reason_in text;
alter table household add column identified_on text;
alter table household add column exit_status text;
alter table household add column exit_year bigint;
alter table household add column registered_to text;
alter table household add column registered_reason_out text;
alter table household add column registered_recorded_at bigint;
alter table household add column registered_file_id bigint;

update household set (scheme, registered_from, registered_reason_in, identified_on, exit_status, exit_year, registered_to,
  registered_reason_out, registered_recorded_at, registered_file_id) =
  (select r.scheme, r.valid_from, r.reason_in, r.identified_on, r.exit_status, r.exit_year, r.valid_to, r.reason_out,
    r.recorded_at, r.source_file_id from registration r
    where r.household_id = household.id and r.superseded_at is null
    order by r.valid_from desc, r.recorded_at desc, r.scheme limit 1);

create table registration_history (
  household_id bigint not null,
  scheme text not null,
  valid_from text not null,
  reason_in text not null,
  identified_on text,
  exit_status text,
  exit_year bigint,
  valid_to text,
  reason_out text,
  recorded_at bigint not null,
  superseded_at bigint,
  source_file_id bigint not null
);
insert into registration_history (household_id, scheme, valid_from, reason_in, identified_on, exit_status, exit_year, valid_to,
  reason_out, recorded_at, superseded_at, source_file_id)
  select r.household_id, r.scheme, r.valid_from, r.reason_in, r.identified_on, r.exit_status, r.exit_year, r.valid_to,
    r.reason_out, r.recorded_at, r.superseded_at, r.source_file_id
    from registration r join household h on h.id = r.household_id
    where r.superseded_at is not null or r.valid_from <> h.registered_from or r.recorded_at <> h.registered_recorded_at
      or r.scheme <> h.scheme;
create index registration_history_by_household on registration_history (household_id);
drop table registration;
