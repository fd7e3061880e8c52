//! Typesetting: a template of the pack and data as JSON become a PDF.
//!
//! The template sees exactly the files it is given, no disk, no network, no clock. Data never
//! becomes template text,
//! because the template language is a programming language and a name could then be code.

use std::collections::{BTreeMap, HashMap};

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, TextItem};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use qb_base::Date;

use crate::error::ReportError;
use crate::fonts::{self, Fonts};

/// Documents the typesetter remembers work of; older work is forgotten so that a server does not
/// grow.
const MEMO_AGE_MAX: usize = 4;
/// How deep groups of a page may nest when its text is read back.
const FRAME_DEPTH_MAX: usize = 64;

/// What is typeset.
pub struct Job<'a> {
    /// Name of the template, for messages.
    pub template_name: &'a str,
    /// The template.
    pub template: &'a str,
    /// Files the template may read, by absolute name such as `/data.json`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The date the template is told and the document carries.
    pub date: Date,
    /// A stable name of the document, from which its PDF identifier is made.
    pub identifier: String,
}

/// A typeset document.
pub struct Typeset {
    document: PagedDocument,
    identifier: String,
    template_name: String,
    made: Option<Datetime>,
}

/// Typesets a job.
///
/// # Errors
/// When the template is wrong, or a character reached the page without a glyph.
pub fn typeset(job: Job<'_>, fonts: &Fonts) -> Result<Typeset, ReportError> {
    let world = JobWorld::new(&job, fonts)?;
    let result = typst::compile::<PagedDocument>(&world).output;
    comemo::evict(MEMO_AGE_MAX);
    let document =
        result.map_err(|faults| template_error(job.template_name, &world, faults.as_slice()))?;
    let typeset = Typeset {
        document,
        identifier: job.identifier,
        template_name: job.template_name.to_owned(),
        made: midnight(job.date),
    };
    fonts::missing_glyphs(typeset.characters_without_glyph().into_iter())?;
    Ok(typeset)
}

impl Typeset {
    /// The document as PDF bytes in the archival form PDF/A-2b; the same document gives the same
    /// bytes.
    ///
    /// # Errors
    /// When the document holds something PDF cannot express.
    pub fn pdf(&self) -> Result<Vec<u8>, ReportError> {
        let fault = |detail| ReportError::Template { file: self.template_name.clone(), detail };
        let standards = PdfStandards::new(&[PdfStandard::A_2b])
            .map_err(|wrong| fault(wrong.message().to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(self.identifier.clone()),
            creator: Smart::Custom(Some("Qibang".to_owned())),
            standards,
            timestamp: self.made.map(Timestamp::new_utc),
            ..PdfOptions::default()
        };
        let told = |wrong: &SourceDiagnostic| wrong.message.to_string();
        typst_pdf::pdf(&self.document, &options)
            .map_err(|wrong| fault(wrong.iter().map(told).collect::<Vec<_>>().join("; ")))
    }

    /// Number of pages.
    pub fn pages(&self) -> usize {
        self.document.pages().len()
    }

    /// The text runs of each page in the order they are drawn.
    pub fn text_runs(&self) -> Vec<Vec<String>> {
        let runs_of = |frame: &Frame| {
            let mut runs = Vec::new();
            visit_text(frame, 0, &mut |item| runs.push(item.text.to_string()));
            runs
        };
        self.document.pages().iter().map(|page| runs_of(&page.frame)).collect()
    }

    /// The whole text, one page after another, for searching.
    pub fn text(&self) -> String {
        self.text_runs().iter().map(|runs| runs.concat()).collect::<Vec<_>>().join("\n")
    }

    /// Characters that were set with the empty glyph: the net below the coverage check.
    fn characters_without_glyph(&self) -> std::collections::BTreeSet<char> {
        let mut missing = std::collections::BTreeSet::new();
        for page in self.document.pages() {
            visit_text(&page.frame, 0, &mut |item| {
                for glyph in item.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    missing.extend(item.text[glyph.range()].chars());
                }
            });
        }
        missing
    }
}

fn visit_text(frame: &Frame, depth: usize, visit: &mut dyn FnMut(&TextItem)) {
    if depth > FRAME_DEPTH_MAX {
        return;
    }
    for (_, item) in frame.items() {
        match item {
            FrameItem::Text(text) => visit(text),
            FrameItem::Group(group) => visit_text(&group.frame, depth + 1, visit),
            _ => {}
        }
    }
}

