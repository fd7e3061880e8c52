use super::*;

#[test]
fn a_rare_character_is_refused_with_its_code_point() {
    let fault = Fonts::embedded().check(["户主𠮷某"]).unwrap_err();
    assert!(fault.to_string().contains("U+20BB7"), "{fault}");
}

#[test]
fn names_of_places_and_rare_names_of_the_city_are_covered() {
    Fonts::embedded().check(["邳州市睢宁县沛县㙍䶮堃喆 ≥18万元 “一户一策”……①㎡ AZaz09\n"]).unwrap();
}

#[test]
fn a_folder_that_does_not_exist_adds_nothing() {
    let fonts = Fonts::with_folder(Path::new("no-such-folder")).unwrap();
    assert_eq!(fonts.fonts.len(), 2);
}

#[test]
fn a_file_that_is_no_font_is_named() {
    let folder = std::env::temp_dir().join(format!("qb-report-fonts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("broken.ttf"), b"not a font").unwrap();
    let fault = Fonts::with_folder(&folder).err().map(|e| e.to_string());
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(fault.is_some_and(|message| message.contains("broken.ttf")));
}
