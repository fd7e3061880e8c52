#!/usr/bin/env python3
"""What others need for the same file: read, check every row, store persons and households in a database.

usage: peers.py PEER REGISTER_CSV_OR_XLSX DATABASE

PEER is csv, shell, polars, pandas, copy (PostgreSQL), fastexcel. Each prints one line of JSON. All check the same things,
`checks.py` lists them; every one in the way its users would write it, and the answers are compared by `run.py`.
"""
import csv
import json
import sqlite3
import subprocess
import sys
import time

import checks
from checks import AS_OF, BORN_FIRST, CHECK, LABELS, TRUTHS, WEIGHTS, villages

PERSON = ["person_no", "household_no", "name", "id_no", "relation", "ethnicity", "education", "school_status", "health",
          "labour", "work_place", "work_months", "critical_ill", "medical"]
PERSON_AT = [5, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 27]
HOUSEHOLD = ["household_no", "village", "group_name", "member_count", "exit_status", "exit_year", "class", "cause",
             "dangerous", "water_safe", "water_short", "income", "phone", "cause_other", "identified_on"]
HOUSEHOLD_AT = [4, None, 3, 8, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29]
ALL = [f"c{at}" for at in range(30)]
INDICES = """
create unique index person_no on person (person_no);
create unique index person_id on person (id_no);
create index person_household on person (household_no);
create unique index household_number on household (household_no);
create index household_village on household (village);
"""


def tables(database):
    database.executescript(f"create table person ({', '.join(PERSON)}); create table household ({', '.join(HOUSEHOLD)});"
                           "create table refused (person_no, reason); create table finding (household_no, reason);")


def with_csv(path, target):
    """Python's csv module and sqlite3."""
    known, seen, database = villages(), set(), sqlite3.connect(target)
    tables(database)
    people, households, refused, findings = [], [], [], []
    last, group = None, []
    put_people = f"insert into person values ({', '.join('?' * len(PERSON))})"
    put_households = f"insert into household values ({', '.join('?' * len(HOUSEHOLD))})"

    def close():
        if group:
            heads = sum(row[9] == "户主" for row in group)
            if heads != 1 or group[0][8] != str(len(group)):
                findings.append((last, "members"))

    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            if row[4] != last:
                close()
                last, group, stored = row[4], [], None
            group.append(row)
            village, number = known.get((row[0], row[1], row[2])), row[7]
            split = stored is not None and stored != village
            if not village or split or number in seen or not checks.row_is_good(row):
                refused.append((row[5], "invalid"))
                continue
            seen.add(number)
            people.append([row[at] for at in PERSON_AT])
            if stored is None:
                stored = village
                households.append([village if at is None else row[at] for at in HOUSEHOLD_AT])
            if len(people) >= 10000:
                database.executemany(put_people, people)
                database.executemany(put_households, households)
                people.clear()
                households.clear()
    close()
    database.executemany(put_people, people)
    database.executemany(put_households, households)
    database.executemany("insert into refused values (?, ?)", refused)
    database.executemany("insert into finding values (?, ?)", findings)
    database.executescript(INDICES)
    database.commit()
    return counts(database)


def quoted(words):
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


def good_sqlite():
    """The checks of a row as one condition of SQLite's SQL."""
    total = " + ".join(f"{weight} * substr(c7, {at}, 1)" for at, weight in enumerate(WEIGHTS, 1))
    born = "substr(c7, 7, 4) || '-' || substr(c7, 11, 2) || '-' || substr(c7, 13, 2)"
    number = lambda name, low, high: f"({name} not glob '*[^0-9]*' and cast({name} as integer) between {low} and {high})"
    return " and ".join([
        "v.code is not null", "c4 <> ''", "c5 <> ''", "c6 <> ''", "c6 not glob '*[0-9]*'", "length(c7) = 18",
        "substr(c7, 1, 17) not glob '*[^0-9]*'", f"substr('{CHECK}', 1 + ({total}) % 11, 1) = substr(c7, 18, 1)",
        f"date({born}) = {born}", f"{born} between '{BORN_FIRST}' and '{AS_OF}'", "c9 <> ''",
        f"c8 <> '' and {number('c8', 1, 99)}", f"(c16 = '' or {number('c16', 0, 12)})",
        f"(c19 = '' or {number('c19', 1900, 2100)})",
        "(c25 = '' or (c25 glob '[0-9]*' and c25 not glob '*[^0-9.]*' and c25 not glob '*.*.*'))",
        "(c26 = '' or (length(c26) between 7 and 12 and c26 not glob '*[^0-9]*'))",
        "(c29 = '' or date(c29 || '-01') = c29 || '-01')",
        *(f"c{at} in ('', {quoted(labels)})" for at, labels in LABELS.items()),
        *(f"c{at} in ('', {quoted(TRUTHS)})" for at in checks.TRUTH_AT),
    ])


