//! The annual report as a workbook: figures, notes, counties, rows behind figures, provenance.
//!
//! Text is always written as text: a cell that begins like a formula stays what it says. Every text
//! passes the scanner.

use qb_base::{Lang, Text};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};

use crate::document_no;
use crate::error::ReportError;
use crate::model::{AnnualReport, Figure, outcome_text};
use crate::number;
use crate::render::SYNTHETIC;
use crate::rows::{Cell, RowSheet, RowSource};

/// Longest name a spreadsheet gives a sheet.
const SHEET_NAME_CHARS_MAX: usize = 31;
/// The column of the figures that leads to their rows.
const ROWS_COLUMN: u16 = 12;
const HEAD_COLOUR: Color = Color::RGB(0x00EE_F3F3);

/// Renders the report in one language as XLSX bytes.
///
/// # Errors
/// When a text holds a personal number or the workbook cannot be made.
pub fn render_xlsx(
    report: &AnnualReport,
    rows: &dyn RowSource,
    lang: Lang,
) -> Result<Vec<u8>, ReportError> {
    let mut book = Book::new(report, lang)?;
    let row_sheets = rows.sheets()?;
    // First of all a reader sees what the data are.
    provenance(&mut book, report)?;
    figures(&mut book, report, &row_sheets)?;
    notes(&mut book, report)?;
    counties(&mut book, report)?;
    for (index, head) in row_sheets.iter().enumerate() {
        row_sheet(&mut book, rows, index, head)?;
    }
    Ok(book.workbook.save_to_buffer()?)
}

/// The workbook being written, with its few formats.
struct Book {
    workbook: Workbook,
    lang: Lang,
    is_synthetic: bool,
    head: Format,
    words: Format,
    guarded: Format,
    number: Format,
}

impl Book {
    fn new(report: &AnnualReport, lang: Lang) -> Result<Self, ReportError> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_timestamp(report.provenance.made_at.0.div_euclid(1_000))?;
        let properties = DocProperties::new()
            .set_title(report.title.get(lang))
            .set_author(report.issuer.get(lang))
            .set_comment(report.digest.to_string())
            .set_creation_datetime(&made);
        workbook.set_properties(&properties);
        let words = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        Ok(Self {
            workbook,
            lang,
            is_synthetic: report.provenance.is_synthetic,
            head: Format::new()
                .set_bold()
                .set_background_color(HEAD_COLOUR)
                .set_border_bottom(FormatBorder::Thin),
            guarded: words.clone().set_quote_prefix(),
            words,
            number: Format::new().set_num_format("#,##0.######").set_align(FormatAlign::Top),
        })
    }

    /// Adds a sheet with a frozen head line.
    fn sheet(&mut self, name: &str, columns: &[(Text, u16)]) -> Result<Sheet<'_>, ReportError> {
        let name = sheet_name(name);
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(&name)?;
        sheet.set_freeze_panes(1, 0)?;
        if self.is_synthetic {
            sheet.set_header(format!("&C{}", SYNTHETIC.get(self.lang)));
        }
        for (index, (_, width)) in columns.iter().enumerate() {
            // floats: the writer wants the width of a column as one.
            sheet.set_column_width(column(index)?, f64::from(*width))?;
        }
        for (index, (head, _)) in columns.iter().enumerate() {
            sheet.write_string_with_format(0, column(index)?, head.get(self.lang), &self.head)?;
        }
        Ok(Sheet {
            sheet,
            name,
            row: 0,
            words: &self.words,
            guarded: &self.guarded,
            number: &self.number,
            lang: self.lang,
        })
    }
}

/// A sheet being written line by line.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    name: String,
    row: u32,
    words: &'a Format,
    guarded: &'a Format,
    number: &'a Format,
    lang: Lang,
}

impl Sheet<'_> {
    fn line(&mut self, cells: &[Cell]) -> Result<(), ReportError> {
        self.row += 1;
        for (index, cell) in cells.iter().enumerate() {
            self.cell(column(index)?, cell)?;
        }
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell) -> Result<(), ReportError> {
        match cell {
            Cell::Empty => {}
            Cell::Number(value) => {
                let shown = number::to_cell(*value);
                self.sheet.write_number_with_format(self.row, column, shown, self.number)?;
            }
            Cell::Bool(value) => {
                let words = match (self.lang, value) {
                    (Lang::Zh, true) => "是",
                    (Lang::Zh, false) => "否",
                    (Lang::En, true) => "yes",
                    (Lang::En, false) => "no",
                };
                self.sheet.write_string_with_format(self.row, column, words, self.words)?;
            }
            Cell::Label(label) => self.text(column, label.get(self.lang))?,
            Cell::Text(text) => self.text(column, text)?,
        }
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str) -> Result<(), ReportError> {
        if let Some(kind) = qb_base::personal::find(text) {
            let place = format!("{}!{}:{}", self.name, self.row + 1, column + 1);
            return Err(ReportError::PersonalData { place, kind });
        }
        let format = if looks_like_formula(text) { self.guarded } else { self.words };
        self.sheet.write_string_with_format(self.row, column, text, format)?;
        Ok(())
    }
}

fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn column(index: usize) -> Result<u16, rust_xlsxwriter::XlsxError> {
    u16::try_from(index).map_err(|_| rust_xlsxwriter::XlsxError::RowColumnLimitError)
}

/// A name a spreadsheet accepts: at most 31 characters, none of the forbidden ones.
fn sheet_name(name: &str) -> String {
    let legal = name.chars().map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c });
    legal.take(SHEET_NAME_CHARS_MAX).collect()
}

fn words(text: Option<&Text>, lang: Lang) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.get(lang).to_owned()))
}

fn optional(text: Option<&String>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.clone()))
}

fn number_cell(value: Option<qb_policy::Decimal>) -> Cell {
    value.map_or(Cell::Empty, Cell::Number)
}

fn figures(
    book: &mut Book,
    report: &AnnualReport,
    row_sheets: &[RowSheet],
) -> Result<(), ReportError> {
    let lang = book.lang;
    let columns = [
        (Text::fixed("编号", "No."), 9),
        (Text::fixed("指标", "figure"), 44),
        (Text::fixed("公布数", "published"), 16),
        (Text::fixed("计算数", "computed"), 16),
        (Text::fixed("单位", "unit"), 10),
        (Text::fixed("结论", "verdict"), 14),
        (Text::fixed("原文写法", "as the document writes it"), 18),
        (Text::fixed("口径", "definition"), 44),
        (Text::fixed("分母", "denominator"), 30),
        (Text::fixed("时点", "as of"), 12),
        (Text::fixed("出处", "source"), 30),
        (Text::fixed("尚缺或落实方式", "missing, or how it is handled"), 40),
        (Text::fixed("数据行", "rows"), 16),
        (Text::fixed("说明", "notes"), 12),
        (Text::fixed("结论的理由", "reason of the verdict"), 44),
    ];
    let name = Text::fixed("指标", "figures");
    let mut sheet = book.sheet(name.get(lang), &columns)?;
    for figure in &report.figures {
        sheet.line(&figure_line(figure, lang))?;
        if let Some(rows) = row_sheets.iter().find(|rows| rows.facts.contains(&figure.id)) {
            let target = format!("internal:'{}'!A1", row_sheet_name(rows));
            sheet.sheet.write_url_with_text(
                sheet.row,
                ROWS_COLUMN,
                target.as_str(),
                row_sheet_name(rows),
            )?;
        }
    }
    Ok(())
}

/// Rows of a sheet are named after the facts that count them.
fn row_sheet_name(head: &RowSheet) -> String {
    sheet_name(&head.facts.join(" "))
}

fn figure_line(figure: &Figure, lang: Lang) -> [Cell; 15] {
    [
        Cell::Text(figure.id.clone()),
        words(Some(&figure.says), lang),
        number_cell(figure.published),
        figure
            .day()
            .map_or_else(|| number_cell(figure.computed_exact), |day| Cell::Text(day.to_string())),
        words(figure.unit_label.as_ref(), lang),
        words(Some(&figure.verdict.text()), lang),
        words(figure.published_as_written(), lang),
        words(figure.definition.as_ref(), lang),
        words(figure.denominator.as_ref(), lang),
        Cell::Text(figure.as_of.clone()),
        words(Some(&figure.source_text), lang),
        words(figure.remark.as_ref(), lang),
        // The name of the sheet stands here where there is one.
        Cell::Empty,
        Cell::Text(figure.notes.join(" ")),
        words(Some(&figure.reason), lang),
    ]
}

fn notes(book: &mut Book, report: &AnnualReport) -> Result<(), ReportError> {
    let lang = book.lang;
    let columns = [
        (Text::fixed("编号", "No."), 8),
        (Text::fixed("核对内容", "what is checked"), 40),
        (Text::fixed("结果", "what comes out"), 60),
        (Text::fixed("结论", "outcome"), 12),
        (Text::fixed("含义", "what it means"), 50),
        (Text::fixed("涉及指标", "figures"), 20),
        (Text::fixed("数值", "value"), 16),
        (Text::fixed("单位", "unit"), 10),
        (Text::fixed("算式", "arithmetic"), 40),
    ];
    let name = Text::fixed("核对说明", "notes");
    let mut sheet = book.sheet(name.get(lang), &columns)?;
    for note in &report.notes {
        let mut line = vec![
            Cell::Text(note.id.clone()),
            words(Some(&note.says), lang),
            words(Some(&note.finding), lang),
            words(Some(&outcome_text(note.outcome)), lang),
            words(Some(&note.verdict), lang),
            Cell::Text(note.facts.join(" ")),
        ];
        if note.figures.is_empty() {
            sheet.line(&line)?;
        }
        for figure in &note.figures {
            line.truncate(6);
            line.push(number_cell(figure.value));
            line.push(words(Some(&figure.unit_label), lang));
            line.push(Cell::Text(figure.expression.clone()));
            sheet.line(&line)?;
            line.iter_mut().take(6).skip(1).for_each(|cell| *cell = Cell::Empty);
        }
    }
    Ok(())
}

