-- What the register was when an import ended, and the day on which the office worked then: a file of which something was left
-- open for either is tried again once it is another, however it became so.
alter table import_run add column register_mark text;
alter table import_run add column worked_on text;
