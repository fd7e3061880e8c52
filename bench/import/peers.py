#!/usr/bin/env python3
"""What others need for the same file: read, check every row, store persons and households in SQLite.

usage: peers.py PEER REGISTER_CSV_OR_XLSX DATABASE

PEER is csv, shell, polars, pandas, copy (PostgreSQL), fastexcel. Each prints one line of JSON. The checks are fewer than
ours, never more: check digit of the identity number, village known, household number present, one number once.
"""
import csv
import json
import pathlib
import sqlite3
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
AREAS = HERE.parent.parent / "policy" / "xuzhou-2016" / "areas.csv"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
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


def villages():
    with open(AREAS, encoding="utf-8") as file:
        areas = {row["code"]: row for row in csv.DictReader(file)}
    found = {}
    for code, row in areas.items():
        if row["level"] == "village":
            town = areas[row["parent_code"]]
            found[areas[town["parent_code"]]["name"], town["name"], row["name"]] = code
    return found


def valid(number):
    if len(number) != 18 or not number[:17].isdigit():
        return False
    return CHECK[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS)) % 11] == number[17]


def tables(database):
    database.executescript(f"create table person ({', '.join(PERSON)}); create table household ({', '.join(HOUSEHOLD)});"
                           "create table refused (person_no, reason);")


def with_csv(path, target):
    """Python's csv module and sqlite3."""
    known, seen, database = villages(), set(), sqlite3.connect(target)
    tables(database)
    people, households, refused, last = [], [], [], None
    put_people = f"insert into person values ({', '.join('?' * len(PERSON))})"
    put_households = f"insert into household values ({', '.join('?' * len(HOUSEHOLD))})"
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            village = known.get((row[0], row[1], row[2]))
            number = row[7]
            if not village or not valid(number) or number in seen or not row[4]:
                refused.append((row[5], "invalid"))
                continue
            seen.add(number)
            people.append([row[at] for at in PERSON_AT])
            if row[4] != last:
                last = row[4]
                households.append([village if at is None else row[at] for at in HOUSEHOLD_AT])
            if len(people) >= 10000:
                database.executemany(put_people, people)
                database.executemany(put_households, households)
                people.clear()
                households.clear()
    database.executemany(put_people, people)
    database.executemany(put_households, households)
    database.executemany("insert into refused values (?, ?)", refused)
    database.executescript(INDICES)
    database.commit()
    return counts(database)


CHECKSUM_SQL = "substr('10X98765432', 1 + (" + " + ".join(
    f"{weight} * substr(c7, {at}, 1)" for at, weight in enumerate(WEIGHTS, 1)) + ") % 11, 1)"


def split_sql(cast=""):
    person = ", ".join(f"c{at}" for at in PERSON_AT)
    household = ", ".join("v.code" if at is None else f"min(c{at})" if at != 4 else "c4" for at in HOUSEHOLD_AT)
    return f"""
insert into refused select c5, 'invalid' from staging s left join village v on v.county = c0 and v.town = c1 and v.name = c2
  where v.code is null or length(c7) <> 18 or {CHECKSUM_SQL} <> substr(c7, 18, 1) or c4 = '';
insert into person select {person} from staging s join village v on v.county = c0 and v.town = c1 and v.name = c2
  where length(c7) = 18 and {CHECKSUM_SQL} = substr(c7, 18, 1) and c4 <> '';
insert into household select {household} from staging s join village v on v.county = c0 and v.town = c1 and v.name = c2
  group by c4, v.code;
"""


def with_shell(path, target):
    """sqlite3's own .import, then SQL."""
    lines = "\n".join(f"insert into village values ('{county}', '{town}', '{name}', '{code}');"
                      for (county, town, name), code in villages().items())
    script = f"""
pragma journal_mode = off;
create table staging ({', '.join(f'{name} text' for name in ALL)});
create table village (county, town, name, code, primary key (county, town, name));
create table person ({', '.join(PERSON)}); create table household ({', '.join(HOUSEHOLD)}); create table refused (person_no, reason);
begin; {lines} commit;
.mode csv
.import --skip 1 "{path}" staging
{split_sql()}
drop table staging;
{INDICES}
"""
    subprocess.run(["sqlite3", target], input=script, text=True, check=True, stdout=subprocess.DEVNULL)
    return counts(sqlite3.connect(target))


