-- Sign-ins that did not succeed are counted by name and by where they come from, so that nobody can lock the account of
-- another by its name. The name is kept as a keyed hash: a name that nobody has counts like one that somebody has, and a
-- password typed into the wrong field lies nowhere. `failed_count` and `locked_until_at` of `app_user` are no longer read.
create table sign_in_try (
  name_hash text not null,
  source text not null,
  address text not null,
  looked_count bigint not null constraint sign_in_try_looked_counted check (looked_count >= 0),
  refused_count bigint not null constraint sign_in_try_refused_counted check (refused_count >= 0),
  wait_until_at bigint not null,
  last_at bigint not null,
  primary key (name_hash, source)
);
create index sign_in_try_by_address on sign_in_try (address, last_at);

-- Browsers in which a name has signed in before: they are counted apart from the address they share with others.
create table sign_in_device (
  name_hash text not null,
  device_hash text not null,
  used_at bigint not null,
  primary key (name_hash, device_hash)
);
