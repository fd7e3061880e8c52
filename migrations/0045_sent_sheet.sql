-- What stood above refused rows in the sheet they came in: titles, heads, units, years. A corrected row means the same
-- amount, year and day only below the same words. Sealed, since a title may name a person.
create table sent_sheet (
  source_file_id bigint not null references source_file (id),
  sheet text not null,
  layout text not null,
  head_row bigint not null constraint sent_sheet_head_row_known check (head_row >= 0),
  shift bigint not null constraint sent_sheet_shift_known check (shift >= 0),
  top_sealed blob not null,
  primary key (source_file_id, sheet)
);

-- Rows kept before hold the cells of their layout in its order; whole ones hold every cell of the sheet with its kind.
alter table refused_row add column is_whole boolean not null default false;