fn counties(book: &mut Book, report: &AnnualReport) -> Result<(), ReportError> {
    let lang = book.lang;
    let mut facts: Vec<&String> = Vec::new();
    for value in report.counties.iter().flat_map(|county| &county.values) {
        if !facts.contains(&&value.fact) {
            facts.push(&value.fact);
        }
    }
    if facts.is_empty() {
        return Ok(());
    }
    let mut columns =
        vec![(Text::fixed("代码", "code"), 10), (Text::fixed("县（市、区）", "county"), 18)];
    for id in &facts {
        let figure = report.figure(id).ok_or_else(|| ReportError::Figure {
            id: (*id).clone(),
            detail: "counties have a value of it, the report has no such figure".to_owned(),
        })?;
        let head = |lang| format!("{id} {}", figure.says.get(lang));
        columns.push((Text::new(head(Lang::Zh), head(Lang::En)), 20));
    }
    let name = Text::fixed("各县（市、区）", "counties");
    let mut sheet = book.sheet(name.get(lang), &columns)?;
    for county in &report.counties {
        // The sheet leads to rows, which hold the Chinese name.
        let name = match lang {
            Lang::Zh => county.name.zh.to_string(),
            Lang::En if county.name.zh == county.name.en => county.name.en.to_string(),
            Lang::En => format!("{} {}", county.name.en, county.name.zh),
        };
        let mut line = vec![Cell::Text(county.area.to_string()), Cell::Text(name)];
        line.extend(facts.iter().map(|id| {
            let value = county.values.iter().find(|value| value.fact == **id);
            number_cell(value.map(|value| value.value))
        }));
        sheet.line(&line)?;
    }
    Ok(())
}

fn row_sheet(
    book: &mut Book,
    rows: &dyn RowSource,
    index: usize,
    head: &RowSheet,
) -> Result<(), ReportError> {
    let lang = book.lang;
    let columns: Vec<(Text, u16)> = head.columns.iter().map(|label| (label.clone(), 16)).collect();
    let mut sheet = book.sheet(&row_sheet_name(head), &columns)?;
    rows.visit(index, head.limit, &mut |cells| sheet.line(cells))?;
    if head.total > head.limit {
        let left = (head.total - head.limit).to_string();
        let more = Text::fixed(
            "另有{left}行未列出，请在网页的数据行中查看",
            "{left} more rows are not listed here; see the page of rows",
        );
        sheet.line(&[words(Some(&more.fill(&[("left", &left)])), lang)])?;
    }
    Ok(())
}

fn provenance(book: &mut Book, report: &AnnualReport) -> Result<(), ReportError> {
    let lang = book.lang;
    let from = &report.provenance;
    let columns = [(Text::fixed("项目", "item"), 24), (Text::fixed("内容", "content"), 70)];
    let name = Text::fixed("来源", "provenance");
    let mut sheet = book.sheet(name.get(lang), &columns)?;
    let nature = if from.is_synthetic { words(Some(&SYNTHETIC), lang) } else { Cell::Empty };
    // Example data get no document number.
    let number = document_no::shown(report.document_no.as_deref());
    let number = if from.is_synthetic { Cell::Empty } else { words(Some(&number), lang) };
    let lines = [
        (Text::fixed("数据性质", "nature of the data"), nature),
        (Text::fixed("标题", "title"), Cell::Text(report.title.get(lang).to_owned())),
        (Text::fixed("文号", "document number"), number),
        (Text::fixed("统计时点", "as of"), Cell::Text(report.as_of.clone())),
        (
            Text::fixed("掌握情况截至", "known by"),
            from.known_at.map_or(Cell::Empty, |at| Cell::Text(at.to_instant_in_china())),
        ),
        (
            Text::fixed("非统计时点的指标", "figures of another day"),
            words(report.standing().as_ref(), lang),
        ),
        (Text::fixed("策略包", "pack"), Cell::Text(from.pack.clone())),
        (Text::fixed("策略包摘要", "pack digest"), Cell::Text(from.pack_digest.to_string())),
        (
            Text::fixed("数据快照摘要", "snapshot digest"),
            from.snapshot.map_or(Cell::Empty, |digest| Cell::Text(digest.to_string())),
        ),
        (Text::fixed("识别运行", "run"), optional(from.run.as_ref())),
        (Text::fixed("程序版本", "program"), Cell::Text(from.program.clone())),
        (Text::fixed("报告摘要", "report digest"), Cell::Text(report.digest.to_string())),
        (Text::fixed("审计链末端", "audit head"), optional(from.audit_head.as_ref())),
        (
            Text::fixed("审计链条目数", "audit entries"),
            number_cell(i64::try_from(from.audit_entries).ok().map(qb_policy::Decimal::whole)),
        ),
    ];
    lines.into_iter().try_for_each(|(label, cell)| sheet.line(&[words(Some(&label), lang), cell]))
}

#[cfg(test)]
mod tests;
