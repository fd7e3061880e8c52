#!/usr/bin/env bash
# better-xlsx 0.7.6 (npm): a date cell holds the whole days of the instant in UTC.
#
# `setDate(new Date(2016, 2, 1))` is midnight where the program runs. East of Greenwich that instant still belongs to the day
# before in UTC, and the library stores the whole days only: a spreadsheet made in China says 29 February instead of
# 1 March 2016 (serial 42429 instead of 42430), for every date without a time; a time of day is lost everywhere. The same
# program is right in UTC and west of it, so a test on a server does not see it. The file is valid and nothing in it tells:
# whoever reads it cannot mend it, only the writer can, by dates made in UTC.
#
# Fails when the behaviour changes. Needs node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund better-xlsx@0.7.6 jszip@3.10.1

cat >dates.js <<'JS'
const { File } = require("better-xlsx");
const JSZip = require("jszip");
const fs = require("fs");
(async () => {
  const book = new File();
  const row = book.addSheet("dates").addRow();
  row.addCell().setDate(new Date(2016, 2, 1));
  row.addCell().setDate(new Date(2016, 2, 1, 12));
  await new Promise((done, fail) => {
    book.saveAs().pipe(fs.createWriteStream("dates.xlsx")).on("finish", done).on("error", fail);
  });
  const zip = await JSZip.loadAsync(fs.readFileSync("dates.xlsx"));
  const sheet = await zip.file("xl/worksheets/sheet1.xml").async("string");
  console.log([...sheet.matchAll(/<v>([^<]*)<\/v>/g)].map((match) => match[1]).join(" "));
})();
JS

echo "node $(node --version), better-xlsx $(node -p 'require("better-xlsx/package.json").version')"
echo "serials of 1 March 2016, midnight and noon where the program runs; 42430 and 42430.5 would be right"
status=0
while read -r zone seen; do
    found=$(TZ=$zone node dates.js)
    echo "$zone: $found"
    [ "$found" = "$seen" ] || { echo "  was: $seen"; status=1; }
done <<'SEEN'
UTC 42430 42430
Asia/Shanghai 42429 42430
America/New_York 42430 42430
SEEN
exit "$status"
