"""Fills the peer's tables: made-up households of the demo's size, the same for every run."""

import random
import sys

import app  # noqa: F401  (configures Django)
from django.core.management.color import no_style
from django.db import connection
from register.models import Household, IncomeItem, Person

ITEMS = ["务工收入", "粮食种植", "畜牧养殖", "财产收益", "低保金", "养老金", "项目收益", "生产经营支出"]
CAUSES = ["因病", "因残", "缺劳动力", "缺技术", "因学"]
SURNAMES = "王李张刘陈杨赵黄周吴"


def create_tables():
    with connection.schema_editor() as editor:
        for model in (Household, Person, IncomeItem):
            editor.create_model(model)


def copy(cursor, model, fields, rows):
    """COPY, because 2.5 million rows through the ORM would take an hour."""
    table = model._meta.db_table
    with cursor.copy(f"copy {table} ({', '.join(fields)}) from stdin") as out:
        for row in rows:
            out.write_row(row)


def load(households, people):
    dice = random.Random(2016)
    sizes = [1] * households
    for _ in range(people - households):
        sizes[dice.randrange(households)] += 1
    villages = [f"3203{county:02}{town:03}{200 + village}" for county in range(1, 11) for town in range(1, 19)
                for village in range(15)]

    def household_rows():
        for number, size in enumerate(sizes, 1):
            area = villages[number * len(villages) // (households + 1)]
            yield (number, f"{area}{number:07}"[:20], area, f"第{area[-3:]}村", dice.choice(SURNAMES) + "**", size,
                   dice.choice(CAUSES), dice.randrange(200_000, 1_500_000), dice.random() < 0.3)

    def person_rows():
        key = 0
        for number, size in enumerate(sizes, 1):
            for member in range(size):
                key += 1
                yield (key, number, f"{number:07}{member:02}", dice.choice(SURNAMES) + "**",
                       "户主" if member == 0 else "子女", dice.choice("男女"),
                       f"{dice.randrange(1930, 2016)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
                       "初中", "健康", "普通劳动力")

    def item_rows():
        key = 0
        for number in range(1, households + 1):
            for item in ITEMS:
                key += 1
                yield (key, number, item, dice.randrange(0, 3_000_000))

    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        copy(cursor, Household, ["id", "household_no", "area_code", "village", "head", "member_count", "cause",
                                 "income_per_head_fen", "exited"], household_rows())
        copy(cursor, Person, ["id", "household_id", "person_no", "name", "relation", "sex", "born_on", "education",
                              "health", "labour"], person_rows())
        copy(cursor, IncomeItem, ["id", "household_id", "item", "amount_fen"], item_rows())
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Household, Person, IncomeItem]):
            cursor.execute(statement)
        cursor.execute("vacuum analyze")


if __name__ == "__main__":
    create_tables()
    load(int(sys.argv[1]), int(sys.argv[2]))
