"""What every peer of the import benchmark checks, taken from the same pack as our own rules.

A row is refused unless: its village is known by its three names; household number, person number, name and relation are
there; the name holds no digit; the identity number has 18 characters, a fitting check digit and a day of birth that
makes its holder 0 to 120 years old; every label is of its list; yes and no, whole numbers, money, year, month and phone
are what they should be; the number occurs once. A household is noted unless it has one head, as many rows as it declares
and one village. Repairs, encodings, stored codes and
encryption are left to us alone; alternative labels pass here as they are written.
"""
import csv
import datetime
import pathlib
import re
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
PACK = HERE.parent.parent / "policy" / "xuzhou-2016"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
TRUTHS = ("是", "否")
TRUTH_AT = (17, 22, 23, 24, 27)
LIST_AT = {9: "relation", 10: "ethnicity", 11: "education", 12: "school_status", 13: "health", 14: "labour",
           15: "work_place", 18: "exit_status", 20: "household_class", 21: "cause", 28: "cause"}
AS_OF = tomllib.loads((PACK / "pack.toml").read_text(encoding="utf-8"))["as_of"].isoformat()
BORN_FIRST = f"{int(AS_OF[:4]) - 120}{AS_OF[4:]}"


def labels(name):
    codes = tomllib.loads((PACK / "codes" / f"{name}.toml").read_text(encoding="utf-8"))["code"]
    return frozenset(word for code in codes for word in (code["label"]["zh"], *code.get("aliases", ())))


LABELS = {at: labels(name) for at, name in LIST_AT.items()}


def villages():
    """Codes of the villages by their three names."""
    with open(PACK / "areas.csv", encoding="utf-8") as file:
        areas = {row["code"]: row for row in csv.DictReader(file)}
    found = {}
    for code, row in areas.items():
        if row["level"] == "village":
            town = areas[row["parent_code"]]
            found[areas[town["parent_code"]]["name"], town["name"], row["name"]] = code
    return found


def number_is_valid(number):
    if len(number) != 18 or not number[:17].isdigit():
        return False
    return CHECK[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS)) % 11] == number[17]


def born_in_range(number):
    try:
        born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])).isoformat()
    except ValueError:
        return False
    return BORN_FIRST <= born <= AS_OF


DIGIT = re.compile(r"\d")
WHOLE = re.compile(r"\d{1,9}").fullmatch
MONEY = re.compile(r"\d+(\.\d+)?").fullmatch
PHONE = re.compile(r"\d{7,12}").fullmatch
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])").fullmatch


def whole(text, low, high):
    return WHOLE(text) is not None and low <= int(text) <= high


def row_is_good(row):
    """The checks of one row that need no other row and no table."""
    if not (row[4] and row[5] and row[6] and row[9]) or DIGIT.search(row[6]):
        return False
    if not number_is_valid(row[7]) or not born_in_range(row[7]):
        return False
    if not whole(row[8], 1, 99) or (row[16] and not whole(row[16], 0, 12)):
        return False
    if (row[19] and not whole(row[19], 1900, 2100)) or (row[25] and not MONEY(row[25])):
        return False
    if (row[26] and not PHONE(row[26])) or (row[29] and not MONTH(row[29])):
        return False
    if any(row[at] and row[at] not in known for at, known in LABELS.items()):
        return False
    return all(not row[at] or row[at] in TRUTHS for at in TRUTH_AT)
