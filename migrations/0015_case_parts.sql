-- A case may also be told of by the parts of its record, as a centre's milestones tell of its building. Their number and the
-- sum of their ids say which were read: a changed row has a new, higher id, so the two together never repeat.
alter table case_file add column parts_seen text;
