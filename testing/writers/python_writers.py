#!/usr/bin/env python3
"""Writers from PyPI: each gets a path and sheets of rows, and makes a workbook as its users would.

usage: python_writers.py list | read RAW FOLDER | write NAME TABLES TARGET text|cells
"""
import csv
import datetime
import json
import pathlib
import re
import sys

DAY = re.compile(r"^(19|20)\d\d-\d\d-\d\d$")
COUNTY = "320324"
FILES_OF_A_KIND_MAX = 2
ROWS_MAX = 40


def openpyxl(path, sheets):
    from openpyxl import Workbook
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def openpyxl_write_only(path, sheets):
    from openpyxl import Workbook
    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def xlsxwriter(path, sheets, **options):
    import xlsxwriter as module
    book = module.Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": False, **options})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, column, value)
                elif isinstance(value, datetime.date):
                    sheet.write_datetime(at, column, value)
                elif value is not None:
                    sheet.write_number(at, column, value)
    book.close()


def xlsxwriter_constant_memory(path, sheets):
    xlsxwriter(path, sheets, constant_memory=True)


def xlsxwriter_1904(path, sheets):
    xlsxwriter(path, sheets, date_1904=True)


def xlsxwriter_zip64(path, sheets):
    import xlsxwriter as module
    original = module.Workbook.close

    def close(book):
        book.use_zip64()
        original(book)

    module.Workbook.close = close
    try:
        xlsxwriter(path, sheets)
    finally:
        module.Workbook.close = original


def pandas_by(engine):
    def write(path, sheets):
        import pandas
        with pandas.ExcelWriter(path, engine=engine) as book:
            for name, rows in sheets:
                frame = pandas.DataFrame([list(row) for row in rows], dtype=object)
                frame.to_excel(book, sheet_name=name, header=False, index=False)
    return write


def pyexcelerate(path, sheets):
    from pyexcelerate import Workbook
    book = Workbook()
    for name, rows in sheets:
        book.new_sheet(name, data=[["" if value is None else moment(value) for value in row] for row in rows])
    book.save(str(path))


def compactxlsx(path, sheets):
    import compactxlsx as module
    import pandas
    frames = {}
    for name, rows in sheets:
        width = max(map(len, rows))
        head, *body = [list(row) + [None] * (width - len(row)) for row in rows]
        frames[name] = pandas.DataFrame(body, columns=["" if value is None else value for value in head], dtype=object)
    module.write_xlsx(frames, path)


def pylightxl(path, sheets):
    import pylightxl as module
    book = module.Database()
    for name, rows in sheets:
        book.add_ws(name)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    book.ws(name).update_index(at, column, value.isoformat() if isinstance(value, datetime.date) else value)
    module.writexl(book, str(path))


def xlwt(path, sheets):
    import xlwt as module
    book = module.Workbook(encoding="utf-8")
    day_style = module.easyxf(num_format_str="YYYY-MM-DD")
    for name, rows in sheets:
        sheet = book.add_sheet(name[:31])
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write(at, column, value, day_style)
                elif value is not None:
                    sheet.write(at, column, value)
    book.save(str(path))


def odfpy(path, sheets):
    from odf import number, opendocument, style, table, text
    book = opendocument.OpenDocumentSpreadsheet()
    day_format = number.DateStyle(name="day")
    for part in (number.Year(style="long"), number.Text(text="-"), number.Month(style="long"),
                 number.Text(text="-"), number.Day(style="long")):
        day_format.addElement(part)
    book.automaticstyles.addElement(day_format)
    day_style = style.Style(name="day-cell", family="table-cell", datastylename="day")
    book.automaticstyles.addElement(day_style)
    for name, rows in sheets:
        sheet = table.Table(name=name)
        for row in rows:
            line = table.TableRow()
            for value in row:
                if value is None:
                    cell = table.TableCell()
                elif isinstance(value, datetime.date):
                    cell = table.TableCell(valuetype="date", datevalue=value.isoformat(), stylename=day_style)
                elif isinstance(value, (int, float)):
                    cell = table.TableCell(valuetype="float", value=value)
                else:
                    cell = table.TableCell(valuetype="string")
                if value is not None:
                    cell.addElement(text.P(text=value.isoformat() if isinstance(value, datetime.date) else str(value)))
                line.addElement(cell)
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    book.save(str(path))


def moment(value):
    """A day as a moment, for writers that know no days."""
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    return value


WRITERS = {
    "openpyxl": openpyxl,
    "openpyxl_write_only": openpyxl_write_only,
    "xlsxwriter": xlsxwriter,
    "xlsxwriter_constant_memory": xlsxwriter_constant_memory,
    "xlsxwriter_1904": xlsxwriter_1904,
    "xlsxwriter_zip64": xlsxwriter_zip64,
    "pandas_openpyxl": pandas_by("openpyxl"),
    "pandas_xlsxwriter": pandas_by("xlsxwriter"),
    "pyexcelerate": pyexcelerate,
    "compactxlsx": compactxlsx,
    "pylightxl": pylightxl,
    "xlwt": xlwt,
    "odfpy": odfpy,
    "pandas_odf": pandas_by("odf"),
}
# What writers of other formats call their files.
ENDINGS = {"xlwt": ".xls", "odfpy": ".ods", "pandas_odf": ".ods"}


def sheets_of(path):
    """The sheets of a raw file as text, numbers and nothing."""
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook
        book = load_workbook(path, read_only=True)
        return [[sheet.title, [[plain(value) for value in row] for row in sheet.iter_rows(values_only=True)]]
                for sheet in book.worksheets if sheet.sheet_state == "visible"]
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    rows = [[value or None for value in row] for row in csv.reader(text.splitlines(keepends=True))]
    return [["Sheet1", rows]]


def plain(value):
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.strftime("%Y-%m-%d")
    return value


def read(raw, folder):
    """Takes raw files apart: every kind of list, of one county, and of a folder's equal files the first few."""
    raw, folder = pathlib.Path(raw), pathlib.Path(folder)
    seen = {}
    for path in sorted(raw.rglob("*")):
        area = re.search(r"32\d{4}", path.name)
        if path.suffix not in (".xlsx", ".csv") or (area and area[0] != COUNTY):
            continue
        sheets = [[title, rows[:ROWS_MAX]] for title, rows in sheets_of(path)]
        # Files below one folder whose fullest first row, the head, is the same are of one kind.
        heads = [max(rows[:6], key=lambda row: sum(value is not None for value in row), default=[]) for _, rows in sheets]
        kind = (path.relative_to(raw).parts[0], repr(heads))
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= FILES_OF_A_KIND_MAX:
            name = "-".join(path.relative_to(raw).with_suffix("").parts)
            (folder / f"{name}.json").write_text(json.dumps(sheets, ensure_ascii=False), encoding="utf-8")


def write(name, tables, target, dates):
    for table in sorted(pathlib.Path(tables).glob("*.json")):
        sheets = json.loads(table.read_text(encoding="utf-8"))
        if dates == "cells":
            sheets = [(title, [[day(value) for value in row] for row in rows]) for title, rows in sheets]
        WRITERS[name](pathlib.Path(target) / f"{table.stem}{ENDINGS.get(name, '.xlsx')}", sheets)


def day(value):
    """A day as a date; what only looks like one stays as it is."""
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) and DAY.match(value) else value
    except ValueError:
        return value


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "list":
        print(*WRITERS)
    else:
        {"read": read, "write": write}[command](*rest)
