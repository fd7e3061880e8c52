//! The annual report as a text document that an office can edit: the same sentences, tables,
//! drawings and notes as the printed one.
//!
//! Drawings are pictures here, painted from what the printed report draws, with their titles as
//! the words for whoever does not see them. Every text passes the scanner.

use std::collections::BTreeMap;
use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, Header, LineSpacing, PageMargin, PageNum,
    Paragraph as Block, Pic, Run as Words, RunFonts, SpecialIndentType, Table, TableCell,
    TableLayoutType, TableRow, WidthType,
};
use qb_base::{Lang, Text};

use crate::document_no;
use crate::error::ReportError;
use crate::model::{
    AnnualReport, Chart, Figure, Note, Paragraph, Part, Run, Section, Verdict, outcome_text,
};
use crate::number;
use crate::picture::{Painter, Picture};
use crate::render::{Look, Names, SYNTHETIC, behind, day, drawings, is_empty};
use crate::scan;

mod finish;

/// Twentieths of a point.
const MARGIN: i32 = 1_440;
const LINE: i32 = 480;
/// Half points: body text, small text, headings, the title.
const BODY: usize = 28;
const SMALL: usize = 18;
const HEADING: usize = 32;
const TITLE: usize = 44;
/// Two characters of body text.
const FIRST_LINE: i32 = 560;
/// The width of the text in twentieths of a point, and the columns of the tables that share it.
const FULL_WIDTH: usize = 9_026;
const FIGURE_COLUMNS: [usize; 5] = [1_650, 3_026, 1_650, 1_650, 1_050];
const NOTE_COLUMNS: [usize; 3] = [800, 7_026, 1_200];
const SOURCE_COLUMNS: [usize; 2] = [2_400, 6_626];

/// Twentieths of a point in units of pictures.
const PICTURE_UNITS: u32 = 635;
/// The room for a picture in twentieths of a point: the width of the text, and its height less a
/// title.
const PICTURE_ROOM: (u32, u32) = (9_026, 12_620);
/// Rows of a table that stay together at its beginning and at its end, as in the printed report.
const KEPT: usize = 3;

/// Colours as in the printed report: agrees, does not, all else.
const TEAL: &str = "0F5F5C";
const RED: &str = "C8102E";
const GREY: &str = "5B6770";

/// What the colours and the ids mean.
const LEGEND: Text = Text::fixed(
    "每个数字后的编号指向附件1中的一行。粗体为由登记资料算出的数，不取整，只有除不尽的比例和平均数写到小数点后两位；绿色与公布数相符，红色不一致，黑色没有可核对的公布数；非粗体为引用的数或策略包清单的数。",
    "The number behind each figure names its line in annex 1. Bold figures are computed from the records and not rounded, only shares and means without an end are cut to two digits; green ones agree with the published number, red ones don't, for black ones nothing that can be checked was published; the others are quoted or counted from lists of the policy pack.",
);
const ANNEXES: [Text; 3] = [
    Text::fixed("公布指标核对表", "Register of published figures"),
    Text::fixed("数字之间的核对说明", "Notes on figures that should agree"),
    Text::fixed("数据来源与复算凭据", "What the figures were computed from"),
];

/// Renders the report in one language as DOCX bytes.
///
/// # Errors
/// When a text holds a personal number or the document cannot be made.
pub fn render_docx(
    report: &AnnualReport,
    look: &Look<'_>,
    lang: Lang,
) -> Result<Vec<u8>, ReportError> {
    scan::check_json("report", &serde_json::to_value(report)?)?;
    let (drawings, names) = drawings(report, look, lang);
    look.fonts.check(drawings.values().map(String::as_str))?;
    let painter = Painter::new(look.fonts);
    let painted = (1..).zip(drawings);
    let painted = painted.map(|(number, (name, svg))| Ok((name, (number, painter.paint(&svg)?))));
    let pictures = painted.collect::<Result<Pictures, ReportError>>()?;
    let page = Page { report, lang, names, pictures };
    let mut docx = Docx::new()
        .default_fonts(fonts())
        .default_size(BODY)
        .page_margin(PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN));
    docx = page.head(docx);
    for (number, (section, names)) in (1..).zip(report.sections.iter().zip(&page.names)) {
        docx = page.section(docx, number, (section, names))?;
    }
    docx = page.signature(docx);
    docx = page.figures(docx);
    docx = page.notes(docx);
    docx = page.sources(docx);
    let mut parts = docx.build();
    parts.document = finish::finished(&parts.document, &page.titles())?;
    let mut bytes = Cursor::new(Vec::new());
    parts.pack(&mut bytes).map_err(|error| ReportError::Document(error.to_string()))?;
    Ok(bytes.into_inner())
}

