"""OpenFisca-core on the rules: `peer_openfisca.py FOLDER`; prints one JSON document.

Its booleans know no third answer and its floats are single precision, so everything is an integer: money in fen, verdicts 1, 0,
-1, codes by number, -1 (or the smallest 32-bit number for money) where unknown. Arrays lie in memory before the clock starts; the
clock covers building the entities, handing over the inputs and calculating every rule, as its own users must.
"""

import json
import sys
import time

import digest
import numpy
import openfisca_core
import pyarrow.parquet
from openfisca_core import periods
from openfisca_core.entities import build_entity
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

ROUNDS = 3
PERIOD = "2016"
NO_MONEY = numpy.iinfo(numpy.int32).min
MONEY = [f"{name}{year}_fen" for name in ("wage", "business", "property", "transfer", "cost") for year in ("", "_prior")]
CODES = {
    "school_status": ["PRESCHOOL", "PRIMARY", "JUNIOR", "SENIOR"],
    "health": ["HEALTHY", "CHRONIC", "SERIOUS", "DISABLED"],
    "relation": ["HEAD", "SPOUSE", "CHILD", "PARENT"],
    "cause_main": ["ILLNESS", "DISABILITY", "LABOUR", "SCHOOL", "SKILL"],
}
PERSON_INPUTS = ["age", "relation", "school_status", "health", "work_months", "medical_insured"]
HOUSEHOLD_INPUTS = ["member_count", "exit_year", "cause_main", "dangerous_house", "water_safe", "water_short", *MONEY]

person_entity = build_entity(key="person", plural="persons", label="person", is_person=True)
household_entity = build_entity(key="household", plural="households", label="household",
                                roles=[{"key": "member", "plural": "members", "label": "member"}])


def verdict(condition, known=True):
    """1, 0, or -1 where not known."""
    return numpy.where(known, condition, -1)


def both(*verdicts):
    """Three-valued and."""
    smallest = numpy.minimum.reduce([numpy.where(v == -1, 0.5, v) for v in verdicts])
    return numpy.where(smallest == 0.5, -1, smallest).astype(numpy.int32)


def negated(v):
    """Three-valued not."""
    return numpy.where(v == -1, -1, 1 - v)


def every(household, member_verdicts):
    """Three-valued all over the members; a member outside the question counts as 1."""
    no = household.sum(member_verdicts == 0)
    unknown = household.sum(member_verdicts == -1)
    return numpy.where(no > 0, 0, numpy.where(unknown > 0, -1, 1))


def total(household, suffix, period):
    """Net income and whether every part is known."""
    parts = [household(f"{name}{suffix}_fen", period).astype(numpy.int64)
             for name in ("wage", "business", "property", "transfer", "cost")]
    known = numpy.logical_and.reduce([part != NO_MONEY for part in parts])
    return parts[0] + parts[1] + parts[2] + parts[3] - parts[4], known


class net(Variable):
    def formula(household, period):
        value, known = total(household, "", period)
        return numpy.where(known, value, NO_MONEY)


