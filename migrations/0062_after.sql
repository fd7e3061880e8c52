-- What came after something: each page asks for the readings since the last one that is counted, and without the number in the
-- index it would go through the whole hour each time.
create index person_read_after on person_read (user_id, id);

-- Whether anything came after a run: each household's page asks.
create index import_run_by_end on import_run (finished_at);
