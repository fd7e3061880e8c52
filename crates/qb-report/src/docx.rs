//! The annual report as a text document that an office can edit: the same sentences, tables and
//! notes as the printed one.
//!
//! Drawings stay in the printed report; each of them has its table here. Every text passes the
//! scanner.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, Header, LineSpacing, PageMargin, Paragraph as Block, Run as Words,
    RunFonts, SpecialIndentType, Table, TableCell, TableRow, WidthType,
};
use qb_base::{Lang, Text};

use crate::error::ReportError;
use crate::model::{AnnualReport, Figure, Note, Paragraph, Part, Section, outcome_text};
use crate::render::SYNTHETIC;
use crate::scan;

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
/// Fiftieths of a percent: the whole width of the text.
const FULL_WIDTH: usize = 5_000;

/// Renders the report in one language as DOCX bytes.
///
/// # Errors
/// When a text holds a personal number or the document cannot be made.
pub fn render_docx(report: &AnnualReport, lang: Lang) -> Result<Vec<u8>, ReportError> {
    scan::check_json("report", &serde_json::to_value(report)?)?;
    let page = Page { report, lang };
    let mut docx = Docx::new()
        .default_fonts(fonts())
        .default_size(BODY)
        .page_margin(PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN));
    docx = page.head(docx);
    for (number, section) in (1..).zip(&report.sections) {
        docx = page.section(docx, number, section);
    }
    docx = page.figures(docx);
    docx = page.notes(docx);
    docx = docx.add_paragraph(page.small(&format!("SHA-256 {}", report.digest)));
    let mut bytes = Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).map_err(|error| ReportError::Document(error.to_string()))?;
    Ok(bytes.into_inner())
}

fn fonts() -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia("仿宋")
}

struct Page<'a> {
    report: &'a AnnualReport,
    lang: Lang,
}