class per_head(Variable):
    def formula(household, period):
        value = household("net", period).astype(numpy.int64)
        hundredths = value * 100
        members = household.nb_persons()
        # Cut towards zero, as all contenders do.
        return numpy.where(value == NO_MONEY, NO_MONEY, numpy.sign(hundredths) * (abs(hundredths) // members))


class below_line(Variable):
    def formula(household, period):
        value = household("net", period).astype(numpy.int64)
        return verdict(value < 600_000 * household.nb_persons(), value != NO_MONEY)


class schooling(Variable):
    def formula(household, period):
        age, status = household.members("age", period), household.members("school_status", period)
        asked = (age >= 6) & (age <= 15)
        at_school = verdict((status == 1) | (status == 2), status != -1)
        return every(household, numpy.where(asked, at_school, 1))


class insured(Variable):
    def formula(household, period):
        return every(household, household.members("medical_insured", period))


class housing(Variable):
    def formula(household, period):
        return negated(household("dangerous_house", period))


class water(Variable):
    def formula(household, period):
        return both(household("water_safe", period), negated(household("water_short", period)))


class guarantees(Variable):
    def formula(household, period):
        return both(*(household(name, period) for name in ("schooling", "insured", "housing", "water")))


class exit_ok(Variable):
    def formula(household, period):
        return both(negated(household("below_line", period)), household("guarantees", period))


class premature_exit(Variable):
    def formula(household, period):
        exited = (household("exit_year", period) != -1).astype(int)
        return both(exited, negated(household("exit_ok", period)))


class roster_complete(Variable):
    def formula(household, period):
        declared = household("member_count", period)
        return verdict(declared == household.nb_persons(), declared != -1)


class same_income(Variable):
    def formula(household, period):
        now, known = total(household, "", period)
        before, known_before = total(household, "_prior", period)
        return verdict(now == before, known & known_before)


class just_above(Variable):
    def formula(household, period):
        value, members = household("net", period).astype(numpy.int64), household.nb_persons()
        return verdict((value >= 600_000 * members) & (value < 612_000 * members), value != NO_MONEY)


class illness_unseen(Variable):
    def formula(household, period):
        cause = household("cause_main", period)
        health = household.members("health", period)
        healthy = every(household, verdict(health == 0, health != -1))
        return both(verdict(cause == 0, cause != -1), healthy)


class elders_only(Variable):
    def formula(household, period):
        age = household.members("age", period)
        youngest = household.min(numpy.where(age == -1, 1_000, age))
        return verdict(youngest >= 60, youngest != 1_000)


class wages_unworked(Variable):
    def formula(household, period):
        wage = household("wage_fen", period)
        idle = (household.sum(household.members("work_months", period) > 0) == 0).astype(int)
        return both(verdict(wage > 0, wage != NO_MONEY), idle)


class pupil_age(Variable):
    def formula(person, period):
        status, age = person("school_status", period), person("age", period)
        fits = verdict((age >= 5) & (age <= 25), age != -1)
        return numpy.where(status == -1, 1, fits)


class head_grown(Variable):
    def formula(person, period):
        relation, age = person("relation", period), person("age", period)
        return numpy.where(relation != 0, 1, verdict(age >= 16, age != -1))


class long_worker(Variable):
    def formula(person, period):
        months, age = person("work_months", period), person("age", period)
        return both(verdict(months >= 6, months != -1), verdict((age >= 16) & (age <= 59), age != -1))


HOUSEHOLD_RULES = [net, per_head, below_line, schooling, insured, housing, water, guarantees, exit_ok, premature_exit,
                   roster_complete, same_income, just_above, illness_unseen, elders_only, wages_unworked]
PERSON_RULES = [pupil_age, head_grown, long_worker]


def system():
    tax_benefit_system = TaxBenefitSystem([person_entity, household_entity])
    common = {"value_type": int, "definition_period": periods.DateUnit.YEAR}
    for entity, rules, inputs in ((household_entity, HOUSEHOLD_RULES, HOUSEHOLD_INPUTS),
                                  (person_entity, PERSON_RULES, PERSON_INPUTS)):
        for name in inputs:
            tax_benefit_system.add_variable(type(name, (Variable,), {**common, "entity": entity}))
        for rule in rules:
            # Only attributes of the class itself count, so the formula is handed over rather than inherited.
            own = {**common, "entity": entity, "formula": rule.formula}
            tax_benefit_system.add_variable(type(rule.__name__, (Variable,), own))
    return tax_benefit_system


def arrays(table, names):
    """Columns as 32-bit integers with their own mark for unknown."""
    result = {}
    for name in names:
        column = table[name].combine_chunks()
        if name in CODES:
            order = {code: number for number, code in enumerate(CODES[name])}
            encoded = column.dictionary_encode()
            numbers = numpy.array([order[code] for code in encoded.dictionary.to_pylist()] + [-1])
            result[name] = numbers[numpy.asarray(encoded.indices.fill_null(len(numbers) - 1))].astype(numpy.int32)
        else:
            mark = NO_MONEY if name in MONEY else -1
            result[name] = numpy.asarray(column.cast("int64").fill_null(mark)).astype(numpy.int32)
    return result


def run(tax_benefit_system, person_ids, owners, person, household):
    builder = SimulationBuilder()
    builder.create_entities(tax_benefit_system)
    builder.declare_person_entity("person", person_ids)
    instance = builder.declare_entity("household", numpy.arange(len(household["member_count"])))
    builder.join_with_persons(instance, owners, numpy.full(len(owners), "member"))
    simulation = builder.build(tax_benefit_system)
    for columns in (person, household):
        for name, values in columns.items():
            simulation.set_input(name, PERIOD, values)
    return {rule.__name__: simulation.calculate(rule.__name__, PERIOD) for rule in HOUSEHOLD_RULES + PERSON_RULES}


def main():
    folder = sys.argv[1]
    person_table = pyarrow.parquet.read_table(f"{folder}/person.parquet")
    household_table = pyarrow.parquet.read_table(f"{folder}/household.parquet")
    person, household = arrays(person_table, PERSON_INPUTS), arrays(household_table, HOUSEHOLD_INPUTS)
    person_ids = numpy.asarray(person_table["person_id"])
    owners = numpy.asarray(person_table["household_id"]) - 1
    tax_benefit_system = system()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        results = run(tax_benefit_system, person_ids, owners, person, household)
        seconds.append(time.perf_counter() - start)
    digests = {}
    for name, values in results.items():
        if name in ("net", "per_head"):
            hundredths = values.astype(numpy.int64) * (100 if name == "net" else 1)
            digests[name] = digest.of_values(numpy.where(values == NO_MONEY, digest.UNKNOWN, hundredths))
        else:
            digests[name] = digest.of_verdicts(values)
    version = getattr(openfisca_core, "__version__", None)
    if version is None:
        from importlib.metadata import version as installed
        version = installed("OpenFisca-Core")
    print(json.dumps({"name": f"OpenFisca {version}", "seconds": seconds, "digests": digests}))


if __name__ == "__main__":
    main()
