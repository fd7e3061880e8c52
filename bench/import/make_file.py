#!/usr/bin/env python3
"""Writes the file that the import benchmark reads: a register in layout L1 with 30 columns.

usage: make_file.py OUT_FOLDER [ROWS]

Writes register.csv (UTF-8), register-gb18030.csv and register.xlsx (shared strings, as spreadsheet programs write),
all with the same rows. One row in a thousand has a fault, so that every peer has something to refuse. Deterministic.
"""
import csv
import pathlib
import random
import sys
import zipfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
AREAS = HERE.parent.parent / "policy" / "xuzhou-2016" / "areas.csv"
HEAD = ["县(市、区、旗)", "乡(镇)", "行政村", "自然村", "户编号", "人编号", "姓名", "证件号码", "人数", "与户主关系", "民族",
        "文化程度", "在校生状况", "健康状况", "劳动技能", "务工状况", "务工时间(月)", "参加大病医疗", "脱贫属性", "脱贫年度",
        "贫困户属性", "主要致贫原因", "危房户", "饮水安全", "饮水困难", "人均纯收入", "联系电话", "参加城乡居民基本医疗保险",
        "其他致贫原因", "识别时间"]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉梅建国志红文斌春生永福海燕成德"
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
NUMERIC = {8, 16, 19, 25}


def villages():
    with open(AREAS, encoding="utf-8") as file:
        areas = {row["code"]: row for row in csv.DictReader(file)}
    found = []
    for code, row in areas.items():
        if row["level"] == "village":
            town = areas[row["parent_code"]]
            found.append((areas[town["parent_code"]]["name"], town["name"], row["name"], code))
    return found


def identity(prefix, year, month, day, serial):
    body = f"{prefix}{year:04d}{month:02d}{day:02d}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS))
    return body + "10X98765432"[total % 11]


def rows(count):
    dice = random.Random(20161231)
    places = villages()
    serials = {}
    made = household = 0
    while made < count:
        county, town, village, code = places[household * len(places) * 3 // (count + 3) % len(places)]
        household += 1
        size = min(dice.choice((1, 2, 2, 3, 3, 4, 5)), count - made)
        number = f"32{household:010d}"
        income = f"{dice.randrange(2000, 12000)}.{dice.randrange(100):02d}"
        exited = dice.random() < 0.3
        shared = ("已脱贫" if exited else "未脱贫", "2016" if exited else "", dice.choice(("一般贫困户", "低保贫困户", "五保户")),
                  dice.choice(("因病", "因残", "因学", "缺资金", "缺技术", "缺劳力")), dice.choice("否否否是"), "是", "否", income,
                  f"1{dice.randrange(3000000000, 9999999999)}", "是", "", f"2016-0{dice.randrange(1, 9)}")
        for member in range(size):
            year, month, day = dice.randrange(1930, 2015), dice.randrange(1, 13), dice.randrange(1, 29)
            key = (code[:6], year, month, day)
            serials[key] = serials.get(key, 0) + 1
            man = dice.random() < 0.5
            serial = serials[key] * 2 + (1 if man else 0)
            relation = "户主" if member == 0 else dice.choice(("配偶", "之子" if man else "之女", "之父" if man else "之母"))
            pupil = 2001 <= year <= 2009
            number_of_id = identity(code[:6], year, month, day, serial % 1000)
            if serial >= 1000:
                number_of_id = identity("3203" + f"{21 + serial // 1000:02d}", year, month, day, serial % 1000)
            if dice.random() < 0.001:
                number_of_id = number_of_id[:17] + ("0" if number_of_id[17] != "0" else "1")
            yield (county, town, village, f"{dice.randrange(1, 9)}组", number, f"{number}{member:02d}",
                   dice.choice(SURNAMES) + dice.choice(GIVEN) + (dice.choice(GIVEN) if dice.random() < 0.7 else ""),
                   number_of_id, str(size), relation, "汉族", "" if pupil else dice.choice(("小学", "初中", "高中", "文盲或半文盲")),
                   "小学" if pupil else "", dice.choice(("健康", "健康", "长期慢性病", "患有大病", "残疾")),
                   dice.choice(("普通劳动力", "无劳动力", "弱劳动力或半劳动力")), dice.choice(("", "", "乡内", "省外")),
                   str(dice.randrange(0, 13)), "是") + shared
            made += 1


def write_xlsx(path, table):
    """Writes one sheet with shared strings in the order of first use."""
    strings = {}
    columns = [chr(65 + at) if at < 26 else "A" + chr(39 + at) for at in range(len(HEAD))]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        package.writestr("[Content_Types].xml", '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>')
        package.writestr("_rels/.rels", '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        package.writestr("xl/workbook.xml", '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>')
        package.writestr("xl/_rels/workbook.xml.rels", '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>')
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for number, row in enumerate(table, 1):
                cells = []
                for at, value in enumerate(row):
                    if not value:
                        continue
                    if number > 1 and at in NUMERIC:
                        cells.append(f'<c r="{columns[at]}{number}"><v>{value}</v></c>')
                    else:
                        cells.append(f'<c r="{columns[at]}{number}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
                sheet.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(b'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for value in strings:
                part.write(f"<si><t>{escape(value)}</t></si>".encode())
            part.write(b"</sst>")


def main():
    out = pathlib.Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    out.mkdir(parents=True, exist_ok=True)
    table = [tuple(HEAD)]
    table.extend(rows(count))
    for name, encoding in (("register.csv", "utf-8"), ("register-gb18030.csv", "gb18030")):
        with open(out / name, "w", encoding=encoding, newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    write_xlsx(out / "register.xlsx", table)
    for path in sorted(out.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