impl Page<'_> {
    fn head(&self, docx: Docx) -> Docx {
        let title = Words::new()
            .add_text(self.report.title.get(self.lang))
            .size(TITLE)
            .bold()
            .fonts(fonts().east_asia("宋体"));
        let issuer = format!("{}　{}", self.report.issuer.get(self.lang), self.report.as_of);
        let mut docx = docx;
        if self.report.provenance.is_synthetic {
            let said = self.small(SYNTHETIC.get(self.lang));
            docx = docx
                .header(Header::new().add_paragraph(said.clone()))
                .add_paragraph(said.align(AlignmentType::Center));
        }
        docx.add_paragraph(Block::new().add_run(title).align(AlignmentType::Center)).add_paragraph(
            Block::new()
                .add_run(Words::new().add_text(issuer).size(BODY))
                .align(AlignmentType::Center),
        )
    }

    fn section(&self, mut docx: Docx, number: usize, section: &Section) -> Docx {
        let heading = section.heading.get(self.lang);
        let heading = match self.lang {
            Lang::Zh => format!("{}、{heading}", chinese(number)),
            Lang::En => format!("{number}. {heading}"),
        };
        docx = docx.add_paragraph(self.heading(&heading, "黑体"));
        docx = self.paragraphs(docx, &section.paragraphs);
        for (at, part) in (1..).zip(&section.parts) {
            docx = self.part(docx, (number, at), part);
        }
        docx
    }

    fn part(&self, mut docx: Docx, (section, at): (usize, usize), part: &Part) -> Docx {
        let heading = part.heading.get(self.lang);
        let heading = match self.lang {
            Lang::Zh => format!("（{}）{heading}", chinese(at)),
            Lang::En => format!("{section}.{at} {heading}"),
        };
        docx = docx.add_paragraph(self.heading(&heading, "楷体"));
        docx = self.paragraphs(docx, &part.paragraphs);
        let figures: Vec<&Figure> =
            part.figures.iter().filter_map(|id| self.report.figure(id)).collect();
        if figures.is_empty() { docx } else { docx.add_table(self.table(&figures)) }
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
                block = block.add_run(Words::new().add_text(run.text.as_str()));
            }
            docx = docx.add_paragraph(block);
        }
        docx
    }

    /// Published and computed value of each figure, and what came out.
    fn table(&self, figures: &[&Figure]) -> Table {
        let heads = [
            Text::fixed("编号", "id"),
            Text::fixed("指标", "figure"),
            Text::fixed("公布数", "published"),
            Text::fixed("计算数", "computed"),
            Text::fixed("核对结果", "verdict"),
        ];
        let head = heads.iter().map(|text| text.get(self.lang).to_owned()).collect();
        let mut rows = vec![self.row(head)];
        rows.extend(figures.iter().map(|figure| self.row(self.cells(figure))));
        Table::new(rows).width(FULL_WIDTH, WidthType::Pct)
    }

    fn cells(&self, figure: &Figure) -> Vec<String> {
        let published = figure.published_as_written().map(|words| words.get(self.lang).to_owned());
        let none = || "—".to_owned();
        vec![
            figure.id.clone(),
            figure.says.get(self.lang).to_owned(),
            published.unwrap_or_else(none),
            figure.shown(self.lang).unwrap_or_else(none),
            figure.verdict.text().get(self.lang).to_owned(),
        ]
    }

    fn row(&self, cells: Vec<String>) -> TableRow {
        let cells = cells.into_iter().map(|cell| TableCell::new().add_paragraph(self.small(&cell)));
        TableRow::new(cells.collect())
    }

    fn small(&self, text: &str) -> Block {
        Block::new().add_run(Words::new().add_text(text).size(SMALL))
    }

    /// Annex 1: every published figure.
    fn figures(&self, docx: Docx) -> Docx {
        let title =
            Text::fixed("附件1　公布数与计算数对照", "Annex 1. Published and computed figures");
        let all: Vec<&Figure> = self.report.figures.iter().collect();
        docx.add_paragraph(self.heading(title.get(self.lang), "黑体").page_break_before(true))
            .add_table(self.table(&all))
    }

    /// Annex 2: where figures agree or contradict each other.
    fn notes(&self, docx: Docx) -> Docx {
        let title =
            Text::fixed("附件2　数字之间的核对", "Annex 2. Figures checked against each other");
        let line = |note: &Note| {
            self.row(vec![
                note.id.clone(),
                note.says.get(self.lang).to_owned(),
                note.finding.get(self.lang).to_owned(),
                outcome_text(note.outcome).get(self.lang).to_owned(),
            ])
        };
        let rows = self.report.notes.iter().map(line).collect();
        docx.add_paragraph(self.heading(title.get(self.lang), "黑体").page_break_before(true))
            .add_table(Table::new(rows).width(FULL_WIDTH, WidthType::Pct))
    }
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
mod tests {
    use std::io::Read;

    use super::*;
    use crate::tests::report;

    fn body(bytes: &[u8]) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_document_holds_every_figure_and_note() {
        let report = report();
        for lang in [Lang::Zh, Lang::En] {
            let text = body(&render_docx(&report, lang).unwrap());
            assert!(text.contains(report.title.get(lang)));
            for figure in &report.figures {
                assert!(text.contains(&format!(">{}<", figure.id)), "{} is missing", figure.id);
            }
            for note in &report.notes {
                assert!(text.contains(&format!(">{}<", note.id)), "{} is missing", note.id);
            }
        }
    }

    #[test]
    fn a_document_with_a_personal_number_is_refused() {
        let mut report = report();
        report.figures[0].source = "13812345678".to_owned();
        assert!(render_docx(&report, Lang::Zh).is_err());
    }

    #[test]
    fn headings_count_as_official_documents_do() {
        assert_eq!([1, 10, 12, 20, 23].map(chinese), ["一", "十", "十二", "二十", "二十三"]);
    }
}
