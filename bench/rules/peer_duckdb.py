"""DuckDB on the rules: `peer_duckdb.py FOLDER`; prints one JSON document.

Tables lie in memory before the clock starts. The clock stops when both result tables stand in memory; sorting them for the
digests is not counted.
"""

import json
import os
import sys
import time

import digest
import duckdb
import numpy

ROUNDS = 5


def main():
    folder = sys.argv[1]
    base = duckdb.connect()
    base.execute(f"set threads = {os.cpu_count()}")
    for name in ("person", "household"):
        base.execute(f"create table {name} as from read_parquet('{folder}/{name}.parquet')")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules.sql"), encoding="utf-8") as file:
        rules = file.read()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        base.execute(rules)
        seconds.append(time.perf_counter() - start)
    digests = {}
    for subject in ("household", "person"):
        columns = base.execute(f"from {subject}_result order by {subject}_id").fetchnumpy()
        for name, column in columns.items():
            if name.endswith("_id"):
                continue
            column = numpy.ma.asarray(column)
            if column.dtype == bool:
                digests[name] = digest.of_verdicts(numpy.where(numpy.ma.getmaskarray(column), -1, column.filled(0)))
            else:
                values = numpy.where(numpy.ma.getmaskarray(column), digest.UNKNOWN, column.filled(0).astype(numpy.int64))
                digests[name] = digest.of_values(values)
    print(json.dumps({"name": f"DuckDB {duckdb.__version__}", "seconds": seconds, "digests": digests}))


if __name__ == "__main__":
    main()
