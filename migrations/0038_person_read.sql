-- Who read whom: pages, lists that left as files, numbers shown in full. Pages note it in memory; it is written behind them.

-- One row for each household read. A list that left as a file is one row without a household: it covers its area.
-- `person_id` stands where a number was shown in full. `persons` counts against the reader's limit of an hour.
create table person_read (
  id bigint primary key,
  at_at bigint not null,
  user_id bigint not null references app_user (id),
  action text not null,
  object text not null,
  area_code text not null,
  household_id bigint,
  person_id bigint,
  persons bigint not null constraint person_read_counts check (persons >= 0)
);
create index person_read_by_household on person_read (household_id, at_at) where household_id is not null;
create index person_read_of_lists on person_read (area_code, at_at) where household_id is null;
create index person_read_by_user on person_read (user_id, at_at);
-- append only: person_read
