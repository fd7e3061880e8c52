-- A row that somebody typed into a list that decides waits like a file of such a list. What it takes the place of, as the
-- person saw it, is compared with what stands when it is confirmed; a new row takes the place of none.
alter table waiting_file add column is_typed boolean not null default false;
alter table waiting_file add column replaces_id bigint;
