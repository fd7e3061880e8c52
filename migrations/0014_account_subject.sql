-- Whom an account stands for: the number of a household or of a helper; none for those in office.

alter table app_user add column subject text;
