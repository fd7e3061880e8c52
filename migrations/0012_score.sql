-- Scores of an assessment, frozen with what they were computed from. An accepted appeal adds a revision; nothing is
-- overwritten, so the score that was shown on any day can be shown again.

create table score_run (
  id bigint primary key,
  scheme text not null,
  policy_year bigint not null,
  snapshot_digest text not null,
  pack_digest text not null,
  digest text not null,
  frozen_at bigint not null,
  revision bigint not null,
  state text not null constraint score_run_state_known
    check (state in ('frozen', 'confirmed', 'published'))
);
create index score_run_by_scheme on score_run (scheme, policy_year, id);

-- One indicator of one object; `raw` and `points` are exact decimals as text.
create table score_item (
  run_id bigint not null references score_run (id),
  revision bigint not null,
  object text not null,
  position bigint not null,
  item text not null,
  raw text,
  points text not null,
  lost text not null,
  left_out boolean not null,
  primary key (run_id, revision, object, item)
);

create table score_total (
  run_id bigint not null references score_run (id),
  revision bigint not null,
  object text not null,
  base text not null,
  deduct text not null,
  bonus text not null,
  vetoes text not null,
  total text,
  grade text,
  place bigint,
  group_id text,
  group_place bigint,
  incomplete text not null,
  primary key (run_id, revision, object)
);

-- Every value that went in, as an exact fraction, so that a corrected value scores the rest unchanged.
create table score_input (
  run_id bigint not null references score_run (id),
  revision bigint not null,
  object text not null,
  kind text not null constraint score_input_kind_known check (kind in ('value', 'count', 'veto')),
  name text not null,
  numerator text not null,
  denominator text not null,
  primary key (run_id, revision, object, kind, name)
);

create table score_appeal (
  id bigint primary key,
  run_id bigint not null references score_run (id),
  object text not null,
  item text not null,
  reason text not null,
  state text not null constraint score_appeal_state_known
    check (state in ('open', 'accepted', 'rejected')),
  opened_at bigint not null,
  decided_at bigint,
  answer text,
  raw_corrected text,
  revision bigint,
  constraint score_appeal_decided check ((state = 'open') = (decided_at is null))
);
create index score_appeal_by_run on score_appeal (run_id, state, id);
