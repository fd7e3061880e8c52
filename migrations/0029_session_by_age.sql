-- Sessions that are over are looked for by their age, and removed while the server runs.
create index session_by_age on session (created_at);
