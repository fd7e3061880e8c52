-- Access paths of the register. A file of its own, because a first load builds them after its rows.

create unique index household_no_unique on household (household_no);
create index household_by_area on household (area_code, id);
create unique index person_no_unique on person (person_no);
create unique index person_id_blind_unique on person (id_blind) where id_blind is not null;
create index membership_by_household on membership (household_id, person_id);
create index membership_by_person on membership (person_id);
create index registration_by_household on registration (household_id);
create unique index income_statement_current on income_statement (household_id, policy_year)
  where superseded_at is null;
