use super::*;

#[test]
fn a_place_is_read_as_places_are_and_named_by_its_kind() {
    for (name, expected) in [
        ("徐州市", "Xuzhou"),
        ("丰县", "Feng county"),
        ("睢宁县", "Suining county"),
        ("邳州市", "Pizhou"),
        ("云龙区", "Yunlong district"),
        ("翟山街道", "Zhaishan subdistrict"),
        ("单集镇", "Shanji town"),
        ("新安街道", "Xin'an subdistrict"),
        ("练马村村委会", "Lianma village"),
        ("练马村委会", "Lianma village"),
        ("高村村委会", "Gaocun village"),
        ("吕梁社区居委会", "Lüliang community"),
        ("戴圩社区居民委员会", "Daiwei community"),
        ("解放村委会", "Jiefang village"),
        ("果园一工区村委会", "Guoyuanyigongqu village"),
    ] {
        assert_eq!(english(name, &[]), expected, "{name}");
    }
}

#[test]
fn a_place_that_is_named_after_those_above_has_words_of_its_own() {
    let above = ["江苏省", "徐州市", "铜山区", "丰县"];
    for (name, expected) in [
        ("江苏铜山经济开发区", "Jiangsu Tongshan economic development zone"),
        ("徐州经济技术开发区", "Xuzhou development zone"),
        ("丰乐村委会", "Fengle village"),
        ("铜山湖村委会", "Tongshanhu village"),
        ("徐州高新技术产业开发区虚拟社区", "Xuzhou high-tech zone virtual community"),
    ] {
        assert_eq!(english(name, &above), expected, "{name}");
    }
    assert_eq!(english("王集村委会", &["王集镇"]), "Wangji village");
    assert_eq!(english("张庄东社区居委会", &["张庄镇"]), "Zhangzhuangdong community");
    assert_eq!(english("张庄新村社区居委会", &["张庄镇"]), "Zhangzhuang Xincun community");
    let above = ["徐州市", "泉山区", "徐州泉山经济开发区"];
    let expected = "Xuzhou Quanshan economic development zone virtual community";
    assert_eq!(english("徐州泉山经济开发区虚拟社区", &above), expected);
}

#[test]
fn a_name_that_is_a_kind_only_is_its_word() {
    assert_eq!(english("经济开发区", &[]), "Economic development zone");
    assert_eq!(english("", &[]), "");
    assert_eq!(english("A区", &[]), "A district");
}

#[test]
fn what_has_no_reading_stays_as_it_is() {
    assert_eq!(read_aloud("3号"), "3hao");
    assert!(of('x').is_empty());
}
