-- What every link stands on: areas as dated facts, users and sessions, jobs, settings, the audit chain.

create table area (
  code text not null,
  name text not null,
  name_key text not null,
  level text not null constraint area_level_known
    check (level in ('province', 'city', 'county', 'town', 'village')),
  parent_code text,
  valid_from text not null,
  valid_to text,
  primary key (code, valid_from)
);
create index area_by_parent on area (parent_code, name_key);

-- Other names under which files call an area, confirmed once and remembered.
create table area_alias (
  parent_code text not null,
  name_key text not null,
  area_code text not null,
  source text not null,
  primary key (parent_code, name_key)
);

-- Which area took over from which when villages merge, split or change code.
create table area_successor (
  code text not null,
  successor_code text not null,
  changed_on text not null,
  primary key (code, successor_code)
);

create table audit (
  seq bigint primary key,
  at_at bigint not null,
  actor text not null,
  action text not null,
  object text not null,
  before_digest text,
  after_digest text,
  reason text not null,
  previous_hash text not null,
  hash text not null
);

create table app_user (
  id bigint primary key,
  login text not null constraint app_user_login_unique unique,
  display_name text not null,
  role text not null,
  area_code text not null,
  password_hash text not null,
  failed_count bigint not null,
  locked_until_at bigint,
  created_at bigint not null,
  disabled_at bigint
);

-- Sessions are stored under a keyed hash of their token, so a copy of the table opens nothing.
create table session (
  token_hash text primary key,
  user_id bigint not null references app_user (id),
  csrf_token text not null,
  created_at bigint not null,
  seen_at bigint not null
);
create index session_by_user on session (user_id);

-- Long work and feedback between links. A job is idempotent and is claimed for the length of a lease.
create table job (
  id bigint primary key,
  kind text not null,
  payload text not null,
  state text not null constraint job_state_known
    check (state in ('queued', 'running', 'done', 'failed')),
  attempt bigint not null,
  attempt_max bigint not null,
  lease_until_at bigint,
  created_at bigint not null,
  finished_at bigint,
  message text
);
create index job_by_state on job (state, id);

create table setting (
  name text primary key,
  value text not null
);
