-- What a reader has read since the last reading that is counted: each page asks for it, and without the number in the index it
-- would go through the whole hour each time.
create index person_read_after on person_read (user_id, id);
