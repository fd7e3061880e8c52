-- Needs found and promises made on visits, so that an open promise is a task of somebody.

create table visit_need (
  record_id bigint primary key,
  visit_no text not null,
  household_no text not null,
  household_id bigint,
  area_code text not null,
  helper_no text not null,
  visited_on text not null,
  need text,
  promised_until text,
  done_on text
);
create index visit_need_open on visit_need (area_code, promised_until) where promised_until is not null and done_on is null;
create index visit_need_by_helper on visit_need (helper_no, promised_until);
