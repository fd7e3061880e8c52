// Writers from npm: each gets a path and sheets of rows, and makes a workbook as its users would.
// usage: node node_writers.js list | write NAME TABLES TARGET text|cells
const fs = require("fs");
const path = require("path");

const DAY = /^(19|20)\d\d-\d\d-\d\d$/;

async function exceljs(file, sheets, options) {
  const { Workbook } = require("exceljs");
  const book = new Workbook();
  for (const [name, rows] of sheets) {
    const sheet = book.addWorksheet(name);
    rows.forEach((row) => sheet.addRow(row));
  }
  await book.xlsx.writeFile(file, options);
}

async function exceljsStream(file, sheets, useSharedStrings) {
  const { stream } = require("exceljs");
  const book = new stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings });
  for (const [name, rows] of sheets) {
    const sheet = book.addWorksheet(name);
    rows.forEach((row) => sheet.addRow(row).commit());
    sheet.commit();
  }
  await book.commit();
}

function sheetjs(file, sheets, options) {
  const XLSX = require("xlsx");
  const book = XLSX.utils.book_new();
  for (const [name, rows] of sheets) {
    const sheet = XLSX.utils.aoa_to_sheet(rows, { dateNF: "yyyy-mm-dd" });
    XLSX.utils.book_append_sheet(book, sheet, name.slice(0, 31));
  }
  XLSX.writeFile(book, file, { bookType: "xlsx", ...options });
}

async function populate(file, sheets) {
  const Populate = require("xlsx-populate");
  const book = await Populate.fromBlankAsync();
  sheets.forEach(([name, rows], at) => {
    const sheet = at === 0 ? book.sheet(0).name(name) : book.addSheet(name);
    rows.forEach((row, r) => row.forEach((value, c) => {
      if (value === null) return;
      const cell = sheet.cell(r + 1, c + 1).value(value);
      if (value instanceof Date) cell.style("numberFormat", "yyyy-mm-dd");
    }));
  });
  await book.toFileAsync(file);
}

async function excel4node(file, sheets) {
  const { Workbook } = require("excel4node");
  const book = new Workbook();
  for (const [name, rows] of sheets) {
    const sheet = book.addWorksheet(name);
    rows.forEach((row, r) => row.forEach((value, c) => {
      const cell = sheet.cell(r + 1, c + 1);
      if (typeof value === "string") cell.string(value);
      else if (typeof value === "number") cell.number(value);
      else if (value instanceof Date) cell.date(value);
    }));
  }
  fs.writeFileSync(file, await book.writeToBuffer());
}

async function betterXlsx(file, sheets) {
  const { File } = require("better-xlsx");
  const book = new File();
  for (const [name, rows] of sheets) {
    const sheet = book.addSheet(name);
    for (const values of rows) {
      const row = sheet.addRow();
      for (const value of values) {
        const cell = row.addCell();
        if (value === null) continue;
        if (value instanceof Date) cell.setDate(value);
        else cell.value = value;
      }
    }
  }
  await new Promise((resolve, reject) => {
    book.saveAs().pipe(fs.createWriteStream(file)).on("finish", resolve).on("error", reject);
  });
}

async function officegen(file, sheets) {
  const book = require("officegen")("xlsx");
  for (const [name, rows] of sheets) {
    const sheet = book.makeNewSheet();
    sheet.name = name;
    sheet.data = rows.map((row) => row.map((value) => (value === null ? undefined : value instanceof Date ? iso(value) : value)));
  }
  await new Promise((resolve, reject) => {
    const out = fs.createWriteStream(file);
    out.on("close", resolve);
    book.on("error", reject);
    book.generate(out);
  });
}

async function writeExcelFile(file, sheets) {
  const write = require("write-excel-file/node");
  const writer = write.default || write;
  const data = sheets.map(([, rows]) => rows.map((row) => row.map((value) => {
    if (value === null) return null;
    return value instanceof Date ? { value, type: Date, format: "yyyy-mm-dd" } : { value, type: value.constructor };
  })));
  const described = data.map((rows, at) => ({ data: rows, sheet: sheets[at][0] }));
  const result = writer(described);
  if (typeof result.toFile === "function") await result.toFile(file);
  else await writer(data, { sheets: sheets.map(([name]) => name), filePath: file });
}

async function excelts(file, sheets) {
  const { Workbook } = await import("@cj-tech-master/excelts");
  const book = new Workbook();
  for (const [name, rows] of sheets) {
    const sheet = book.addWorksheet(name);
    rows.forEach((row) => sheet.addRow(row));
  }
  await book.xlsx.writeFile(file);
}

const WRITERS = {
  exceljs,
  exceljs_stream: (file, sheets) => exceljsStream(file, sheets, false),
  exceljs_stream_shared: (file, sheets) => exceljsStream(file, sheets, true),
  sheetjs: (file, sheets) => sheetjs(file, sheets, {}),
  sheetjs_shared: (file, sheets) => sheetjs(file, sheets, { bookSST: true, compression: true }),
  sheetjs_biff8: (file, sheets) => sheetjs(file, sheets, { bookType: "biff8" }),
  sheetjs_xlml: (file, sheets) => sheetjs(file, sheets, { bookType: "xlml" }),
  sheetjs_ods: (file, sheets) => sheetjs(file, sheets, { bookType: "ods" }),
  sheetjs_html: (file, sheets) => sheetjs(file, sheets, { bookType: "html" }),
  xlsx_populate: populate,
  excel4node,
  better_xlsx: betterXlsx,
  officegen,
  write_excel_file: writeExcelFile,
  excelts,
};

// What writers of other formats call their files; offices save web pages and XML as `.xls`.
const ENDINGS = {
  sheetjs_biff8: ".xls",
  sheetjs_xlml: ".xls",
  sheetjs_ods: ".ods",
  sheetjs_html: ".xls",
};

function iso(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// A day as their users make it: midnight where they are.
function day(value) {
  if (typeof value !== "string" || !DAY.test(value)) return value;
  const [year, month, date] = value.split("-").map(Number);
  const found = new Date(year, month - 1, date);
  // What only looks like a day stays as it is.
  return found.getMonth() === month - 1 && found.getDate() === date ? found : value;
}

async function main() {
  const [command, name, tables, target, dates] = process.argv.slice(2);
  if (command === "list") return console.log(Object.keys(WRITERS).join(" "));
  for (const table of fs.readdirSync(tables).sort()) {
    let sheets = JSON.parse(fs.readFileSync(path.join(tables, table), "utf-8"));
    if (dates === "cells") sheets = sheets.map(([title, rows]) => [title, rows.map((row) => row.map(day))]);
    const file = table.replace(/\.json$/, ENDINGS[name] || ".xlsx");
    await WRITERS[name](path.join(target, file), sheets);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
