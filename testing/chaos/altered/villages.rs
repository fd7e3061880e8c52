//! Alterations of what is known of villages: the list of weak ones, their ledgers and measures,
//! service centres, roads and buses, services.

use super::super::sheets::Change;
use super::{Alteration, Amount, Move, Whole, by, share};

/// A unit of town level has nine digits; a town has 1 or 2 in the seventh place.
fn is_of_town_level(code: &str) -> bool {
    code.len() == 9
}

fn is_town(code: &str) -> bool {
    is_of_town_level(code) && code[6..].starts_with(['1', '2'])
}

/// A village with a villagers' committee has 2 or 3 in the tenth place.
fn has_committee(code: &str) -> bool {
    code.len() == 12 && code[9..].starts_with(['2', '3'])
}

pub(super) const ALTERATIONS: &[Alteration] = &[
    Alteration {
        says: "a village that has a first secretary is on the list of weak ones",
        files: &["名单/经济薄弱村名单.xlsx"],
        edits: &[(&["满庄村委会"], Change::Again(&[("乡镇", "范楼镇"), ("行政村", "欧庄村委会")]))],
        moves: &[
            ("G22", share("0", "V01")),
            ("V01", by("1")),
            ("V09.other", by("-1")),
            ("V09.weak", by("1")),
            ("V11", share("0", "V01")),
            ("V11.secretary", share("1", "V01")),
            ("V11.team", share("0", "V01")),
        ],
    },
    Alteration {
        says: "a village that fell short has much income",
        files: &["村账/2016/铜山区/刘集镇车村村委会.xlsx"],
        edits: &[
            (&["一、经营收入"], Change::Set(1, "本年数(元)", "300000")),
            (&["二、发包及上交收入"], Change::Set(1, "本年数(元)", "0")),
            (&["三、投资收益"], Change::Set(1, "本年数(元)", "0")),
            (&["加:补助收入"], Change::Set(1, "本年数(元)", "10000")),
            (&["加:其他收入"], Change::Set(1, "本年数(元)", "0")),
            (&["加:补助收入"], Change::Set(1, "其中一次性(元)", "7000")),
            (&["加:其他收入"], Change::Set(1, "其中一次性(元)", "")),
        ],
        moves: &[
            ("G09", by("1")),
            ("V14", by("1")),
            ("V15", by("1")),
            ("V15.lasting", by("1")),
            ("V15.one_off", by("7000")),
            ("V15.operating", by("1")),
            ("V15.recurring", by("1")),
            ("V15.total", by("310000")),
            ("V15.upper", by("1")),
        ],
    },
    Alteration {
        says: "a village's income is once only for a great part",
        files: &["村账/2016/沛县/张寨镇陈油坊村委会.xlsx"],
        edits: &[(&["二、发包及上交收入"], Change::Set(1, "其中一次性(元)", "90000"))],
        moves: &[("V15.one_off", by("90000")), ("V15.recurring", by("-1"))],
    },
    Alteration {
        says: "no village has income from shares",
        files: &["村账/经济类型/320322_沛县经济类型台账.csv"],
        edits: &[(&["入股分红型"], Change::Set(usize::MAX, "集体经济类型", "资源承包型"))],
        moves: &[("V12", by("-1"))],
    },
    Alteration {
        says: "no village trades by the net",
        files: &["村账/计划/强村举措应用表.xlsx"],
        edits: &[(
            &["发展农村电商"],
            Change::Set(usize::MAX, "强村举措", "强村举措之五（名称待确认）"),
        )],
        moves: &[("V13.named", by("-1"))],
    },
    Alteration {
        says: "the programme has two centres more, one of the year and one of a fourth year",
        files: &["中心/村级综合服务中心建设台账.xlsx"],
        edits: &[
            (
                &["ZX320321107213"],
                Change::Again(&[
                    ("中心编号", "ZX-YEAR"),
                    ("建设预算(万元)", "10"),
                    ("省级补助(万元)", "3"),
                    ("市级补助(万元)", "2"),
                    ("县级配套(万元)", "2"),
                    ("帮扶单位支持(万元)", "1"),
                    ("其他投入(万元)", "2"),
                ]),
            ),
            (
                &["ZX320321107213"],
                Change::Again(&[
                    ("中心编号", "ZX-LATER"),
                    ("列入批次年度", "2019"),
                    ("建设预算(万元)", "7"),
                    ("省级补助(万元)", "3"),
                    ("市级补助(万元)", "2"),
                    ("县级配套(万元)", "2"),
                    ("帮扶单位支持(万元)", ""),
                    ("其他投入(万元)", ""),
                ]),
            ),
        ],
        moves: &[
            ("V02", by("170000")),
            ("V02.batch", by("100000")),
            ("V02.batch.city", by("20000")),
            ("V02.centres", by("2")),
            ("V02.years", by("1")),
            ("V05.batch", by("1")),
        ],
    },
    Alteration {
        says: "a centre is in use before it is completed",
        files: &["中心/村级综合服务中心建设台账.xlsx"],
        edits: &[(&["ZX320321107213"], Change::Set(1, "投入使用日期", "2016-12-20"))],
        moves: &[("G10", by("1")), ("G10.in_use", by("1"))],
    },
    Alteration {
        says: "a centre falls behind its schedule",
        files: &["中心/进度/服务中心建设进度表_2016批次.xlsx"],
        edits: &[(&["ZX320321107213", "装修完成"], Change::Set(1, "节点实际日期", ""))],
        moves: &[("V05", by("-1"))],
    },
    Alteration {
        says: "no step of a centre is about money",
        files: &["中心/进度"],
        edits: &[(&["资金安排"], Change::Set(usize::MAX, "所属统一环节", "设计方案"))],
        moves: &[("V04", by("-1"))],
    },
    Alteration {
        says: "the accepted centre lacks three rooms, two shops and the square",
        files: &["中心/服务中心功能核对表.csv"],
        edits: &[
            (&["ZX320305102210", "七室之一（名称待确认）"], Change::Set(1, "是否具备", "否")),
            (&["ZX320305102210", "七室之二（名称待确认）"], Change::Set(1, "是否具备", "否")),
            (&["ZX320305102210", "七室之三（名称待确认）"], Change::Set(1, "是否具备", "否")),
            (&["ZX320305102210", "两超市之一（名称待确认）"], Change::Set(1, "是否具备", "否")),
            (&["ZX320305102210", "两超市之二（名称待确认）"], Change::Set(1, "是否具备", "否")),
            (&["ZX320305102210", "广场"], Change::Set(1, "是否具备", "否")),
        ],
        moves: &[
            ("V03", by("-6")),
            ("V03.rooms", by("-3")),
            ("V03.shops", by("-2")),
            ("V03.square", by("-1")),
        ],
    },
    Alteration {
        says: "a road section more is completed and accepted",
        files: &["交通/农村公路建设项目表.csv"],
        edits: &[(
            &["LD2016-0002"],
            Change::Again(&[
                ("路段编号", "LD2016-9001"),
                ("建设里程(公里)", "0.125"),
                ("路段投资(元)", "1000"),
            ]),
        )],
        moves: &[("T01", by("1000")), ("T02", by("0.125")), ("T05", by("1"))],
    },
    Alteration {
        says: "no bus stops at a village",
        files: &["交通/行政村通班车情况表.xlsx"],
        edits: &[(&["杨东村委会"], Change::Set(1, "是否通客运班车", "否"))],
        moves: &[("T03", Move::Share(Amount::Is("-1"), Whole::Areas(has_committee)))],
    },
    Alteration {
        says: "a town more has buses to its villages, and a street less",
        files: &["交通/镇村公交开通情况表.csv"],
        edits: &[
            (&["黄楼街道"], Change::Set(1, "是否开通镇村公交", "否")),
            (&["牌楼街道"], Change::Set(1, "是否开通镇村公交", "否")),
            (&["首羡镇"], Change::Set(1, "是否开通镇村公交", "是")),
        ],
        moves: &[
            ("T04", Move::Share(Amount::Is("1"), Whole::Areas(is_town))),
            ("T04.all", Move::Share(Amount::Is("-1"), Whole::Areas(is_of_town_level))),
        ],
    },
    Alteration {
        says: "no service for culture is counted",
        files: &["民生/公共服务指标表.csv"],
        edits: &[(&["文化"], Change::DropAll)],
        moves: &[("V16", by("-1")), ("Y01", by("-1"))],
    },
    Alteration {
        says: "a practical work is not done",
        files: &["民生/为民办实事项目表.xlsx"],
        edits: &[(&["SS2016-001"], Change::Set(1, "实事完成日期", ""))],
        moves: &[("Y02", by("-1"))],
    },
];
