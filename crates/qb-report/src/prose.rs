//! The text of the report: sentences of the pack in which figures stand only as placeholders.
//!
//! `{G08}` is the figure with its unit, `{G08:bare}` without it, `{P14:万}` in ten thousands,
//! `{P14:million}` in millions, never rounded; `{year}` and `{as_of}` are the report's own. Words
//! between `{published?}` and `{/published}` speak of the published document and are left out of a
//! report on a day that it doesn't speak of. A digit typed into a sentence does not load. A figure
//! that could not be computed says so: the published number never stands in its place.

use qb_base::{Date, Lang, Text};
use qb_policy::{Area, Decimal, Pack};
use serde::Deserialize;

use crate::error::ReportError;
use crate::model::{Chart, Figure, Paragraph, Part, Run, Section};
use crate::number;

/// Where a pack keeps the text.
pub(crate) const FILE: &str = "report/annual.toml";

/// Names of large units, with the power of ten each stands for.
const SCALES: [(&str, i32, Lang); 4] =
    [("万", 4, Lang::Zh), ("亿", 8, Lang::Zh), ("million", 6, Lang::En), ("billion", 9, Lang::En)];

/// What begins and ends words about what was published.
const PUBLISHED: (&str, &str) = ("{published?}", "{/published}");

/// The scale that prints a number without its unit.
const BARE: &str = "bare";

/// The text of a pack's annual report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prose {
    title: Text,
    issuer: Text,
    section: Vec<RawSection>,
    /// English words for names and sources that rows hold in Chinese only.
    #[serde(default)]
    word: Vec<Text>,
    /// Titles of the documents that sources name by a short name.
    #[serde(default)]
    document: Vec<RawDocument>,
    #[serde(skip)]
    names: Vec<(&'static str, Text)>,
    /// Whether the published document speaks of the report's day.
    #[serde(skip)]
    is_published: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDocument {
    name: String,
    title: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    id: String,
    heading: Text,
    #[serde(default)]
    paragraph: Vec<Text>,
    #[serde(default)]
    part: Vec<RawPart>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    heading: Text,
    #[serde(default)]
    paragraph: Vec<Text>,
    #[serde(default)]
    figures: Vec<String>,
    #[serde(default)]
    charts: Vec<Chart>,
}

impl Prose {
    /// Reads the text of a pack, for a report that stands on a day.
    pub(crate) fn of_pack(
        pack: &Pack,
        as_of: Date,
        is_published: bool,
    ) -> Result<Self, ReportError> {
        let text = pack
            .report_files
            .get(FILE)
            .ok_or_else(|| fault("文件不存在", "the file does not exist"))?;
        let mut prose = Self::read(text)?;
        prose.is_published = is_published;
        let same = |value: String| Text::new(value.clone(), value);
        let area = area_of(pack)?;
        prose.names = vec![
            ("year", same(as_of.year().to_string())),
            ("next_year", same((as_of.year() + 1).to_string())),
            ("as_of", number::day(as_of)),
            ("area", area.named()),
            ("annex_figures", Text::fixed("附件1", "annex 1")),
            ("annex_notes", Text::fixed("附件2", "annex 2")),
        ];
        let put = |template: &str, lang: Lang| {
            prose.names.iter().fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value.get(lang))
            })
        };
        let fill = |text: &Text| Text::new(put(&text.zh, Lang::Zh), put(&text.en, Lang::En));
        (prose.title, prose.issuer) = (fill(&prose.title), fill(&prose.issuer));
        Ok(prose)
    }

    fn read(text: &str) -> Result<Self, ReportError> {
        toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            ReportError::Template {
                file: line.map_or_else(|| FILE.to_owned(), |line| format!("{FILE}:{line}")),
                detail: error.message().to_owned(),
            }
        })
    }

    /// A text of the rows in both languages: English has the words that the pack gives for it.
    pub(crate) fn in_english(&self, chinese: &str) -> Text {
        let english = self
            .word
            .iter()
            .fold(chinese.to_owned(), |text, word| text.replace(&*word.zh, &word.en));
        Text::new(chinese, english)
    }

    /// A source as people read it.
    pub(crate) fn source(&self, source: &str) -> Text {
        let named = |lang| {
            self.document.iter().fold(source.to_owned(), |text, document| {
                text.replace(&document.name, document.title.get(lang))
            })
        };
        // The paragraph of the document is the figure's own row, which the line has already.
        Text::new(
            paragraphs_dropped(&named(Lang::Zh), "；"),
            paragraphs_dropped(&self.in_english(&named(Lang::En)).en, "; ").replace('；', "; "),
        )
    }

    /// The title, its placeholders filled.
    pub(crate) const fn title(&self) -> &Text {
        &self.title
    }

    /// The issuing office.
    pub(crate) const fn issuer(&self) -> &Text {
        &self.issuer
    }

    /// The sections with every figure in its place.
    pub(crate) fn sections(&self, figures: &[Figure]) -> Result<Vec<Section>, ReportError> {
        self.section.iter().map(|section| self.section(section, figures)).collect()
    }

    fn section(&self, raw: &RawSection, figures: &[Figure]) -> Result<Section, ReportError> {
        Ok(Section {
            id: raw.id.clone(),
            heading: raw.heading.clone(),
            paragraphs: self.paragraphs(&raw.paragraph, figures)?,
            parts: raw
                .part
                .iter()
                .map(|part| self.part(part, figures))
                .collect::<Result<_, _>>()?,
        })
    }

    fn part(&self, raw: &RawPart, figures: &[Figure]) -> Result<Part, ReportError> {
        for id in raw.figures.iter().chain(raw.charts.iter().flat_map(|chart| &chart.facts)) {
            known(id, figures)?;
        }
        Ok(Part {
            heading: raw.heading.clone(),
            paragraphs: self.paragraphs(&raw.paragraph, figures)?,
            figures: raw.figures.clone(),
            charts: raw.charts.clone(),
        })
    }

    fn paragraphs(&self, raw: &[Text], figures: &[Figure]) -> Result<Vec<Paragraph>, ReportError> {
        let one = |text: &Text| {
            Ok::<_, ReportError>(Paragraph {
                zh: self.runs(&text.zh, Lang::Zh, figures)?,
                en: self.runs(&text.en, Lang::En, figures)?,
            })
        };
        let made = raw.iter().map(one).collect::<Result<Vec<Paragraph>, _>>()?;
        Ok(made.into_iter().filter(|of| !of.zh.is_empty() || !of.en.is_empty()).collect())
    }

    fn runs(&self, text: &str, lang: Lang, figures: &[Figure]) -> Result<Vec<Run>, ReportError> {
        let mut runs = Vec::new();
        let text = about_published(text, self.is_published)?;
        let mut rest = text.as_str();
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| fault("占位符缺少右括号", "a placeholder is not closed"))?;
            push_words(&mut runs, words)?;
            match self.names.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => append(&mut runs, value.get(lang)),
                None => runs.push(figure_run(name, lang, figures)?),
            }
            rest = after;
        }
        push_words(&mut runs, rest)?;
        Ok(runs)
    }
}

