use super::*;
use crate::model::ChartKind;
use crate::tests::report;

const TEMPLATE_TEXT: &str = include_str!("../../../../policy/xuzhou-2016/report/annual.typ");
const SHAPES: &str = include_str!("../../../../policy/xuzhou-2016/counties.geojson");

fn text_of(report: &AnnualReport, lang: Lang) -> String {
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: Some(SHAPES), fonts: &fonts };
    let typeset = typeset_report(report, &look, lang).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(typeset.pdf().unwrap().len() > 10_000);
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
    report.counties[0].name = "𠮷县".to_owned();
    assert!(report.sections[0].parts[0].charts.iter().any(|c| c.kind == ChartKind::CountyMap));
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: Some(SHAPES), fonts: &fonts };
    let fault = render_pdf(&report, &look, Lang::Zh).unwrap_err().to_string();
    assert!(fault.contains("U+20BB7"), "{fault}");
}