def split_sql(verdict):
    """Splits the staged rows into the tables; `verdict` has number, village and truth of each."""
    person = ", ".join(f"c{at}" for at in PERSON_AT)
    household = ", ".join("min(village)" if at is None else f"min(c{at})" if at != 4 else "c4" for at in HOUSEHOLD_AT)
    return f"""
insert into refused select c5, 'invalid' from {verdict} where not good;
insert into person select {person} from {verdict} where good;
insert into household select {household} from {verdict} where good group by c4;
insert into finding select c4, 'members' from {verdict} group by c4
  having sum(case when c9 = '户主' then 1 else 0 end) <> 1 or min(c8) <> cast(count(*) as text)
    or min(village) <> max(village);
"""


def with_shell(path, target):
    """sqlite3's own .import, then SQL."""
    lines = "\n".join(f"insert into village values ('{county}', '{town}', '{name}', '{code}');"
                      for (county, town, name), code in villages().items())
    script = f"""
create table staging ({', '.join(f'{name} text' for name in ALL)});
create table village (county, town, name, code, primary key (county, town, name)) without rowid;
create table person ({', '.join(PERSON)}); create table household ({', '.join(HOUSEHOLD)});
create table refused (person_no, reason); create table finding (household_no, reason);
pragma journal_mode = off; pragma cache_size = -200000;
begin; {lines} commit;
.mode csv
.import --skip 1 "{path}" staging
begin;
create table verdict (id integer primary key, village, good);
insert into verdict select s.rowid, v.code, ({good_sqlite()}) from staging s
  left join village v on v.county = c0 and v.town = c1 and v.name = c2;
{split_sql("staging s join verdict on verdict.id = s.rowid")}
drop table staging; drop table verdict; drop table village;
{INDICES}
commit;
"""
    subprocess.run(["sqlite3", target], input=script, text=True, check=True, stdout=subprocess.DEVNULL)
    return counts(sqlite3.connect(target))


def good_polars(pl):
    """The checks of a row as one vectorised condition of Polars; blank cells are null there."""
    col = pl.col
    total = sum(col("c7").str.slice(at, 1).cast(pl.Int32, strict=False) * weight for at, weight in enumerate(WEIGHTS))
    check = (total % 11).replace_strict(dict(enumerate(CHECK)), return_dtype=pl.String, default=None)
    born = col("c7").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    first, last = (pl.lit(day).str.to_date() for day in (BORN_FIRST, AS_OF))
    whole = lambda name, low, high: col(name).cast(pl.Int32, strict=False).is_between(low, high)
    blank_or = lambda name, condition: col(name).is_null() | condition.fill_null(False)
    conditions = [
        *(col(name).is_not_null() for name in ("village", "c4", "c5", "c6", "c9")), ~col("c6").str.contains(r"\d"),
        col("c7").str.len_bytes() == 18, check == col("c7").str.slice(17, 1), born.is_between(first, last),
        col("c7").is_first_distinct(), whole("c8", 1, 99), blank_or("c16", whole("c16", 0, 12)),
        blank_or("c19", whole("c19", 1900, 2100)), blank_or("c25", col("c25").cast(pl.Float64, strict=False) >= 0),
        blank_or("c26", col("c26").str.contains(r"^\d{7,12}$")),
        blank_or("c29", (col("c29") + "-01").str.to_date("%Y-%m-%d", strict=False).is_not_null()),
        *(blank_or(f"c{at}", col(f"c{at}").is_in(sorted(labels))) for at, labels in LABELS.items()),
        *(blank_or(f"c{at}", col(f"c{at}").is_in(TRUTHS)) for at in checks.TRUTH_AT),
    ]
    return pl.all_horizontal(condition.fill_null(False) for condition in conditions)


