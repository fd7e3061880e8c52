-- The row that names somebody who is in no household of the register: read again within the hour, also by way of another
-- server, it counts once.
alter table person_read add column row_id bigint;
