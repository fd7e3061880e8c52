#!/usr/bin/env python3
"""The same rows, written by many real programs, have to give the same stored values.

usage: run.py [FOLDER] [WRITER …]      (FOLDER holds tools, files and stores; default ./target/writers)

Raw files of a small made-up city are taken apart into rows and written again by every writer, twice: with dates as text
and as date cells. Each set is imported through the binary into a fresh store and compared with the import of the files
as they were: rows accepted and refused, refusals and warnings by code, and every stored value. Ends with 1 on a difference.
Python writers come from PyPI into a venv below FOLDER, the others from npm; both pinned (requirements.txt, package.json).
"""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARY = pathlib.Path(os.environ.get("QIBANG", ROOT / "target" / "debug" / "qibang"))
CITY = ["--scale", "0.01", "--seed", "11"]
# Faults of writers, not of the reader: their dates are a day early in any program. Each with the pinned version that has it.
KNOWN_FAULTS = {"js:better_xlsx": ("better-xlsx", "0.7.6", "writes local midnight in UTC, a day early east of Greenwich")}
# A web page has no name for its table, so that the sheet a refused row is kept under has another.
NAMELESS = {"js:sheetjs_html"}
# What differs between two stores that hold the same: keys, moments, digests, who and which file.
UNSTABLE = re.compile(r"(_at|digest|hash|sealed|cipher|blind|nonce|password)$|^(payload|prev)$")
SKIPPED = {"audit", "setting", "installation", "job", "session", "app_user", "import_run", "source_file", "row_fault", "refused_row"}


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)


def prepare(folder):
    """The venv with the Python writers and the folder with the others; answers both programs."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
    done = run(python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt")
    if done.returncode:
        sys.exit(f"the Python writers cannot be installed:\n{done.stderr[-2000:]}")
    node = folder / "node"
    node.mkdir(exist_ok=True)
    for name in ("package.json", "node_writers.js"):
        shutil.copy(HERE / name, node / name)
    done = run("npm", "install", "--no-audit", "--no-fund", "--silent", cwd=node)
    if done.returncode:
        sys.exit(f"the npm writers cannot be installed:\n{done.stderr[-2000:]}")
    return python, node / "node_writers.js"


def taken_apart(python, raw, folder):
    """Every raw file as sheets of rows (text, number or null), in one JSON file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    done = run(python, HERE / "python_writers.py", "read", raw, folder)
    if done.returncode:
        sys.exit(f"the raw files cannot be read:\n{done.stderr[-2000:]}")


def stored(data):
    """Every value of every table that a file fills, as sorted rows."""
    found = {}
    with sqlite3.connect(data / "qibang.sqlite") as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by 1")]
        for table in tables:
            if table in SKIPPED or table.startswith("sqlite_"):
                continue
            columns = [(row[1], row[2]) for row in db.execute(f"pragma table_info({table})")]
            kept = [name for name, kind in columns if kind.lower() != "blob" and not UNSTABLE.search(name)]
            if kept:
                rows = db.execute(f"select {', '.join(kept)} from {table}").fetchall()
                found[table] = sorted(map(repr, rows))
    return found


def imported(data, files):
    shutil.rmtree(data, ignore_errors=True)
    done = run(BINARY, "import", files, "--dir", data, "--json", "--quiet")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return None, None, f"exit code {done.returncode}: {done.stderr[-300:]}"
    weighty = {}
    utc = any(count["code"] == "times_utc" for count in report["fault_counts"])
    for count in report["fault_counts"]:
        if count["severity"] in ("refused", "warning"):
            key = (count["code"], count["severity"])
            weighty[key] = weighty.get(key, 0) + count["count"]
    refused = [file["message"]["en"] for file in report["files"] if file.get("state") == "refused"]
    summary = {"accepted": report["rows_accepted"], "refused": report["rows_rejected"], "faults": weighty, "files": refused,
               "utc": utc}
    return summary, stored(data), None


def differences(expected, found):
    (summary, values), (other_summary, other_values) = expected, found
    for name in summary:
        # Nobody else's dates may look as if they were in UTC.
        if summary[name] != other_summary[name]:
            yield f"{name}: {summary[name]} became {other_summary[name]}"
    for table in values:
        if values[table] != other_values[table]:
            gone = [row for row in values[table] if row not in set(other_values[table])]
            new = [row for row in other_values[table] if row not in set(values[table])]
            yield f"{table}: {len(gone)} rows differ, such as {gone[:1]} → {new[:1]}"


def written(python, node, writer, tables, target, dates):
    """Lets a writer make its files; answers an error or nothing."""
    target.mkdir(parents=True)
    language, name = writer.split(":")
    program = [python, HERE / "python_writers.py"] if language == "py" else ["node", node]
    # In the time zone of the offices: some writers turn local midnight into another day.
    done = run(*program, "write", name, tables, target, "cells" if dates else "text", env={**os.environ, "TZ": "Asia/Shanghai"})
    return None if done.returncode == 0 else (done.stderr or done.stdout)[-300:]


def pinned(package):
    return json.loads((HERE / "package.json").read_text())["dependencies"].get(package)


def listed(python, node):
    names = run(python, HERE / "python_writers.py", "list").stdout.split()
    others = run("node", node, "list").stdout.split()
    return [f"py:{name}" for name in names] + [f"js:{name}" for name in others]


def main():
    arguments = sys.argv[1:]
    folder = pathlib.Path(arguments[0] if arguments else ROOT / "target" / "writers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python, node = prepare(folder)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    generated = run(BINARY, "city", "generate", "--out", work / "raw", *CITY)
    if generated.returncode:
        sys.exit(f"no city: {generated.stderr[-500:]}")
    taken_apart(python, work / "raw", work / "tables")
    wanted = arguments[1:] or listed(python, node)
    bad, expected = 0, None
    for writer in ["py:openpyxl", *[name for name in wanted if name != "py:openpyxl"]]:
        for dates in (False, True):
            label = f"{writer}, dates as {'cells' if dates else 'text'}"
            target = work / "files" / label.replace(":", "-").replace(", ", "-").replace(" ", "-")
            problem = written(python, node, writer, work / "tables", target, dates)
            if problem is None:
                summary, values, problem = imported(work / "store", target)
            if problem is not None:
                print(f"FAIL  {label}: {problem}", flush=True)
                bad += 1
                continue
            if writer in NAMELESS:
                values["sent_sheet"] = expected[1]["sent_sheet"]
            expected = expected or (summary, values)
            found = list(differences(expected, (summary, values)))
            known = KNOWN_FAULTS.get(writer) if dates else None
            if known and pinned(known[0]) == known[1]:
                if found:
                    print(f"known {label}: {known[0]} {known[1]} {known[2]}", flush=True)
                else:
                    print(f"FAIL  {label}: {known[0]} {known[1]} no longer {known[2]}: take it out of KNOWN_FAULTS", flush=True)
                    bad += 1
                shutil.rmtree(target)
                continue
            if found and dates and summary["utc"]:
                print(f"told  {label}: dates in UTC, a day early, and the lead says so", flush=True)
                shutil.rmtree(target)
                continue
            for line in found[:6]:
                print(f"FAIL  {label}: {line}", flush=True)
            bad += bool(found)
            if not found:
                print(f"same  {label}: {summary['accepted']} rows", flush=True)
            shutil.rmtree(target)
    sys.exit(min(bad, 99))


if __name__ == "__main__":
    main()
