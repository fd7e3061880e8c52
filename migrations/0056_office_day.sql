-- The days on which an office worked, where it does not follow the calendar: of a demonstration, fixed when its data directory
-- was made and moved on by hand. Each holds from its instant to that of the next, so what was known on a day can be asked for.
-- Without a row the office works on the real day.
create table office_day (
  id bigint primary key,
  day_on text not null,
  since_at bigint not null
);
create unique index office_day_once on office_day (day_on);
