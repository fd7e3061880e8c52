-- Finding people by the beginning of their name. A first load builds it after its rows, like those of 0004.

create index person_by_name_key on person (name_key);