def with_polars(path, target):
    """Polars for reading and checking, sqlite3 for storing."""
    import polars as pl
    frame = pl.read_csv(path, infer_schema=False, new_columns=ALL)
    known = pl.DataFrame([(*key, code) for key, code in villages().items()], schema=["c0", "c1", "c2", "village"], orient="row")
    frame = frame.join(known, on=["c0", "c1", "c2"], how="left", maintain_order="left")
    frame = frame.with_columns(good_polars(pl).alias("good"))
    groups = frame.group_by("c4").agg(heads=(pl.col("c9") == "户主").sum(), rows=pl.len(), declared=pl.col("c8").first(),
                                      villages=pl.col("village").n_unique())
    findings = groups.filter((pl.col("heads") != 1) | (pl.col("declared").cast(pl.UInt32, strict=False) != pl.col("rows"))
                             | (pl.col("villages") > 1))
    people = frame.filter("good")
    households = people.unique("c4", keep="first", maintain_order=True)
    database = sqlite3.connect(target)
    tables(database)
    database.executemany(f"insert into person values ({', '.join('?' * len(PERSON))})",
                         people.select([f"c{at}" for at in PERSON_AT]).iter_rows())
    database.executemany(f"insert into household values ({', '.join('?' * len(HOUSEHOLD))})",
                         households.select(["village" if at is None else f"c{at}" for at in HOUSEHOLD_AT]).iter_rows())
    database.executemany("insert into refused values (?, 'invalid')", frame.filter(~pl.col("good")).select("c5").iter_rows())
    database.executemany("insert into finding values (?, 'members')", findings.select("c4").iter_rows())
    database.executescript(INDICES)
    database.commit()
    return counts(database)


def good_pandas(pd, frame):
    """The checks of a row, column by column; blank cells are empty texts."""
    good = frame.village.notna() & frame.c7.map(checks.number_is_valid) & ~frame.c7.duplicated()
    for name in ("c4", "c5", "c6", "c9"):
        good &= frame[name] != ""
    good &= ~frame.c6.str.contains(r"\d")
    born = pd.to_datetime(frame.c7.str.slice(6, 14), format="%Y%m%d", errors="coerce")
    good &= born.between(BORN_FIRST, AS_OF)
    for name, low, high in (("c8", 1, 99), ("c16", 0, 12), ("c19", 1900, 2100), ("c25", 0, 1e15)):
        blank = frame[name] == ""
        good &= (blank & (name != "c8")) | pd.to_numeric(frame[name], errors="coerce").between(low, high)
    good &= (frame.c26 == "") | frame.c26.str.fullmatch(r"\d{7,12}")
    good &= (frame.c29 == "") | pd.to_datetime(frame.c29, format="%Y-%m", errors="coerce").notna()
    for at, labels in LABELS.items():
        good &= frame[f"c{at}"].isin({"", *labels})
    for at in checks.TRUTH_AT:
        good &= frame[f"c{at}"].isin({"", *TRUTHS})
    return good


def with_pandas(path, target):
    """pandas for reading and checking, SQLAlchemy for storing."""
    import pandas as pd
    import sqlalchemy
    frame = pd.read_csv(path, dtype=str, header=0, names=ALL, keep_default_na=False)
    known = villages()
    frame["village"] = [known.get(key) for key in zip(frame.c0, frame.c1, frame.c2)]
    good = good_pandas(pd, frame)
    frame["head"] = frame.c9 == "户主"
    groups = frame.groupby("c4", sort=False).agg(heads=("head", "sum"), rows=("c5", "size"), declared=("c8", "first"),
                                                 villages=("village", "nunique"))
    findings = groups[(groups.heads != 1) | (groups.declared != groups.rows.astype(str)) | (groups.villages > 1)]
    people = frame[good]
    engine = sqlalchemy.create_engine(f"sqlite:///{target}")
    people[[f"c{at}" for at in PERSON_AT]].set_axis(PERSON, axis=1).to_sql("person", engine, index=False, chunksize=50_000)
    households = people.drop_duplicates("c4")
    households[["village" if at is None else f"c{at}" for at in HOUSEHOLD_AT]].set_axis(HOUSEHOLD, axis=1).to_sql(
        "household", engine, index=False, chunksize=50_000)
    frame[~good][["c5"]].assign(reason="invalid").to_sql("refused", engine, index=False)
    findings.reset_index()[["c4"]].assign(reason="members").to_sql("finding", engine, index=False)
    database = sqlite3.connect(target)
    database.executescript(INDICES)
    return counts(database)


