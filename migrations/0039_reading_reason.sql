-- Why somebody reads more persons than the limit of an hour: each reason opens the limit once more.
create table reading_reason (
  id bigint primary key,
  at_at bigint not null,
  user_id bigint not null references app_user (id),
  reason text not null
);
create index reading_reason_by_user on reading_reason (user_id, at_at);
-- append only: reading_reason
