-- By what a store knows its key again: a value that only the key gives. A missing or another key refuses to start instead of
-- beginning a second chain and a second index of identity numbers.
create table installation (
  id bigint primary key,
  key_check text not null,
  made_at bigint not null,
  constraint installation_one check (id = 1)
);
