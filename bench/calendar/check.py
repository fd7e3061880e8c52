#!/usr/bin/env python3
"""Compares every day of the pack's calendar.toml with public packages and prints where they differ.

usage: check.py CALENDAR.toml        (bench/calendar/run installs the packages, in fixed versions)

Each difference names the notice that decides it: the one in `source` of that day's year. Ends with 1 when a package that
keeps every notice (KEEPS) differs anywhere, for then either it or the pack has a day wrong; the others are only counted.
"""
import datetime
import importlib.metadata
import sys
import tomllib
import warnings

import chinese_calendar
import holidays
from workalendar.asia import China
from workalendar.exceptions import CalendarError

KEEPS = ("chinesecalendar", "holidays")
DAY = datetime.timedelta(days=1)
DIFFERENCES_SHOWN = 12


def lists(path):
    """Days off, weekend days worked, and the notice of each year, as the pack has them."""
    off, on, source = set(), set(), {}
    with open(path, "rb") as file:
        years = tomllib.load(file)["year"]
    for year in years:
        source[year["year"]] = year["source"]
        on.update(year["worked"])
        for days in year["holiday"]:
            day = days["from"]
            while day <= days["until"]:
                off.add(day)
                day += DAY
    return off, on, source


def contenders(years):
    """By package, what says whether offices work on a day; a package without an answer raises."""
    china = holidays.China(years=years)
    old = China()
    return {
        "chinesecalendar": chinese_calendar.is_workday,
        "holidays": china.is_working_day,
        "workalendar": old.is_working_day,
    }


def main():
    warnings.simplefilter("ignore")
    off, on, source = lists(sys.argv[1])
    first, last = min(source), max(source)
    missing = [year for year in range(first, last + 1) if year not in source]
    stray = sorted(day for day in on if day.weekday() < 5)
    days = [datetime.date(first, 1, 1) + DAY * n
            for n in range((datetime.date(last + 1, 1, 1) - datetime.date(first, 1, 1)).days)]
    print(f"pack: {first} to {last}, {len(days)} days, {len(off)} days off, {len(on)} weekend days worked")
    bad = bool(missing or stray)
    print(f"years without a list: {missing or 'none'}; weekdays called worked: {stray or 'none'}")
    for name, works in contenders(range(first, last + 1)).items():
        wrong, unknown = [], set()
        for day in days:
            ours = day not in off and (day.weekday() < 5 or day in on)
            try:
                theirs = works(day)
            except (NotImplementedError, CalendarError):
                unknown.add(day.year)
                continue
            if theirs != ours:
                wrong.append((day, ours))
        # A package that has no list of a year still answers for its weekends.
        wrong = [(day, ours) for day, ours in wrong if day.year not in unknown]
        version = importlib.metadata.version(name)
        print(f"{name} {version}: {len(wrong)} days differ, no answer for {sorted(unknown) or 'no year'}")
        for day, ours in wrong[:DIFFERENCES_SHOWN]:
            word = "worked" if ours else "off"
            print(f"  {day} {day:%a}: {word} by {source[day.year]}; the package says otherwise")
        if len(wrong) > DIFFERENCES_SHOWN:
            print(f"  … and {len(wrong) - DIFFERENCES_SHOWN} more")
        bad |= name in KEEPS and bool(wrong)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
