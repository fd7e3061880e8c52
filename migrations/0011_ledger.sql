-- The ledger of public money: accounts, balanced entries, and what could not be posted.
-- Entries and postings are only ever added; what was wrong is reversed by another entry.

create table ledger_account (
  id bigint primary key,
  code text not null constraint ledger_account_code unique,
  kind text not null,
  area_code text not null,
  level text,
  year bigint,
  source text,
  purpose text,
  project_no text,
  household_no text,
  since_on text
);
create index ledger_account_by_kind on ledger_account (kind, area_code);
create index ledger_account_by_project on ledger_account (project_no);
create index ledger_account_by_household on ledger_account (household_no);

-- What an account holds; the floor is empty for accounts that money comes from.
create table ledger_balance (
  account_id bigint primary key references ledger_account (id),
  balance_fen bigint not null,
  floor_fen bigint,
  constraint ledger_balance_floor check (floor_fen is null or balance_fen >= floor_fen)
);

-- `describes`: accounts as this entry opens or describes them (JSON). `content_digest` is over what the entry says,
-- `chain_digest` over it and all entries before.
create table ledger_entry (
  id bigint primary key,
  client_id text not null constraint ledger_entry_client unique,
  kind text not null,
  on_day text not null,
  reason text not null,
  reverses_id bigint constraint ledger_entry_reversed_once unique references ledger_entry (id),
  source_record bigint,
  describes text,
  content_digest text not null,
  chain_digest text not null,
  recorded_at bigint not null
);
create index ledger_entry_by_record on ledger_entry (source_record);

create table ledger_posting (
  entry_id bigint not null references ledger_entry (id),
  seq bigint not null,
  account_id bigint not null references ledger_account (id),
  amount_fen bigint not null constraint ledger_posting_amount check (amount_fen <> 0),
  primary key (entry_id, seq)
) without rowid;
create index ledger_posting_by_account on ledger_posting (account_id, entry_id);

-- append only: ledger_entry
-- append only: ledger_posting

-- Records that could not be posted, with the reason; figures stand without them.
create table ledger_refusal (
  record_id bigint primary key,
  dataset text not null,
  record_key text not null,
  area_code text not null,
  code text not null,
  message_zh text not null,
  message_en text not null,
  recorded_at bigint not null
);
create index ledger_refusal_by_area on ledger_refusal (area_code, record_id);