def with_polars(path, target):
    """Polars for reading and checking, sqlite3 for storing."""
    import polars as pl
    frame = pl.read_csv(path, infer_schema=False, new_columns=ALL)
    known = pl.DataFrame([(*key, code) for key, code in villages().items()], schema=["c0", "c1", "c2", "village"], orient="row")
    frame = frame.join(known, on=["c0", "c1", "c2"], how="left", maintain_order="left")
    total = sum(pl.col("c7").str.slice(at, 1).cast(pl.Int32, strict=False) * weight for at, weight in enumerate(WEIGHTS))
    check = (total % 11).replace_strict(dict(enumerate(CHECK)), return_dtype=pl.String, default=None)
    good = (pl.col("village").is_not_null() & (pl.col("c7").str.len_chars() == 18) & (check == pl.col("c7").str.slice(17, 1))
            & pl.col("c7").is_first_distinct() & pl.col("c4").is_not_null())
    frame = frame.with_columns(good.fill_null(False).alias("good"))
    people = frame.filter("good")
    households = people.unique("c4", keep="first", maintain_order=True)
    database = sqlite3.connect(target)
    tables(database)
    database.executemany(f"insert into person values ({', '.join('?' * len(PERSON))})",
                         people.select([f"c{at}" for at in PERSON_AT]).iter_rows())
    database.executemany(f"insert into household values ({', '.join('?' * len(HOUSEHOLD))})",
                         households.select(["village" if at is None else f"c{at}" for at in HOUSEHOLD_AT]).iter_rows())
    database.executemany("insert into refused values (?, 'invalid')", frame.filter(~pl.col("good")).select("c5").iter_rows())
    database.executescript(INDICES)
    database.commit()
    return counts(database)


def with_pandas(path, target):
    """pandas for reading and checking, SQLAlchemy for storing."""
    import pandas as pd
    import sqlalchemy
    frame = pd.read_csv(path, dtype=str, header=0, names=ALL, keep_default_na=False)
    known = villages()
    frame["village"] = [known.get(key) for key in zip(frame.c0, frame.c1, frame.c2)]
    good = frame.village.notna() & frame.c7.map(valid) & ~frame.c7.duplicated() & (frame.c4 != "")
    people = frame[good]
    engine = sqlalchemy.create_engine(f"sqlite:///{target}")
    people[[f"c{at}" for at in PERSON_AT]].set_axis(PERSON, axis=1).to_sql("person", engine, index=False, chunksize=50_000)
    households = people.drop_duplicates("c4")
    households[["village" if at is None else f"c{at}" for at in HOUSEHOLD_AT]].set_axis(HOUSEHOLD, axis=1).to_sql(
        "household", engine, index=False, chunksize=50_000)
    frame[~good][["c5"]].assign(reason="invalid").to_sql("refused", engine, index=False)
    database = sqlite3.connect(target)
    database.executescript(INDICES)
    return counts(database)


def with_copy(path, target):
    """PostgreSQL's COPY into a staging table, then SQL."""
    import psycopg2
    database = psycopg2.connect(target)
    cursor = database.cursor()
    cursor.execute("drop table if exists staging, village, person, household, refused")
    cursor.execute(f"create unlogged table staging ({', '.join(f'{name} text' for name in ALL)})")
    cursor.execute("create table village (county text, town text, name text, code text, primary key (county, town, name))")
    columns = lambda names: ", ".join(f"{name} text" for name in names)
    cursor.execute(f"create table person ({columns(PERSON)})")
    cursor.execute(f"create table household ({columns(HOUSEHOLD)})")
    cursor.execute("create table refused (person_no text, reason text)")
    cursor.executemany("insert into village values (%s, %s, %s, %s)", [(*key, code) for key, code in villages().items()])
    with open(path, encoding="utf-8") as file:
        cursor.copy_expert("copy staging from stdin with (format csv, header true)", file)
    cursor.execute("analyze staging; analyze village")
    sql = split_sql()
    for at in range(1, 18):
        sql = sql.replace(f"* substr(c7, {at}, 1)", f"* substr(c7, {at}, 1)::int")
    cursor.execute(sql)
    cursor.execute("drop table staging")
    cursor.execute(INDICES)
    database.commit()
    cursor.execute("select (select count(*) from person), (select count(*) from household), (select count(*) from refused)")
    return dict(zip(("people", "households", "refused"), cursor.fetchone()))


def with_fastexcel(path, _target):
    """fastexcel (calamine): only reads the sheet."""
    import fastexcel
    return {"rows": fastexcel.read_excel(path).load_sheet(0).to_arrow().num_rows}


def counts(database):
    return {name: database.execute(f"select count(*) from {table}").fetchone()[0]
            for name, table in (("people", "person"), ("households", "household"), ("refused", "refused"))}


def main():
    peer, path, target = sys.argv[1:4]
    start = time.monotonic()
    result = {"csv": with_csv, "shell": with_shell, "polars": with_polars, "pandas": with_pandas, "copy": with_copy,
              "fastexcel": with_fastexcel}[peer](path, target)
    print(json.dumps({"peer": peer, "seconds": round(time.monotonic() - start, 2), **result}))


if __name__ == "__main__":
    main()
