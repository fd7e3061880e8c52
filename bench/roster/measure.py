"""Writes two rosters of the month after from the register files of a demonstration, imports them one after the other into
copies of its data directory, and prints one table.

The first differs by its title only: reading it and finding every row known is what reading costs. The second has what
happens within a month; what it takes longer is the price of the differences."""

import collections
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time

import openpyxl

SECONDS_MAX, MEBIBYTES_MAX = 10.0, 500.0
MONTH, NEXT, DAY = "2016年12月", "2017年1月", "2017-01-31"
# One row, or household, in so many.
GONE, MOVED, NEW_HEAD, CHANGED = 200, 300, 400, 100
# Rows that hold title and heads, as all register files of the demonstration have them.
HEADS = 3


def table(path):
    """The cells of a register file as text."""
    if path.endswith(".xlsx"):
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    raw = open(path, "rb").read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return list(csv.reader(io.StringIO(text)))


def column(heads, words):
    """The place of the first head that holds one of some words."""
    for row in heads:
        for at, cell in enumerate(row):
            if any(word in cell.replace("\n", "") for word in words):
                return at
    return None


def month_after(rows, counts):
    """The same rows with what happens within a month; counts what was done."""
    heads, body = rows[:HEADS], rows[HEADS:]
    town, village = column(heads, ["乡镇", "乡(镇)"]), column(heads, ["行政村"])
    household = column(heads, ["户编号"])
    relation, health = column(heads, ["与户主"]), column(heads, ["健康", "身体状况"])
    if None in (town, village, household, relation, health):
        return rows
    near = {}
    for row in body:
        if len(row) > village and row[town] and row[village]:
            near.setdefault(row[town], collections.Counter())[row[village]] += 1
    # Names that stand once or twice are misspelt ones.
    near = {of: sorted(name for name, count in names.items() if count > 20) for of, names in near.items()}
    out, number, shrunk = [], {}, set()
    for at, row in enumerate(body):
        if len(row) <= max(village, household, relation, health) or not row[household]:
            out.append(row)
            continue
        row, of = list(row), number.setdefault(row[household], len(number))
        if at % GONE == GONE - 1 and "主" not in row[relation]:
            counts["gone"] += 1
            shrunk.add(row[household])
            continue
        villages = near.get(row[town], [])
        if of % MOVED == MOVED - 1 and row[village] in villages and len(villages) > 1:
            row[village] = villages[(villages.index(row[village]) + 1) % len(villages)]
            counts["rows of households that moved"] += 1
        if of % NEW_HEAD == NEW_HEAD - 1 and row[relation] in ("户主", "配偶"):
            row[relation] = "配偶" if row[relation] == "户主" else "户主"
            counts["rows of a changed head"] += 1
        if at % CHANGED == CHANGED - 1 and row[health] == "健康":
            row[health] = "残疾"
            counts["rows of changed health"] += 1
        out.append(row)
    # Whoever is gone is no longer counted among the members either.
    size = column(heads, ["家庭人口", "人数"])
    left = collections.Counter(row[household] for row in out if len(row) > household)
    for row in out:
        if size is not None and len(row) > max(size, household) and row[household] in shrunk:
            row[size] = str(left[row[household]])
    return heads + out


def write(folder, name, rows):
    title = [[cell.replace(MONTH, NEXT) for cell in row] for row in rows[:1]]
    with open(os.path.join(folder, os.path.splitext(name)[0] + ".csv"), "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(title + rows[1:])


def bring(qibang, data, folder, scratch):
    """Imports a roster into a copy of a data directory: seconds, peak MiB, the report."""
    copy = os.path.join(scratch, "copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("raw", "reports"))
    subprocess.run([qibang, "today", DAY, "--dir", copy], check=True, stdout=subprocess.DEVNULL)
    report = os.path.join(scratch, "report.json")
    since = time.monotonic()
    with open(report, "w") as out:
        child = subprocess.Popen([qibang, "import", folder, "--dir", copy, "--json"], stdout=out)
        _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - since
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"the import ended with {status}")
    return seconds, used.ru_maxrss / 1024, json.load(open(report))


def main():
    qibang, data, scratch = sys.argv[1:4]
    register = os.path.join(data, "raw", "登记")
    folders = {kind: os.path.join(scratch, kind, "登记") for kind in ("same", "next")}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    counts = dict.fromkeys(("gone", "rows of households that moved", "rows of a changed head", "rows of changed health"), 0)
    for name in sorted(os.listdir(register)):
        if not re.search(r"\.(csv|xlsx)$", name):
            continue
        rows = table(os.path.join(register, name))
        write(folders["same"], name, rows)
        write(folders["next"], name, month_after(rows, counts))
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    same = bring(qibang, data, os.path.dirname(folders["same"]), scratch)
    later = bring(qibang, data, os.path.dirname(folders["next"]), scratch)
    print("| roster | rows read | rows refused | seconds | peak MiB |\n|---|---|---|---|---|")
    for name, (seconds, peak, report) in (("the same rows", same), ("the month after", later)):
        print(f"| {name} | {report['rows_read']:,} | {report['rows_rejected']:,} | {seconds:.1f} | {peak:.0f} |")
    more, bytes_more = later[0] - same[0], later[1] - same[1]
    holds = more <= SECONDS_MAX and bytes_more <= MEBIBYTES_MAX
    print(f"differences: {more:.1f} s (≤ {SECONDS_MAX:.0f}), {bytes_more:.0f} MiB (≤ {MEBIBYTES_MAX:.0f}) beyond reading: "
          f"{'yes' if holds else 'no'}")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
