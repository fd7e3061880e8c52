-- Lists of what was known walk the places of one village at a time.
create index household_place_by_area on household_place (area_code, household_id);
