#!/usr/bin/env python3
"""Measures the import of one million rows beside its peers, in one run, and prints a table with limits.

usage: run.py [FOLDER] [ROWS]        (FOLDER holds the files and databases; default ./target/bench-import)

Peers come from PyPI into a venv below FOLDER; sqlite3 is the Debian package. With QIBANG_BENCH_POSTGRES=postgres://…
the PostgreSQL rows are measured too. The contenders take turns, QIBANG_BENCH_RUNS (3) rounds of them; every figure is
the best of its rounds, as is usual on shared machines. Ends with 1 when a limit is broken or the answers differ.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUNS = int(os.environ.get("QIBANG_BENCH_RUNS", "3"))
PEERS = ["polars", "pandas", "sqlalchemy", "pyarrow", "fastexcel", "psycopg2-binary"]
LITE_PEERS = ("polars", "shell", "csv", "pandas")
MEMORY_MIB = 150


def timed(folder, command, environment=None):
    """Runs a command; answers what it printed, with its processor time and largest resident size."""
    report = folder / "time"
    full = ["/usr/bin/time", "-f", "%U %S %M", "-o", str(report), *map(str, command)]
    done = subprocess.run(full, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    user, system, memory = report.read_text().split()[-3:]
    return {**json.loads(done.stdout), "cpu": float(user) + float(system), "memory": int(memory) / 1024}


def ours(binary, folder, file, database=None):
    data = folder / "ours"
    shutil.rmtree(data, ignore_errors=True)
    environment = {}
    if database:
        environment = {"QIBANG_DATABASE": database}
        drop = "set client_min_messages = error; drop schema public cascade; create schema public"
        subprocess.run(["psql", "-q", database, "-c", drop], check=True)
    report = timed(folder, [binary, data, file], environment)
    shutil.rmtree(data, ignore_errors=True)
    return report


def peer(python, folder, name, file, target=None):
    database = folder / f"{name}.sqlite"
    database.unlink(missing_ok=True)
    report = timed(folder, [python, HERE / "peers.py", name, file, target or database])
    database.unlink(missing_ok=True)
    return report


def prepare(folder, rows):
    """Files, peers and our own binaries."""
    files = folder / "files"
    if not (files / "register.xlsx").exists():
        subprocess.run([sys.executable, str(HERE / "make_file.py"), str(files), rows], check=True)
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "qb-intake", "--examples"], check=True, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "examples"
    return files, python, target / "import", target / "read_rows"


def contenders(folder, rows):
    """What is measured, by name, in the order of a round."""
    files, python, binary, reader = prepare(folder, rows)
    table, workbook = files / "register.csv", files / "register.xlsx"
    found = {"qibang csv": lambda: ours(binary, folder, table)}
    for name in LITE_PEERS:
        found[name] = lambda name=name: peer(python, folder, name, table)
    found["qibang gb18030"] = lambda: ours(binary, folder, files / "register-gb18030.csv")
    found["qibang xlsx"] = lambda: ours(binary, folder, workbook)
    found["qibang reading xlsx"] = lambda: timed(folder, [reader, workbook])
    found["fastexcel"] = lambda: peer(python, folder, "fastexcel", workbook)
    database = os.environ.get("QIBANG_BENCH_POSTGRES")
    if database:
        found["qibang postgres"] = lambda: ours(binary, folder, table, database)
        found["copy"] = lambda: peer(python, folder, "copy", table, database)
    return found


def measure(found):
    best = {}
    for _ in range(RUNS):
        for name, run in found.items():
            report = run()
            memory = max(report["memory"], best.get(name, report)["memory"])
            best[name] = min(best.get(name, report), report, key=lambda one: one["seconds"]) | {"memory": memory}
            print(f"  {name}: {report['seconds']:.2f} s, {report['cpu']:.1f} s of processor, {report['memory']:.0f} MiB",
                  file=sys.stderr, flush=True)
    return best


def answers_differ(best):
    """Names of the peers that did not end with our people and refused rows."""
    people, refused = (best["qibang csv"][name] for name in ("rows_accepted", "rows_rejected"))
    return [name for name, report in best.items()
            if "findings" in report and (report["people"], report["refused"], report["findings"]) != (people, refused, 0)]


def judge(best):
    """Every limit with what was measured."""
    seconds = {name: report["seconds"] for name, report in best.items()}
    fastest = min(LITE_PEERS, key=seconds.get)
    base = seconds["qibang csv"]
    rows = [(f"CSV into SQLite, best peer ({fastest}) / ours", seconds[fastest] / base, "≥ 2×", seconds[fastest] >= 2 * base)]
    rows.append(("GB18030 / UTF-8", seconds["qibang gb18030"] / base, "≤ 1.20×", seconds["qibang gb18030"] <= 1.2 * base))
    read = seconds["fastexcel"] / seconds["qibang reading xlsx"]
    rows.append(("reading XLSX, fastexcel / ours", read, "≥ 2×", read >= 2))
    if "copy" in seconds:
        ratio = seconds["copy"] / seconds["qibang postgres"]
        rows.append(("CSV into PostgreSQL, COPY + SQL / ours", ratio, "≥ 2×", ratio >= 2))
    for name in best:
        if name.startswith("qibang"):
            memory = best[name]["memory"]
            rows.append((f"{name}, peak MiB", memory, f"≤ {MEMORY_MIB}", memory <= MEMORY_MIB))
    return rows


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "bench-import").resolve()
    best = measure(contenders(folder, sys.argv[2] if len(sys.argv) > 2 else "1000000"))
    print(f"{'what':<24}{'seconds':>9}{'processor':>11}{'peak MiB':>10}")
    for name, report in best.items():
        print(f"{name:<24}{report['seconds']:>9.2f}{report['cpu']:>11.1f}{report['memory']:>10.0f}")
    print()
    verdicts = judge(best)
    for what, value, limit, holds in verdicts:
        print(f"{what:<48}{value:>9.2f}  {limit:<8}{'holds' if holds else 'BROKEN'}")
    differ = answers_differ(best)
    if differ:
        print(f"other answers than ours: {', '.join(differ)}")
    sys.exit(0 if not differ and all(holds for *_, holds in verdicts) else 1)


if __name__ == "__main__":
    main()