fn parts(date: Date) -> Option<(i32, u8, u8)> {
    let part = |value: i8| u8::try_from(value).ok();
    Some((i32::from(date.year()), part(date.month())?, part(date.day())?))
}

/// The first moment of a day: documents carry the day they were made on, not the second.
fn midnight(date: Date) -> Option<Datetime> {
    let (year, month, day) = parts(date)?;
    Datetime::from_ymd_hms(year, month, day, 0, 0, 0)
}

fn template_error(name: &str, world: &JobWorld<'_>, faults: &[SourceDiagnostic]) -> ReportError {
    let describe = |fault: &SourceDiagnostic| {
        let line =
            world.range(fault.span).and_then(|range| world.main.lines().byte_to_line(range.start));
        match line {
            Some(line) => format!("{}: {}", line + 1, fault.message),
            None => fault.message.to_string(),
        }
    };
    let detail = faults.iter().map(describe).collect::<Vec<_>>().join("; ");
    ReportError::Template { file: name.to_owned(), detail }
}

/// Everything one job can see.
struct JobWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    main: Source,
    files: HashMap<FileId, Bytes>,
    date: Date,
}

impl<'a> JobWorld<'a> {
    fn new(job: &Job<'_>, fonts: &'a Fonts) -> Result<Self, ReportError> {
        let id_of = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|fault| ReportError::Template {
                    file: path.to_owned(),
                    detail: fault.to_string(),
                })
        };
        let main = Source::new(id_of("/main.typ")?, job.template.to_owned());
        let mut files = HashMap::new();
        for (path, content) in &job.files {
            files.insert(id_of(path)?, Bytes::new(content.clone()));
        }
        let library = LazyHash::new(Library::default());
        Ok(Self { library, fonts, main, files, date: job.date })
    }
}

impl World for JobWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        let (year, month, day) = parts(self.date)?;
        Datetime::from_ymd(year, month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job<'a>(template: &'a str, data: &str) -> Job<'a> {
        Job {
            template_name: "report/test.typ",
            template,
            files: BTreeMap::from([("/data.json".to_owned(), data.as_bytes().to_vec())]),
            date: Date::constant(2016, 12, 31),
            identifier: "test".to_owned(),
        }
    }

    const TEMPLATE: &str = "#set text(font: \"Noto Serif SC\", lang: \"zh\")
#let d = json(\"/data.json\")
= #d.title
#d.body";

    #[test]
    fn data_is_printed_and_never_run() {
        let data = r##"{ "title": "徐州", "body": "#panic(\"run\") $x$ *not bold*" }"##;
        let typeset = typeset(job(TEMPLATE, data), &Fonts::embedded()).unwrap();
        let text = typeset.text().replace(['“', '”'], "\"");
        assert!(text.contains("徐州") && text.contains("#panic(\"run\") $x$ *not bold*"), "{text}");
        let pdf = typeset.pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        let marks = b"<pdfaid:part>2</pdfaid:part>";
        assert!(pdf.windows(marks.len()).any(|window| window == marks));
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let once = || {
            typeset(job(TEMPLATE, r#"{"title":"一","body":"二"}"#), &Fonts::embedded())
                .unwrap()
                .pdf()
                .unwrap()
        };
        assert_eq!(once(), once());
    }

    #[test]
    fn a_character_without_a_glyph_stops_the_report() {
        let fault = typeset(job(TEMPLATE, r#"{"title":"𠮷","body":""}"#), &Fonts::embedded())
            .err()
            .unwrap();
        assert!(fault.to_string().contains("U+20BB7"), "{fault}");
    }

    #[test]
    fn a_template_reads_only_what_it_is_given() {
        let fault = typeset(job("#read(\"/etc/passwd\")", "{}"), &Fonts::embedded()).err().unwrap();
        assert!(matches!(fault, ReportError::Template { .. }), "{fault}");
    }

    #[test]
    fn a_fault_in_a_template_is_told_with_its_line() {
        let fault = typeset(job("one\n\n#nonsense", "{}"), &Fonts::embedded()).err().unwrap();
        assert!(
            fault.to_string().contains("report/test.typ") && fault.to_string().contains("3: "),
            "{fault}"
        );
    }
}
