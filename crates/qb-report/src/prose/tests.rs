use super::*;
use crate::tests::report;

fn text(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

#[test]
fn figures_stand_in_sentences_with_unit_and_scale() {
    let report = report();
    let paragraph = &report.sections[0].paragraphs[0];
    assert_eq!(text(&paragraph.zh), "截至2016年12月31日，20.2367万人脱贫，收益68,164,300元。");
    assert_eq!(
        text(&paragraph.en),
        "By 31 December 2016, 202,367 people were lifted out; the yield was 68.1643 million yuan."
    );
    let named: Vec<&str> = paragraph.zh.iter().filter_map(|run| run.figure.as_deref()).collect();
    assert_eq!(named, ["G08", "P14"]);
}

#[test]
fn what_could_not_be_computed_says_so_and_borrows_no_published_number() {
    let report = report();
    let paragraph = &report.sections[0].parts[0].paragraphs[0];
    assert_eq!(text(&paragraph.zh), "建成（尚未计算），（尚未计算）。");
    assert!(!text(&paragraph.en).contains("105"), "{}", text(&paragraph.en));
}

#[test]
fn title_and_area_are_filled() {
    assert_eq!(report().title.zh, "徐州市2016年度报告");
}

fn fault_of(zh: &str) -> String {
    let raw = format!(
        "title = {{ zh = '题', en = 't' }}\nissuer = {{ zh = '办', en = 'o' }}\n[[section]]\nid = 's'\n\
         heading = {{ zh = '节', en = 's' }}\n[[section.paragraph]]\nzh = '{zh}'\nen = 'x'\n"
    );
    let figures = report().figures;
    Prose::read(&raw).and_then(|prose| prose.sections(&figures)).unwrap_err().to_string()
}

#[test]
fn a_typed_digit_an_unknown_figure_and_an_unknown_scale_are_refused() {
    assert!(fault_of("共18户").contains("`1`"));
    assert!(fault_of("共１８户").contains("`１`"));
    assert!(fault_of("共{Z99}").contains("`Z99`"));
    assert!(fault_of("共{P14:million}").contains("`million`"));
    assert!(fault_of("共{P14").contains("not closed"));
}

#[test]
fn a_fault_in_the_file_is_told_with_its_line() {
    let fault =
        Prose::read("title = { zh = '题', en = 't' }\nissue = 1\n").unwrap_err().to_string();
    assert!(fault.contains("report/annual.toml:2"), "{fault}");
}

#[test]
fn a_scaled_number_is_printed_whole() {
    let mut figures = report().figures;
    figures[0].computed_exact = Some(Decimal::parse("148254846.1").unwrap());
    assert_eq!(figure_run("G08:万", Lang::Zh, &figures).unwrap().text, "14,825.48461万人");
    assert_eq!(
        figure_run("G08:million", Lang::En, &figures).unwrap().text,
        "148.2548461 million people"
    );
    assert_eq!(figure_run("G08:bare", Lang::Zh, &figures).unwrap().text, "148,254,846.1");
}

#[test]
fn a_day_is_printed_as_people_write_days() {
    let mut figures = report().figures;
    figures[0].unit = Some(number::DAY.to_owned());
    figures[0].computed_exact = Some(Decimal::whole(20_160_218));
    for placeholder in ["G08", "G08:bare"] {
        let said = |lang| figure_run(placeholder, lang, &figures).unwrap().text;
        assert_eq!(said(Lang::Zh), "2016年2月18日");
        assert_eq!(said(Lang::En), "18 February 2016");
    }
    assert_eq!(figures[0].shown(Lang::Zh).as_deref(), Some("2016年2月18日"));
    // What is no day is not made one.
    figures[0].computed_exact = Some(Decimal::whole(20_161_318));
    assert_eq!(figures[0].day(), None);
}

#[test]
fn one_thing_has_its_english_word() {
    let mut figures = report().figures;
    figures[0].computed_exact = Some(Decimal::whole(1));
    assert_eq!(figure_run("G08", Lang::En, &figures).unwrap().text, "1 person");
}

#[test]
fn words_about_the_published_document_stand_in_its_own_days_report_only() {
    let text = "占{published?}（公布为“户户”）{/published}一半";
    assert_eq!(about_published(text, true).unwrap(), "占（公布为“户户”）一半");
    assert_eq!(about_published(text, false).unwrap(), "占一半");
    assert!(about_published("占{published?}一半", true).is_err());
}

#[test]
fn a_source_names_each_document_once_and_no_row_of_it() {
    assert_eq!(paragraphs_dropped("公开材料 §G08; 退出意见", "；"), "公开材料；退出意见");
    assert_eq!(paragraphs_dropped("the account, §P14, §P15", "; "), "the account");
}
