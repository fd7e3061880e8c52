"""Writes the character lists from which the two report fonts are cut.

usage: python3 characters.py AREAS.csv   (writes regular.txt and bold.txt here)
"""

import pathlib
import sys


def gb2312(rows):
    """The characters of the given GB 2312 rows (区)."""
    for row in rows:
        for cell in range(1, 95):
            try:
                yield bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")
            except UnicodeDecodeError:
                pass


ASCII = {chr(c) for c in range(0x20, 0x7F)}
LATIN = set("\u00a0«»±²³µ·×÷§°é–—‐‑‒―‘’“”•…‰′″¹⁴")
SIGNS = set("←↑→↓√∞≈≠≡≤≥−①②③④⑤⑥⑦⑧⑨⑩■□▲△◆◇○●★☆✓㎡℃№〇〔〕【】「」『』《》〈〉￥￡％＋－＝＜＞／（），。、；：？！")
NAMES = set("㙍䶮堃喆邳睢沛垚淼犇骉翀赟晢昇祎玥珺璟瑄曌頔甯")
AREAS = set(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")) - {"\n", "\r"}

COMMON = ASCII | LATIN | SIGNS | AREAS
REGULAR = COMMON | NAMES | set(gb2312(range(1, 88)))
BOLD = COMMON | set(gb2312(range(1, 2))) | set(gb2312(range(16, 56)))

for name, characters in (("regular.txt", REGULAR), ("bold.txt", BOLD)):
    pathlib.Path(name).write_text("".join(sorted(characters)), encoding="utf-8")
    print(name, len(characters))
