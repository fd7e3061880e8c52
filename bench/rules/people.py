"""Makes people for the benchmark: `people.py COUNT FOLDER` writes person.parquet and household.parquet.

The same for every run. Members of a household are adjacent; every column has unknowns, the money some losses; incomes are
heaped around the line so that every rule has all three answers.
"""

import os
import sys

import numpy
import pyarrow
import pyarrow.parquet

LINE_FEN = 600_000


def unknown(dice, share, count):
    return dice.random(count) < share


def coded(dice, codes, shares, count, missing):
    picked = dice.choice(len(codes), size=count, p=shares)
    return pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(picked.astype(numpy.int32), mask=missing), pyarrow.array(codes)
    ).cast(pyarrow.string())


def money(dice, mean_fen, count, missing, sign=1):
    amount = sign * numpy.minimum(dice.lognormal(numpy.log(mean_fen), 0.9, count), 10 * mean_fen).astype(numpy.int64)
    amount[dice.random(count) < 0.2] = 0
    return pyarrow.array(amount, mask=missing)


def tables(people, seed=2016):
    dice = numpy.random.default_rng(seed)
    sizes = numpy.minimum(1 + dice.poisson(1.6, people), 9)
    households = int(numpy.searchsorted(numpy.cumsum(sizes), people) + 1)
    sizes = sizes[:households]
    sizes[-1] -= sizes.sum() - people
    if sizes[-1] <= 0:
        sizes[-2] += sizes[-1]
        sizes, households = sizes[:-1], households - 1
    ids = numpy.arange(1, households + 1, dtype=numpy.int64)
    area = numpy.char.add("3203", (numpy.arange(households) * 2_812 // households + 22_100_200).astype("U8"))
    few = lambda count: unknown(dice, 0.02, count)  # noqa: E731
    income = {}
    for name, mean in (("wage", 700_000), ("business", 400_000), ("property", 40_000), ("transfer", 150_000),
                       ("cost", 150_000)):
        income[f"{name}_fen"] = money(dice, mean, households, unknown(dice, 0.005, households))
        same = dice.random(households) < 0.03
        prior = numpy.array(money(dice, mean, households, None))
        now = numpy.array(income[f"{name}_fen"].fill_null(0))
        income[f"{name}_prior_fen"] = pyarrow.array(numpy.where(same, now, prior), mask=unknown(dice, 0.01, households))
    wage = numpy.array(income["wage_fen"].fill_null(0))
    heaped = dice.random(households) < 0.04
    others = sum(numpy.array(income[f"{n}_fen"].fill_null(0)) for n in ("business", "property", "transfer"))
    others -= numpy.array(income["cost_fen"].fill_null(0))
    wage = numpy.where(heaped, (LINE_FEN + dice.integers(-2, 3, households)) * sizes - others, wage)
    income["wage_fen"] = pyarrow.array(wage, mask=unknown(dice, 0.005, households))
    declared = sizes + (dice.random(households) < 0.03)
    exits = dice.random(households) < 0.3
    household = pyarrow.table({
        "household_id": ids,
        "area_code": pyarrow.array(area.tolist()),
        "member_count": pyarrow.array(declared.astype(numpy.int64), mask=few(households)),
        "exit_year": pyarrow.array(numpy.full(households, 2016, numpy.int64), mask=~exits),
        "cause_main": coded(dice, ["ILLNESS", "DISABILITY", "LABOUR", "SCHOOL", "SKILL"],
                            [0.4, 0.2, 0.2, 0.1, 0.1], households, few(households)),
        "dangerous_house": pyarrow.array(dice.random(households) < 0.05, mask=few(households)),
        "water_safe": pyarrow.array(dice.random(households) < 0.97, mask=few(households)),
        "water_short": pyarrow.array(dice.random(households) < 0.03, mask=few(households)),
        **income,
    })
    owner = numpy.repeat(ids, sizes)
    first = numpy.concatenate(([True], owner[1:] != owner[:-1]))
    age = numpy.where(first, dice.integers(20, 95, people), dice.integers(0, 95, people))
    pupil = (age >= 4) & (age <= 22)
    status = coded(dice, ["PRESCHOOL", "PRIMARY", "JUNIOR", "SENIOR"], [0.05, 0.5, 0.4, 0.05], people,
                   ~pupil | few(people))
    person = pyarrow.table({
        "person_id": numpy.arange(1, people + 1, dtype=numpy.int64),
        "household_id": owner,
        "area_code": pyarrow.array(numpy.repeat(area, sizes).tolist()),
        "age": pyarrow.array(age.astype(numpy.int64), mask=few(people)),
        "relation": pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(numpy.where(first, 0, 1 + dice.integers(0, 3, people)).astype(numpy.int32)),
            pyarrow.array(["HEAD", "SPOUSE", "CHILD", "PARENT"])).cast(pyarrow.string()),
        "school_status": status,
        "health": coded(dice, ["HEALTHY", "CHRONIC", "SERIOUS", "DISABLED"], [0.6, 0.2, 0.1, 0.1], people, few(people)),
        "work_months": pyarrow.array(dice.integers(0, 13, people), mask=few(people)),
        "medical_insured": pyarrow.array(dice.random(people) < 0.98, mask=few(people)),
    })
    return person, household


if __name__ == "__main__":
    count, folder = int(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    for name, table in zip(("person", "household"), tables(count)):
        pyarrow.parquet.write_table(table, os.path.join(folder, f"{name}.parquet"), compression="NONE")