fn fonts() -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia("仿宋")
}

/// The pictures with their numbers, by the names of their drawings.
type Pictures = BTreeMap<String, (usize, Picture)>;

struct Page<'a> {
    report: &'a AnnualReport,
    lang: Lang,
    /// Names of the drawings by section, part and chart.
    names: Names,
    pictures: Pictures,
}

impl Page<'_> {
    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn head(&self, docx: Docx) -> Docx {
        let title = Words::new()
            .add_text(self.report.title.get(self.lang))
            .size(TITLE)
            .bold()
            .fonts(fonts().east_asia("宋体"));
        let mut docx =
            docx.footer(Footer::new().add_paragraph(
                Block::new().add_page_num(PageNum::new()).align(AlignmentType::Center),
            ));
        if self.report.provenance.is_synthetic {
            let said = self.small(SYNTHETIC.get(self.lang)).align(AlignmentType::Center);
            docx = docx.header(Header::new().add_paragraph(said));
        }
        let known = self.report.as_known();
        let as_of = behind(day(&self.report.as_of, self.lang), known.as_ref(), self.lang);
        let days = format!(
            "{} {as_of}　{} {}",
            self.say("统计时点", "Figures as of"),
            self.say("生成日期", "made on"),
            self.made_on(),
        );
        docx = docx
            .add_paragraph(self.centred(self.report.issuer.get(self.lang)))
            .add_paragraph(Block::new().add_run(title).align(AlignmentType::Center));
        // Example data get no document number.
        if !self.report.provenance.is_synthetic {
            let number = document_no::shown(self.report.document_no.as_deref());
            let head = self.say("文号：", "Document number: ");
            let line = self.small(&format!("{head}{}", number.get(self.lang)));
            docx = docx.add_paragraph(line.align(AlignmentType::Center));
        }
        docx = docx
            .add_paragraph(self.small(&days).align(AlignmentType::Center))
            .add_paragraph(self.small(LEGEND.get(self.lang)));
        if let Some(said) = self.report.standing() {
            docx = docx.add_paragraph(self.small(said.get(self.lang)));
        }
        docx.add_table(self.counts())
    }

    fn made_on(&self) -> String {
        let made = self.report.provenance.made_at.date_in_china();
        number::day(made).get(self.lang).to_owned()
    }

    /// How many figures have each verdict.
    fn counts(&self) -> Table {
        let words = self.report.counts.iter().map(|of| of.verdict.text().get(self.lang).to_owned());
        let numbers = self.report.counts.iter().map(|of| of.count.to_string());
        let widths = vec![FULL_WIDTH / self.report.counts.len().max(1); self.report.counts.len()];
        let rows = vec![self.line(words, &widths, true), self.row(numbers, &widths)];
        fixed(rows, &widths)
    }

    fn section(
        &self,
        mut docx: Docx,
        number: usize,
        (section, names): (&Section, &[Vec<Option<String>>]),
    ) -> Result<Docx, ReportError> {
        let heading = section.heading.get(self.lang);
        let heading = match self.lang {
            Lang::Zh => format!("{}、{heading}", chinese(number)),
            Lang::En => format!("{number}. {heading}"),
        };
        docx = docx.add_paragraph(self.heading(&heading, "黑体"));
        docx = self.paragraphs(docx, &section.paragraphs);
        let parts = section.parts.iter().zip(names);
        let told = parts.filter(|(part, names)| !is_empty(part, names));
        for (at, (part, names)) in (1..).zip(told) {
            docx = self.part(docx, (number, at), (part, names))?;
        }
        Ok(docx)
    }

    fn part(
        &self,
        mut docx: Docx,
        (section, at): (usize, usize),
        (part, names): (&Part, &[Option<String>]),
    ) -> Result<Docx, ReportError> {
        let heading = part.heading.get(self.lang);
        let heading = match self.lang {
            Lang::Zh => format!("（{}）{heading}", chinese(at)),
            Lang::En => format!("{section}.{at} {heading}"),
        };
        docx = docx.add_paragraph(self.heading(&heading, "楷体"));
        docx = self.paragraphs(docx, &part.paragraphs);
        let figures: Vec<&Figure> =
            part.figures.iter().filter_map(|id| self.report.figure(id)).collect();
        if !figures.is_empty() {
            docx = docx.add_table(self.table(&figures, false));
        }
        for (chart, picture) in self.drawn(part, names) {
            docx = self.picture(docx, chart, picture)?;
        }
        Ok(docx)
    }

    /// The charts of a part that have something to show.
    fn drawn<'p>(
        &'p self,
        part: &'p Part,
        names: &'p [Option<String>],
    ) -> impl Iterator<Item = (&'p Chart, &'p (usize, Picture))> {
        let drawn = part.charts.iter().zip(names);
        drawn.filter_map(|(chart, name)| Some((chart, self.pictures.get(name.as_ref()?)?)))
    }

    /// The titles of all pictures, in the order in which they stand.
    fn titles(&self) -> Vec<&str> {
        let sections = self.report.sections.iter().zip(&self.names);
        let parts = sections.flat_map(|(section, names)| section.parts.iter().zip(names));
        let drawn = parts.flat_map(|(part, names)| self.drawn(part, names));
        drawn.map(|(chart, _)| chart.title.get(self.lang)).collect()
    }

    /// A picture over its title; both stay on one page.
    fn picture(
        &self,
        docx: Docx,
        chart: &Chart,
        (number, picture): &(usize, Picture),
    ) -> Result<Docx, ReportError> {
        let (width, height) = shown_size(picture)?;
        // A number of the document's own: the writer counts over all documents of the program.
        let shown = Pic::new_with_dimensions(picture.png.clone(), picture.width, picture.height)
            .id(format!("rIdImage{number}"))
            .size(width, height);
        let shown = Block::new().add_run(Words::new().add_image(shown));
        let title = self.small(chart.title.get(self.lang));
        Ok(docx
            .add_paragraph(shown.align(AlignmentType::Center).keep_next(true))
            .add_paragraph(title.align(AlignmentType::Center)))
    }

    fn heading(&self, text: &str, font: &str) -> Block {
        let words = Words::new().add_text(text).size(HEADING).fonts(fonts().east_asia(font));
        Block::new().add_run(words).keep_next(true)
    }

    fn paragraphs(&self, mut docx: Docx, paragraphs: &[Paragraph]) -> Docx {
        for paragraph in paragraphs {
            let mut block = Block::new()
                .indent(None, Some(SpecialIndentType::FirstLine(FIRST_LINE)), None, None)
                .line_spacing(LineSpacing::new().line(LINE));
            for run in paragraph.runs(self.lang) {
                block = self.run(block, run);
            }
            docx = docx.add_paragraph(block);
        }
        docx
    }

    /// A figure in running text looks as in print and carries the id of its line in annex 1.
    fn run(&self, block: Block, run: &Run) -> Block {
        let words = Words::new().add_text(run.text.as_str());
        let Some(id) = &run.figure else { return block.add_run(words) };
        let verdict = self.report.figure(id).map(|figure| figure.verdict);
        let words = match verdict {
            Some(Verdict::Reproduced) => words.bold().color(TEAL),
            Some(Verdict::Contradiction) => words.bold().color(RED),
            Some(Verdict::Statement) => words.bold(),
            _ => words,
        };
        let tag = Words::new().add_text(id.as_str()).size(SMALL - 4).color(GREY);
        block.add_run(words).add_run(tag)
    }

    /// Published and computed value of each figure and what came out; in the annex with its detail.
    fn table(&self, figures: &[&Figure], is_annex: bool) -> Table {
        let heads = [
            Text::fixed("编号", "No."),
            Text::fixed("指标", "Figure"),
            Text::fixed("公布数", "Published"),
            Text::fixed("计算数", "Computed"),
            Text::fixed("结论", "Verdict"),
        ];
        let heads = heads.iter().map(|text| text.get(self.lang).to_owned());
        let mut rows = vec![self.line(heads, &FIGURE_COLUMNS, true)];
        let last = figures.len().saturating_sub(1);
        for (at, figure) in figures.iter().enumerate() {
            // In the annex a figure and its detail are two rows of one.
            let keeps = at + 1 < KEPT || (at + KEPT > last && at < last);
            let keeps = is_annex || keeps;
            rows.push(self.line(self.cells(figure), &FIGURE_COLUMNS, keeps));
            if is_annex {
                let detail = self.lines(&self.detail(figure));
                let cell = TableCell::new().grid_span(FIGURE_COLUMNS.len()).add_paragraph(detail);
                rows.push(TableRow::new(vec![cell]).cant_split());
            }
        }
        fixed(rows, &FIGURE_COLUMNS)
    }

    fn cells(&self, figure: &Figure) -> [String; 5] {
        let published = figure.published_as_written().map(|words| words.get(self.lang).to_owned());
        let none = || "—".to_owned();
        // What is entered again was not computed here.
        let computed = match figure.verdict {
            Verdict::Reference => Some(self.say("重录", "entered again").to_owned()),
            _ => figure.shown(self.lang),
        };
        [
            figure.id.clone(),
            figure.says.get(self.lang).to_owned(),
            published.unwrap_or_else(none),
            computed.unwrap_or_else(none),
            figure.verdict.text().get(self.lang).to_owned(),
        ]
    }

    /// Definition, denominator, reason and source, as annex 1 of the printed report has them.
    fn detail(&self, figure: &Figure) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = |head: &str, text: Option<&Text>| {
            lines.extend(text.map(|text| format!("{head}{}", text.get(self.lang))));
        };
        line(self.say("口径：", "Definition: "), figure.definition.as_ref());
        line(self.say("分母：", "Denominator: "), figure.denominator.as_ref());
        line(self.say("尚缺：", "Missing: "), figure.remark.as_ref());
        let has_reason = figure.remark.is_none() && figure.verdict != Verdict::Statement;
        line(self.say("理由：", "Reason: "), has_reason.then_some(&figure.reason));
        line(self.say("出处：", "Source: "), Some(&figure.source_text));
        if !figure.notes.is_empty() {
            let notes = figure.notes.join(self.say("、", ", "));
            lines.push(format!("{}{notes}", self.say("见附件2 ", "See annex 2, ")));
        }
        lines
    }

    fn row(&self, cells: impl IntoIterator<Item = String>, widths: &[usize]) -> TableRow {
        self.line(cells, widths, false)
    }

    /// A row that may have to stay on one page with the next.
    fn line(
        &self,
        cells: impl IntoIterator<Item = String>,
        widths: &[usize],
        keeps: bool,
    ) -> TableRow {
        let cell = |(text, width): (String, &usize)| {
            let words = self.small(&text).keep_next(keeps);
            TableCell::new().width(*width, WidthType::Dxa).add_paragraph(words)
        };
        TableRow::new(cells.into_iter().zip(widths).map(cell).collect()).cant_split()
    }

    fn small(&self, text: &str) -> Block {
        Block::new().add_run(Words::new().add_text(text).size(SMALL))
    }

    fn centred(&self, text: &str) -> Block {
        Block::new().add_run(Words::new().add_text(text).size(BODY)).align(AlignmentType::Center)
    }

    fn lines(&self, lines: &[String]) -> Block {
        let mut words = Words::new().size(SMALL - 2);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                words = words.add_break(BreakType::TextWrapping);
            }
            words = words.add_text(line.as_str());
        }
        Block::new().add_run(words)
    }

    /// The list of annexes, the office and the day.
    fn signature(&self, mut docx: Docx) -> Docx {
        for (number, title) in (1..).zip(&ANNEXES) {
            let head = if number == 1 { self.say("附件：", "Annexes: ") } else { "" };
            let line = format!("{head}{number}. {}", title.get(self.lang));
            docx = docx.add_paragraph(self.small(&line).keep_next(true));
        }
        let right = |text: &str| self.small(text).align(AlignmentType::Right);
        docx.add_paragraph(right(self.report.issuer.get(self.lang)).keep_next(true))
            .add_paragraph(right(&self.made_on()))
    }

    fn annex(&self, number: usize, title: &Text) -> Block {
        let head = match self.lang {
            Lang::Zh => format!("附件{number}　{}", title.zh),
            Lang::En => format!("Annex {number}. {}", title.en),
        };
        self.heading(&head, "黑体").page_break_before(true)
    }

    /// Annex 1: every published figure.
    fn figures(&self, docx: Docx) -> Docx {
        let all: Vec<&Figure> = self.report.figures.iter().collect();
        docx.add_paragraph(self.annex(1, &ANNEXES[0])).add_table(self.table(&all, true))
    }

    /// Annex 2: where figures agree or contradict each other.
    fn notes(&self, docx: Docx) -> Docx {
        let heads = [
            Text::fixed("编号", "No."),
            Text::fixed("核对内容与结果", "What is checked and what comes out"),
            Text::fixed("结论", "Outcome"),
        ];
        let heads = heads.iter().map(|text| text.get(self.lang).to_owned());
        let line = |note: &Note| {
            let mut told: Vec<String> = [&note.says, &note.finding, &note.verdict]
                .map(|text| text.get(self.lang).to_owned())
                .into();
            let facts = note.facts.join(self.say("、", ", "));
            told.push(format!("{}{facts}", self.say("涉及指标：", "Figures: ")));
            let outcome = outcome_text(note.outcome).get(self.lang).to_owned();
            let told = TableCell::new()
                .width(NOTE_COLUMNS[1], WidthType::Dxa)
                .add_paragraph(self.lines(&told));
            let cell = |text: &str, width: usize| {
                TableCell::new().width(width, WidthType::Dxa).add_paragraph(self.small(text))
            };
            let cells =
                vec![cell(&note.id, NOTE_COLUMNS[0]), told, cell(&outcome, NOTE_COLUMNS[2])];
            TableRow::new(cells).cant_split()
        };
        let mut rows = vec![self.line(heads, &NOTE_COLUMNS, true)];
        rows.extend(self.report.notes.iter().map(line));
        docx.add_paragraph(self.annex(2, &ANNEXES[1])).add_table(fixed(rows, &NOTE_COLUMNS))
    }

    /// Annex 3: what the figures were computed from.
    fn sources(&self, docx: Docx) -> Docx {
        let from = &self.report.provenance;
        let hash = |digest: Option<String>| digest.unwrap_or_else(|| "—".to_owned());
        let lines = [
            (self.say("策略包", "Policy pack"), from.pack.clone()),
            (self.say("策略包摘要", "Digest of the pack"), from.pack_digest.to_string()),
            (
                self.say("数据快照摘要", "Digest of the snapshot"),
                hash(from.snapshot.map(|digest| digest.to_string())),
            ),
            (self.say("识别运行", "Run"), hash(from.run.clone())),
            (self.say("程序版本", "Program"), from.program.clone()),
            (self.say("报告摘要", "Digest of this report"), self.report.digest.to_string()),
            (
                self.say("审计链条目数", "Entries of the audit chain"),
                from.audit_entries.to_string(),
            ),
            (self.say("审计链末端", "Head of the audit chain"), hash(from.audit_head.clone())),
        ];
        let row = |(head, text): (&str, String)| self.row([head.to_owned(), text], &SOURCE_COLUMNS);
        let heads = [self.say("项目", "Item"), self.say("内容", "Content")].map(str::to_owned);
        let mut rows = vec![self.line(heads, &SOURCE_COLUMNS, true)];
        rows.extend(lines.map(row));
        docx.add_paragraph(self.annex(3, &ANNEXES[2])).add_table(fixed(rows, &SOURCE_COLUMNS))
    }
}