/// A source without the ids of paragraphs, each document once.
fn paragraphs_dropped(source: &str, between: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in source.split(';').flat_map(|part| part.split(", §")) {
        let part = part.split_once('§').map_or(part, |(document, _)| document);
        let part = part.trim().trim_end_matches(',');
        let is_id = part.starts_with(|c: char| c.is_ascii_uppercase()) && part.len() <= 4;
        if !part.is_empty() && !is_id && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(between)
}

/// The text with the words about what was published, or without them.
fn about_published(text: &str, keeps: bool) -> Result<String, ReportError> {
    let (begin, end) = PUBLISHED;
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(begin) {
        let (inside, after) = after.split_once(end).ok_or_else(|| {
            fault(&format!("“{begin}”之后缺少“{end}”"), &format!("`{begin}` lacks its `{end}`"))
        })?;
        made.push_str(before);
        made.push_str(if keeps { inside } else { "" });
        rest = after;
    }
    made.push_str(rest);
    Ok(made)
}

fn push_words(runs: &mut Vec<Run>, words: &str) -> Result<(), ReportError> {
    if let Some(digit) = words.chars().find(|c| c.is_numeric() && *c != '〇') {
        return Err(fault(
            &format!("句子中不得直接写数字“{digit}”，请改用占位符（“{words}”）"),
            &format!("the digit `{digit}` is typed into a sentence, use a placeholder (`{words}`)"),
        ));
    }
    append(runs, words);
    Ok(())
}

/// Adds words, joining them to words before.
fn append(runs: &mut Vec<Run>, words: &str) {
    match runs.last_mut() {
        Some(last) if last.figure.is_none() => last.text.push_str(words),
        _ if words.is_empty() => {}
        _ => runs.push(Run { text: words.to_owned(), figure: None }),
    }
}

fn figure_run(placeholder: &str, lang: Lang, figures: &[Figure]) -> Result<Run, ReportError> {
    let (id, scale) =
        placeholder.split_once(':').map_or((placeholder, None), |(id, scale)| (id, Some(scale)));
    let figure = known(id, figures)?;
    let text = match (figure.computed_exact, figure.shown(lang), scale) {
        (Some(_), Some(shown), None) => shown,
        // A day has neither unit nor scale.
        (Some(_), Some(shown), Some(_)) if figure.day().is_some() => shown,
        (Some(value), _, Some(BARE)) => number::readable(value),
        (Some(value), _, Some(scale)) => scaled(value, scale, figure.unit(lang), lang)?,
        _ => match lang {
            Lang::Zh => "（尚未计算）".to_owned(),
            Lang::En => "(not yet computed)".to_owned(),
        },
    };
    Ok(Run { text, figure: Some(id.to_owned()) })
}

fn scaled(value: Decimal, scale: &str, unit: &str, lang: Lang) -> Result<String, ReportError> {
    let known = SCALES.iter().find(|(name, _, used_in)| *name == scale && *used_in == lang);
    let Some(shifted) = known.and_then(|(_, power, _)| value.shift(-power)) else {
        return Err(fault(
            &format!(
                "不认识的写法“{scale}”，可用bare，中文还可用万、亿，英文还可用million、billion"
            ),
            &format!(
                "unknown form `{scale}`: bare; 万 or 亿 in Chinese, million or billion in English"
            ),
        ));
    };
    let number = number::grouped(shifted);
    Ok(match lang {
        Lang::Zh => format!("{number}{scale}{unit}"),
        Lang::En => number::with_unit(&format!("{number} {scale}"), unit, lang),
    })
}

fn known<'a>(id: &str, figures: &'a [Figure]) -> Result<&'a Figure, ReportError> {
    figures.iter().find(|figure| figure.id == id).ok_or_else(|| {
        fault(&format!("没有编号为“{id}”的指标"), &format!("there is no figure `{id}`"))
    })
}

/// The area that a pack is for.
pub(crate) fn area_of(pack: &Pack) -> Result<&Area, ReportError> {
    pack.area(&pack.area).ok_or_else(|| ReportError::Template {
        file: "areas.csv".to_owned(),
        detail: Text::fixed("缺少本包自己的地区", "the pack's own area is missing").to_string(),
    })
}

fn fault(zh: &str, en: &str) -> ReportError {
    ReportError::Template { file: FILE.to_owned(), detail: Text::new(zh, en).to_string() }
}

#[cfg(test)]
mod tests;
