-- What a step of a case tells beside its papers: how many were in favour, who took it together with the actor, and in which
-- term whoever signed held the post. A step that was taken before has none of them, and its seal stays as it is.
alter table case_event add column votes bigint;
alter table case_event add column second text;
alter table case_event add column signatory text;