/// The size of a picture on paper: as wide as the text, unless it is too high then.
fn shown_size(picture: &Picture) -> Result<(u32, u32), ReportError> {
    let room = |of: u32| u64::from(of) * u64::from(PICTURE_UNITS);
    let (across, down) = (room(PICTURE_ROOM.0), room(PICTURE_ROOM.1));
    let (width, height) = (u64::from(picture.width.max(1)), u64::from(picture.height.max(1)));
    let wide = (across, across * height / width);
    let high = (down * width / height, down);
    let (width, height) = if wide.1 <= down { wide } else { high };
    let units = |of: u64| {
        u32::try_from(of).map_err(|_| ReportError::Document("a picture has no size".to_owned()))
    };
    Ok((units(width)?, units(height)?))
}

/// A table whose columns keep their widths.
fn fixed(rows: Vec<TableRow>, widths: &[usize]) -> Table {
    Table::new(rows)
        .set_grid(widths.to_vec())
        .layout(TableLayoutType::Fixed)
        .width(widths.iter().sum(), WidthType::Dxa)
}

/// Numbers of headings as official documents write them.
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match number {
        0..=9 => DIGITS[number].to_owned(),
        10..=19 => format!("十{}", DIGITS[number - 10]),
        20..=99 => format!("{}十{}", DIGITS[number / 10], DIGITS[number % 10]),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
