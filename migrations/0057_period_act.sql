-- What was done to a year's books: closed, asked to be reopened, reopened by a second person. The last act says how the year
-- stands; a year without any is open.
create table period_act (
  id bigint primary key,
  policy_year bigint not null,
  act text not null,
  actor text not null,
  reason text not null,
  on_day text not null,
  recorded_at bigint not null,
  constraint period_act_known check (act in ('close', 'ask', 'reopen'))
);
create index period_act_year on period_act (policy_year, id);
