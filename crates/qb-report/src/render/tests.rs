use qb_policy::Decimal;

use super::*;
use crate::model::{ChartKind, Verdict};
use crate::tests::report;

const TEMPLATE_TEXT: &str = include_str!("../../../../policy/xuzhou-2016/report/annual.typ");
const SHAPES: &str = include_str!("../../../../policy/xuzhou-2016/counties.geojson");

fn text_of(report: &AnnualReport, lang: Lang) -> String {
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: Some(SHAPES), fonts: &fonts };
    let typeset = typeset_report(report, &look, lang).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(typeset.pdf().unwrap().len() > 10_000);
    plain(&typeset)
}

/// The text without blanks and places where a line may break.
fn plain(typeset: &Typeset) -> String {
    typeset.text().chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

#[test]
fn the_document_holds_every_figure_note_section_and_digest() {
    let report = report();
    for lang in [Lang::Zh, Lang::En] {
        let text = text_of(&report, lang);
        for figure in &report.figures {
            assert!(text.contains(&figure.id), "{}", figure.id);
        }
        assert!(text.contains("A1") && text.contains("28,703"));
        assert!(text.contains(&report.digest.to_string()));
        assert!(text.contains(report.provenance.audit_head.as_deref().unwrap()));
    }
    assert!(text_of(&report, Lang::Zh).contains("一、成效"));
    assert!(text_of(&report, Lang::En).contains("1.1Households"));
}

#[test]
fn a_personal_number_in_any_text_stops_the_report() {
    let mut report = report();
    report.notes[0].verdict = Text::new("电话13812345678", "call");
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: None, fonts: &fonts };
    let fault = render_pdf(&report, &look, Lang::Zh).unwrap_err().to_string();
    assert!(fault.contains("report.notes[0].verdict") && !fault.contains("138"), "{fault}");
}

#[test]
fn a_rare_character_in_a_name_stops_the_report() {
    let mut report = report();
    report.counties[0].name = Text::fixed("𠮷县", "Ji");
    assert!(report.sections[0].parts[0].charts.iter().any(|c| c.kind == ChartKind::CountyMap));
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: Some(SHAPES), fonts: &fonts };
    let fault = render_pdf(&report, &look, Lang::Zh).unwrap_err().to_string();
    assert!(fault.contains("U+20BB7"), "{fault}");
}

#[test]
fn the_programmes_own_report_is_complete_in_both_languages() {
    let pack = Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016"))
        .unwrap_or_else(|faults| panic!("{faults}"));
    let evidence = published_as_evidence(&pack);
    let report = crate::annual(&pack, &evidence, crate::tests::provenance())
        .unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(report.count(Verdict::Contradiction), 0);
    let fonts = Fonts::embedded();
    let look = Look::of_pack(&pack, &fonts).unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let typeset =
            typeset_report(&report, &look, lang).unwrap_or_else(|fault| panic!("{fault}"));
        let text = plain(&typeset);
        for id in pack
            .facts
            .iter()
            .map(|fact| &fact.id)
            .chain(pack.contradictions.iter().map(|one| &one.id))
        {
            assert!(text.contains(id.as_str()), "{id}");
        }
        let pdf = typeset.pdf().unwrap();
        if let Some(folder) = std::env::var_os("QIBANG_KEEP_REPORTS") {
            let name = format!("annual-{}.pdf", lang.code());
            std::fs::write(std::path::Path::new(&folder).join(name), &pdf).unwrap();
        }
        assert!(pdf.len() < 4_000_000);
    }
}