def good_postgres():
    """The checks of a row as one condition of PostgreSQL's SQL; `n.b` is the number as bytes."""
    total = " + ".join(f"{weight} * (get_byte(b, {at}) - 48)" for at, weight in enumerate(WEIGHTS))
    year, month, day = "substr(c7, 7, 4)::int", "substr(c7, 11, 2)::int", "substr(c7, 13, 2)::int"
    first, last = BORN_FIRST.replace("-", ""), AS_OF.replace("-", "")
    days = (f"case when {month} in (4, 6, 9, 11) then 30 when {month} = 2 and {year} % 4 = 0 and {year} <> 1900 then 29 "
            f"when {month} = 2 then 28 else 31 end")
    whole = lambda name, low, high: f"case when {name} ~ '^[0-9]{{1,9}}$' then {name}::int between {low} and {high} else false end"
    number = " and ".join([f"substr('{CHECK}', 1 + ({total}) % 11, 1) = substr(c7, 18, 1)", f"{month} between 1 and 12",
                           f"{day} between 1 and {days}", f"substr(c7, 7, 8) between '{first}' and '{last}'"])
    return " and ".join([
        "v.code is not null", "c4 <> ''", "c5 <> ''", "c6 <> ''", "c6 !~ '[0-9]'", "c9 <> ''",
        f"case when c7 ~ '^[0-9]{{17}}[0-9X]$' then {number} else false end", whole("c8", 1, 99),
        f"(c16 = '' or {whole('c16', 0, 12)})", f"(c19 = '' or {whole('c19', 1900, 2100)})",
        "(c25 = '' or c25 ~ '^[0-9]+(\\.[0-9]+)?$')", "(c26 = '' or c26 ~ '^[0-9]{7,12}$')",
        "(c29 = '' or c29 ~ '^[0-9]{4}-(0[1-9]|1[0-2])$')",
        *(f"c{at} in ('', {quoted(labels)})" for at, labels in LABELS.items()),
        *(f"c{at} in ('', {quoted(TRUTHS)})" for at in checks.TRUTH_AT),
    ])


def with_copy(path, target):
    """PostgreSQL's COPY into an unlogged staging table, then SQL.

    The verdict on each row is computed once, in a table of its own that PostgreSQL may fill in parallel; the statistics
    are taken before the splitting, and there is memory for its sorts and hashes.
    """
    import psycopg2
    database = psycopg2.connect(target)
    cursor = database.cursor()
    columns = lambda names: ", ".join(f"{name} text" for name in names)
    cursor.execute("set work_mem = '256MB'; set maintenance_work_mem = '256MB'")
    cursor.execute("drop table if exists staging, checked, village, person, household, refused, finding")
    cursor.execute(f"create unlogged table staging ({columns(ALL)})")
    cursor.execute("create table village (county text, town text, name text, code text, primary key (county, town, name))")
    cursor.execute(f"create table person ({columns(PERSON)})")
    cursor.execute(f"create table household ({columns(HOUSEHOLD)})")
    cursor.execute("create table refused (person_no text, reason text); create table finding (household_no text, reason text)")
    cursor.executemany("insert into village values (%s, %s, %s, %s)", [(*key, code) for key, code in villages().items()])
    with open(path, encoding="utf-8") as file:
        cursor.copy_expert("copy staging from stdin with (format csv, header true, null '\\N')", file)
    cursor.execute("analyze staging; analyze village")
    cursor.execute(f"""
create unlogged table checked as select s.*, v.code as village, ({good_postgres()}) as good
  from staging s left join village v on v.county = c0 and v.town = c1 and v.name = c2
  cross join lateral (select convert_to(c7, 'UTF8') as b offset 0) n;
drop table staging; analyze checked;
{split_sql("checked")}
drop table checked; drop table village;
{INDICES}
""")
    database.commit()
    cursor.execute("select (select count(*) from person), (select count(*) from household), (select count(*) from refused),"
                   " (select count(*) from finding)")
    return dict(zip(("people", "households", "refused", "findings"), cursor.fetchone()))


def with_fastexcel(path, _target):
    """fastexcel (calamine): only reads the sheet."""
    import fastexcel
    return {"rows": fastexcel.read_excel(path).load_sheet(0).to_arrow().num_rows}


def counts(database):
    names = (("people", "person"), ("households", "household"), ("refused", "refused"), ("findings", "finding"))
    return {name: database.execute(f"select count(*) from {table}").fetchone()[0] for name, table in names}


def main():
    peer, path, target = sys.argv[1:4]
    start = time.monotonic()
    result = {"csv": with_csv, "shell": with_shell, "polars": with_polars, "pandas": with_pandas, "copy": with_copy,
              "fastexcel": with_fastexcel}[peer](path, target)
    print(json.dumps({"peer": peer, "seconds": round(time.monotonic() - start, 2), **result}))


if __name__ == "__main__":
    main()
