//! Alterations of money and projects, of the plan for an area, of what is cited from outside and of
//! the library of practices.

use super::super::sheets::Change;
use super::{Alteration, Amount, Move, Whole, by};

pub(super) const ALTERATIONS: &[Alteration] = &[
    Alteration {
        says: "the year has a budget line more of the city's special funds",
        files: &["资金/扶贫资金预算安排表.xlsx"],
        edits: &[(
            &["预算年度=2016", "市级", "市级专项扶贫资金"],
            Change::Again(&[("预算编号", "YS2016-901"), ("预算金额(元)", "1000")]),
        )],
        moves: &[("G06", by("1000")), ("G06.ratio", Move::Ratio("G06", "G06.prior", 100))],
    },
    Alteration {
        says: "the round before has a budget line more of the city's special funds",
        files: &["资金/扶贫资金预算安排表.xlsx"],
        edits: &[(
            &["预算年度=2013", "市级", "市级专项扶贫资金"],
            Change::Again(&[("预算编号", "YS2013-901"), ("预算金额(元)", "2000")]),
        )],
        moves: &[("G06.prior", by("2000")), ("G06.ratio", Move::Ratio("G06", "G06.prior", 100))],
    },
    Alteration {
        says: "the next year has budget lines more of the city for treatment",
        files: &["资金/扶贫资金预算安排表.xlsx"],
        edits: &[
            (
                &["预算年度=2017", "市级", "代缴医保费"],
                Change::Again(&[("预算编号", "YS2017-901"), ("预算金额(元)", "100")]),
            ),
            (
                &["预算年度=2017", "市级", "提高补偿标准"],
                Change::Again(&[("预算编号", "YS2017-902"), ("预算金额(元)", "200")]),
            ),
            (
                &["预算年度=2017", "市级", "医疗救助"],
                Change::Again(&[("预算编号", "YS2017-903"), ("预算金额(元)", "400")]),
            ),
        ],
        moves: &[
            ("H02", by("700")),
            ("H02.assistance", by("400")),
            ("H02.benefit", by("200")),
            ("H02.premium", by("100")),
        ],
    },
    Alteration {
        says: "a project more is carried out",
        files: &["项目/320382_邳州市扶贫项目库.csv"],
        edits: &[(
            &["XM2016-0016"],
            Change::Again(&[
                ("项目编号", "XM2016-9001"),
                ("项目性质", "生产经营型"),
                ("项目预算(元)", "500000"),
                ("省级资金(元)", "500000"),
                ("市级资金(元)", ""),
                ("县级资金(元)", ""),
                ("帮扶单位资金(元)", ""),
                ("其他资金(元)", ""),
            ]),
        )],
        moves: &[
            ("P13", by("1")),
            ("P13.budget", by("500000")),
            ("P24", Move::Share(Amount::Is("500000"), Whole::Figure("P13.budget"))),
        ],
    },
    Alteration {
        says: "the projects of a county start only after the day",
        files: &["项目/320382_邳州市扶贫项目库.csv"],
        edits: &[(&["2016", "生产经营型"], Change::Set(10, "开工日期", "2017-03-01"))],
        moves: &[
            ("P13", Move::By(Amount::Rows(-1))),
            ("P13.budget", Move::By(Amount::Cells(-1, "项目预算(元)"))),
            ("P24", Move::Share(Amount::Cells(-1, "项目预算(元)"), Whole::Figure("P13.budget"))),
        ],
    },
    Alteration {
        says: "the only project of a mode that is not named is of another",
        files: &["项目/320324_睢宁县扶贫项目库.xlsx"],
        edits: &[(&["生态扶贫"], Change::Set(1, "帮扶模式", "就业帮扶"))],
        moves: &[("P03", by("-1"))],
    },
    Alteration {
        says: "the only project of a mode that is named is of another",
        files: &["项目/320324_睢宁县扶贫项目库.xlsx"],
        edits: &[(&["电商扶贫"], Change::Set(1, "帮扶模式", "就业帮扶"))],
        moves: &[("P03.named", by("-1"))],
    },
    Alteration {
        says: "a project keeps more yield for its village",
        files: &["项目/收益/320321_丰县项目收益分配表.csv"],
        edits: &[
            (&["XM2016-0003"], Change::Add(1, "收益总额(元)", "1000")),
            (&["XM2016-0003"], Change::Add(1, "留村集体(元)", "1000")),
        ],
        moves: &[("P14", by("1000")), ("P14.village", by("1000"))],
    },
    Alteration {
        says: "a project more yields something for households and village",
        files: &["项目/收益/320321_丰县项目收益分配表.csv"],
        edits: &[(
            &["XM2016-0003"],
            Change::Again(&[
                ("项目编号", "XM2016-0012"),
                ("收益总额(元)", "3000"),
                ("分配到户(元)", "1000"),
                ("留村集体(元)", "2000"),
            ]),
        )],
        moves: &[("P14", by("3000")), ("P14.village", by("2000")), ("P25", by("1"))],
    },
    Alteration {
        says: "two areas more have a plan, one of them for five years",
        files: &["片区/片区规划登记.csv"],
        edits: &[
            (&["PQHX"], Change::Again(&[("片区规划编号", "PQ-NEW")])),
            (&["PQHX"], Change::Again(&[("片区规划编号", "PQ-FOUR"), ("规划截止年份", "2019")])),
        ],
        moves: &[("P16", by("2")), ("P17", by("1"))],
    },
    Alteration {
        says: "the plan for an area has projects more of each category",
        files: &["片区/片区规划项目表.xlsx"],
        edits: &[
            (
                &["PQHX-001"],
                Change::Again(&[("规划项目编号", "PQHX-901"), ("规划总投资(万元)", "100")]),
            ),
            (
                &["PQHX-004"],
                Change::Again(&[("规划项目编号", "PQHX-902"), ("规划总投资(万元)", "20")]),
            ),
            (
                &["PQHX-004"],
                Change::Again(&[("规划项目编号", "PQHX-903"), ("规划总投资(万元)", "20")]),
            ),
            (
                &["PQHX-007"],
                Change::Again(&[("规划项目编号", "PQHX-904"), ("规划总投资(万元)", "3")]),
            ),
            (
                &["PQHX-007"],
                Change::Again(&[("规划项目编号", "PQHX-905"), ("规划总投资(万元)", "3")]),
            ),
            (
                &["PQHX-007"],
                Change::Again(&[("规划项目编号", "PQHX-906"), ("规划总投资(万元)", "3")]),
            ),
        ],
        moves: &[
            ("P18", by("6")),
            ("P18.industry", by("2")),
            ("P18.infrastructure", by("1")),
            ("P18.investment", by("1490000")),
            ("P18.livelihood", by("3")),
        ],
    },
    Alteration {
        says: "the plan for an area has no project for industry",
        files: &["片区/片区规划项目表.xlsx"],
        edits: &[(&["产业发展"], Change::Set(usize::MAX, "规划项目大类", "基础设施"))],
        moves: &[
            ("P18.categories", by("-1")),
            ("P18.industry", Move::By(Amount::Rows(-1))),
            ("P18.infrastructure", Move::By(Amount::Rows(1))),
        ],
    },
    Alteration {
        says: "a tranche more of the year is completed in time",
        files: &["片区/片区规划年度任务表.xlsx"],
        edits: &[(
            &["PQHX-001", "任务年度=2017"],
            Change::Again(&[
                ("任务年度", "2016"),
                ("年度计划投资(万元)", "5"),
                ("年度任务时限", "2016-12-20"),
                ("年度任务完成日期", "2016-12-10"),
            ]),
        )],
        moves: &[("P19", by("1")), ("P19.investment", by("50000"))],
    },
    Alteration {
        says: "what is cited from outside is cited otherwise",
        files: &["外部数据/外部数据.csv"],
        edits: &[
            (&["B03"], Change::Add(1, "数值", "1000")),
            (&["B04"], Change::Add(1, "数值", "2000")),
            (&["G07"], Change::Add(1, "数值", "0.3")),
            (&["G07.rank"], Change::Add(1, "数值", "4")),
            (&["P07"], Change::Add(1, "数值", "5000")),
            (&["P08"], Change::Add(1, "数值", "6")),
            (&["P09"], Change::Add(1, "数值", "700")),
            (&["P10"], Change::Add(1, "数值", "8")),
            (&["P12.rank"], Change::Add(1, "数值", "9")),
        ],
        moves: &[
            ("B03", by("1000")),
            ("B04", by("2000")),
            ("G01", Move::Ratio("B02", "B03", 100)),
            ("G01.north", Move::Ratio("B02", "B04", 100)),
            ("G07", by("0.3")),
            ("G07.rank", by("4")),
            ("P07", by("5000")),
            ("P08", by("6")),
            ("P09", by("700")),
            ("P10", by("8")),
            ("P12.rank", by("9")),
        ],
    },
    Alteration {
        says: "a county and two villages more have a title",
        files: &["外部数据/荣誉称号登记.xlsx"],
        edits: &[
            (&["RY001"], Change::Again(&[("称号编号", "RY901"), ("县(市、区)", "丰县")])),
            (&["RY004"], Change::Again(&[("称号编号", "RY902")])),
            (&["RY005"], Change::Again(&[("称号编号", "RY903")])),
        ],
        moves: &[("P11", by("1")), ("P12", by("2"))],
    },
    Alteration {
        says: "the library has entries more of each kind",
        files: &["经验/增收经验库.xlsx"],
        edits: &[
            (&["JY001"], Change::Again(&[("经验编号", "JY901")])),
            (&["JY011"], Change::Again(&[("经验编号", "JY902")])),
            (&["JY012"], Change::Again(&[("经验编号", "JY903")])),
            (&["JY019"], Change::Again(&[("经验编号", "JY904")])),
            (&["JY020"], Change::Again(&[("经验编号", "JY905")])),
            (&["JY021"], Change::Again(&[("经验编号", "JY906")])),
        ],
        moves: &[
            ("P20", by("1")),
            ("P20.cases", by("3")),
            ("P20.conditions", by("2")),
            ("P20.library", by("6")),
            ("P20.methods", by("2")),
        ],
    },
    Alteration {
        says: "two villages have entries more",
        files: &["经验/增收经验库.xlsx"],
        edits: &[
            (&["JY039"], Change::Again(&[("经验编号", "JY911"), ("适用条件", "")])),
            (&["JY040"], Change::Again(&[("经验编号", "JY912")])),
            (&["JY040"], Change::Again(&[("经验编号", "JY913")])),
        ],
        moves: &[
            ("P20.conditions", by("2")),
            ("P20.library", by("3")),
            ("P21", by("1")),
            ("P23", by("2")),
        ],
    },
    Alteration {
        says: "an entry more of the library is adopted",
        files: &["经验/经验推广应用登记.csv"],
        edits: &[(&["JY001"], Change::Again(&[("经验编号", "JY002")]))],
        moves: &[("P20.adopted", by("1"))],
    },
];