/// Evidence that says exactly what was published, and a bit more where more is demanded.
fn published_as_evidence(pack: &Pack) -> crate::Evidence {
    let mut evidence = crate::tests::evidence();
    evidence.computed.clear();
    for fact in &pack.facts {
        let Some(published) = fact.published else { continue };
        let above = matches!(fact.compare, qb_policy::Compare::Above | qb_policy::Compare::Over);
        let value = if above { Decimal::whole(published.to_i64().unwrap() + 1) } else { published };
        match &fact.method {
            qb_policy::Method::Rows(_)
            | qb_policy::Method::Sql(_)
            | qb_policy::Method::Pack(_)
            | qb_policy::Method::Coverage(_) => {
                evidence.computed.insert(fact.id.clone(), value);
            }
            qb_policy::Method::Reference { reference } => {
                let source = "statistics office".to_owned();
                evidence
                    .reference
                    .insert(reference.clone(), crate::ReferenceValue { value, source });
            }
            _ => {}
        }
    }
    let counties = pack.areas.iter().filter(|area| area.level == qb_base::AreaLevel::County);
    for (index, county) in counties.enumerate() {
        let value = Decimal::whole(9_000 + 1_800 * i64::try_from(index).unwrap());
        evidence.by_county.entry(county.code).or_default().insert("G08".to_owned(), value);
    }
    evidence
}

#[test]
fn the_document_reads_as_it_was_accepted() {
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: None, fonts: &fonts };
    for lang in [Lang::Zh, Lang::En] {
        let typeset =
            typeset_report(&report(), &look, lang).unwrap_or_else(|fault| panic!("{fault}"));
        let pages: Vec<String> = typeset
            .text_runs()
            .iter()
            .map(|runs| {
                runs.iter()
                    .map(|run| run.trim())
                    .filter(|run| !run.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .collect();
        insta::assert_snapshot!(format!("annual_{}", lang.code()), pages.join("\n--- page ---\n"));
    }
}

#[test]
fn a_part_without_text_table_and_drawing_has_no_heading() {
    let mut report = report();
    let heading = Text::fixed("空着的一节", "an empty part");
    let (paragraphs, figures, charts) = (Vec::new(), Vec::new(), Vec::new());
    report.sections[0].parts.push(Part { heading, paragraphs, figures, charts });
    assert!(!text_of(&report, Lang::Zh).contains("空着的一节"));
}

#[test]
fn the_front_has_the_number_that_was_given_and_else_says_that_one_is_to_come() {
    let mut report = report();
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: None, fonts: &fonts };
    let front = |report: &AnnualReport, lang| plain(&typeset_report(report, &look, lang).unwrap());
    assert!(front(&report, Lang::Zh).contains("文号：待编号"));
    assert!(front(&report, Lang::En).contains("Documentnumber:tobenumbered"));
    report.document_no = Some("徐扶办〔2017〕3号".to_owned());
    assert!(front(&report, Lang::En).contains("Documentnumber:徐扶办〔2017〕3号"));
    report.provenance.is_synthetic = true;
    assert!(!front(&report, Lang::Zh).contains("文号："), "example data are not numbered");
}

#[test]
fn what_is_entered_again_is_not_printed_as_computed() {
    let text = text_of(&report(), Lang::Zh);
    assert!(text.contains("重录"), "{text}");
}

#[test]
fn no_page_begins_or_ends_with_one_or_two_rows_of_a_table() {
    let pack = Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016")).unwrap();
    let evidence = published_as_evidence(&pack);
    let report = crate::annual(&pack, &evidence, crate::tests::provenance()).unwrap();
    let fonts = Fonts::embedded();
    let look = Look::of_pack(&pack, &fonts).unwrap();
    for (lang, head, annex) in [(Lang::Zh, "编号", "附件1"), (Lang::En, "No.", "Annex 1")] {
        let typeset = typeset_report(&report, &look, lang).unwrap();
        // A verdict may stand on two lines; its first word ends a row as well.
        let verdicts = Verdict::ALL.map(|verdict| verdict.text().get(lang).to_owned());
        let ends = |run: &str| verdicts.iter().any(|of| of == run) || run == "not yet";
        let mut tables = 0;
        for (page, runs) in typeset.text_runs().iter().enumerate() {
            let runs: Vec<&str> = runs.iter().map(|run| run.trim()).collect();
            if runs.contains(&annex) {
                break;
            }
            // Each piece of a table begins with its head, and each row ends with its verdict.
            for piece in runs.split(|run| *run == head).skip(1) {
                let rows = piece.iter().filter(|run| ends(run)).count();
                assert!(rows >= 3, "{lang:?}, page {}: {rows} rows", page + 1);
                tables += 1;
            }
        }
        assert!(tables > 15, "{lang:?}: {tables} pieces of tables were seen");
    }
}
