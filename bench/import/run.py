#!/usr/bin/env python3
"""Measures the import of one million rows beside its peers, in one run, and prints a table with limits.

usage: run.py [FOLDER] [ROWS]        (FOLDER holds the files and databases; default ./target/bench-import)

Peers come from PyPI into a venv below FOLDER; sqlite3 is the Debian package. With QIBANG_BENCH_POSTGRES=postgres://…
the PostgreSQL rows are measured too. Every figure is the best of three, as is usual on shared machines.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUNS = int(os.environ.get("QIBANG_BENCH_RUNS", "3"))
PEERS = ["polars", "pandas", "sqlalchemy", "pyarrow", "fastexcel", "psycopg2-binary"]


def child(command, environment=None):
    """Runs a command; answers its output, wall seconds and the largest resident size of children so far."""
    start = time.monotonic()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    return done.stdout, time.monotonic() - start


def best(run):
    return min((run() for _ in range(RUNS)), key=lambda pair: pair[0])


def ours(binary, folder, file, database=None):
    def once():
        data = folder / "ours"
        shutil.rmtree(data, ignore_errors=True)
        environment = {"QIBANG_DATABASE": database} if database else {}
        if database:
            subprocess.run(["psql", "-q", database, "-c", "drop schema public cascade; create schema public"], check=True)
        output, _ = child(["/usr/bin/time", "-f", "%M", "-o", str(folder / "memory"), str(binary), str(data), str(file)], environment)
        report = json.loads(output)
        return report["seconds"], {"memory": int((folder / "memory").read_text().split()[-1]) / 1024, **report}
    return best(once)


def peer(python, folder, name, file, target=None):
    def once():
        database = target or str(folder / f"{name}.sqlite")
        if not target and os.path.exists(database):
            os.unlink(database)
        output, _ = child([str(python), str(HERE / "peers.py"), name, str(file), database])
        result = json.loads(output)
        return result["seconds"], result
    return best(once)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "bench-import").resolve()
    rows = sys.argv[2] if len(sys.argv) > 2 else "1000000"
    files = folder / "files"
    if not (files / "register.xlsx").exists():
        subprocess.run([sys.executable, str(HERE / "make_file.py"), str(files), rows], check=True)
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "qb-intake", "--examples"], check=True, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary, reader = target / "release/examples/import", target / "release/examples/read_rows"

    lines = []
    base, report = ours(binary, folder, files / "register.csv")
    lines.append(("qibang, CSV UTF-8 into SQLite", base, "", f"peak {report['memory']:.0f} MiB (limit 150)"))
    others = {name: peer(python, folder, name, files / "register.csv")[0] for name in ("csv", "shell", "polars", "pandas")}
    fastest = min(others.values())
    lines += [(f"{name}, CSV into SQLite", seconds, f"{seconds / base:.2f}×", "") for name, seconds in others.items()]
    lines.append(("best peer / qibang", fastest, f"{fastest / base:.2f}×", "limit ≥ 3×"))
    gb, _ = ours(binary, folder, files / "register-gb18030.csv")
    lines.append(("qibang, CSV GB18030 into SQLite", gb, f"{gb / base:.2f}×", "limit ≤ 1.20×"))
    sheet, _ = ours(binary, folder, files / "register.xlsx")
    lines.append(("qibang, XLSX into SQLite", sheet, "", ""))
    def read_once():
        output, _ = child([str(reader), str(files / "register.xlsx")])
        found = json.loads(output)
        return found["seconds"], found
    read, _ = best(read_once)
    excel, _ = peer(python, folder, "fastexcel", files / "register.xlsx")
    lines.append(("qibang, reading the XLSX", read, "", ""))
    lines.append(("fastexcel, reading the XLSX", excel, f"{excel / read:.2f}×", "limit ≥ 2×"))
    postgres = os.environ.get("QIBANG_BENCH_POSTGRES")
    if postgres:
        mine, _ = ours(binary, folder, files / "register.csv", postgres)
        copy, _ = peer(python, folder, "copy", files / "register.csv", postgres)
        lines.append(("qibang, CSV into PostgreSQL", mine, "", ""))
        lines.append(("COPY and SQL", copy, f"{copy / mine:.2f}×", "limit ≥ 2×"))
    print(f"{'what':<36}{'seconds':>9}{'ratio':>9}  limit")
    for what, seconds, ratio, limit in lines:
        print(f"{what:<36}{seconds:>9.2f}{ratio:>9}  {limit}")


if __name__ == "__main__":
    main()
