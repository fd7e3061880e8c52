-- A list too long to leave on one person's word: asked for by one, agreed to by another, handed out once.

-- `digest` is over the address, the query and the format; `address` and `query` hold no search words about persons.
create table export_request (
  id bigint primary key,
  user_id bigint not null references app_user (id),
  action text not null,
  area_code text not null,
  digest text not null,
  object text not null,
  reason text not null,
  persons bigint not null,
  requested_at bigint not null,
  decided_by bigint references app_user (id),
  decided_at bigint,
  is_agreed boolean,
  handed_out_at bigint,
  constraint export_request_second_person check (decided_by is null or decided_by <> user_id),
  constraint export_request_decision check ((decided_by is null) = (decided_at is null)
    and (decided_by is null) = (is_agreed is null))
);
create index export_request_by_user on export_request (user_id, requested_at);
create index export_request_open on export_request (area_code) where decided_by is null;
