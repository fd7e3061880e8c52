"""Prints the table of one size and exits with 1 when a limit is broken: `compare.py COUNT FOLDER`."""

import json
import statistics
import sys

DUCKDB_RATIO_MAX = 1.7
EXPLAIN_MICROS_MAX = 1_000


def main():
    count, folder = int(sys.argv[1]), sys.argv[2]
    answers = {}
    for name in ("openfisca", "duckdb", "qibang"):
        with open(f"{folder}/{name}.json", encoding="utf-8") as file:
            answers[name] = json.load(file)
    best = {name: min(answer["seconds"][1:]) for name, answer in answers.items()}
    print(f"\n{count:,} people, {len(answers['duckdb']['digests'])} result columns")
    print("| contender | best, s | median, s | against Qibang |")
    print("|---|---|---|---|")
    for name, answer in answers.items():
        median = statistics.median(answer["seconds"][1:])
        print(f"| {answer['name']} | {best[name]:.3f} | {median:.3f} | {best[name] / best['qibang']:.2f}× |")
    ours = answers["qibang"]
    print(f"Qibang's second evaluator: {ours['seconds_rowwise']:.3f} s; one household explained: "
          f"{ours['explain_micros']} µs (≤ {EXPLAIN_MICROS_MAX})")
    good = ours["explain_micros"] <= EXPLAIN_MICROS_MAX
    for column in answers["duckdb"]["digests"]:
        digests = {name: answer["digests"].get(column) for name, answer in answers.items()}
        if len(set(digests.values())) != 1:
            print(f"{column} differs: {digests}")
            good = False
    if best["qibang"] >= best["openfisca"]:
        print("not faster than OpenFisca")
        good = False
    if best["qibang"] > DUCKDB_RATIO_MAX * best["duckdb"]:
        print(f"more than {DUCKDB_RATIO_MAX} times DuckDB's time")
        good = False
    print("every limit holds" if good else "a limit is broken")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
