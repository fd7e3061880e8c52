-- Who took a step that a record tells of, by the number the office gave that person, and the number under which its papers
-- are kept. Both are blank for steps that people took here: those have `actor` and `evidence`.
alter table case_event add column told_by text;
alter table case_event add column paper text;
