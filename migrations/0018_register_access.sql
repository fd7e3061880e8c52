-- Access paths of the register, all of them: a first load drops them and builds them after its rows, from this text.

create unique index if not exists household_no_unique on household (household_no);
create index if not exists household_by_area on household (area_code, id);
create unique index if not exists person_no_unique on person (person_no);
create unique index if not exists person_id_blind_unique on person (id_blind) where id_blind is not null;
create index if not exists person_by_household on person (household_id);
create index if not exists person_by_name_key on person (name_key);
create unique index if not exists income_statement_current on income_statement (household_id, policy_year)
  where superseded_at is null;
