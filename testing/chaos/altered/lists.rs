//! Alterations of what offices keep of themselves: documents, meetings, pledges, terms of office,
//! postings, pairings, findings.

use super::super::sheets::Change;
use super::{Alteration, Amount, Move, Whole, by, share};

/// Every village was handed a pledge.
const PLEDGED: Whole = Whole::Areas(is_village);

fn is_village(code: &str) -> bool {
    code.len() == 12
}

pub(super) const ALTERATIONS: &[Alteration] = &[
    Alteration {
        says: "a round before began a year sooner",
        files: &["组织/帮扶轮次.csv"],
        edits: &[(&["L2011"], Change::Set(1, "起始年份", "2010"))],
        moves: &[("G02", by("1"))],
    },
    Alteration {
        says: "an office more is registered",
        files: &["组织/帮扶工作单位名录.xlsx"],
        edits: &[(&["JG320302-1"], Change::Again(&[("机构编号", "JG-NEW")]))],
        moves: &[("G12", by("1"))],
    },
    Alteration {
        says: "the city issues a document more on assessing counties and one on treatment",
        files: &["组织/扶贫政策文件目录.xlsx"],
        edits: &[
            (
                &["徐示发〔2016〕13号"],
                Change::Again(&[("发文字号", "徐示发〔2016〕91号"), ("纳入考核", "")]),
            ),
            (&["徐示发〔2016〕11号"], Change::Again(&[("发文字号", "徐示发〔2016〕92号")])),
        ],
        moves: &[("G04", by("2")), ("G17", by("2")), ("G23", by("1")), ("H01", by("1"))],
    },
    Alteration {
        says: "a document feeds no assessment",
        files: &["组织/扶贫政策文件目录.xlsx"],
        edits: &[(&["徐示发〔2016〕13号"], Change::Set(1, "纳入考核", ""))],
        moves: &[("G24", by("-1"))],
    },
    Alteration {
        says: "the first meeting becomes a mobilisation",
        files: &["组织/扶贫工作会议台账.xlsx"],
        edits: &[(&["HY2016-01"], Change::Set(1, "会议类型", "动员会"))],
        moves: &[("G13.day", Move::To("20160301"))],
    },
    Alteration {
        says: "the first meeting was held on another day",
        files: &["组织/扶贫工作会议台账.xlsx"],
        edits: &[(&["HY2016-01"], Change::Set(1, "召开日期", "2016-01-20"))],
        moves: &[("G13.day", Move::To("20160120"))],
    },
    Alteration {
        says: "a second thematic meeting on the day of the first",
        files: &["组织/扶贫工作会议台账.xlsx"],
        edits: &[(&["HY2016-01"], Change::Again(&[("会议编号", "HY2016-91")]))],
        moves: &[("G13", by("1")), ("G16", by("1"))],
    },
    Alteration {
        says: "a secretary of the city goes into the field once more",
        files: &["组织/市领导调研台账.csv"],
        edits: &[(&["DY2016-001"], Change::Again(&[("调研编号", "DY2016-901")]))],
        moves: &[("G18", by("1"))],
    },
    Alteration {
        says: "the city's secretary left office",
        files: &["组织/任职/320300_徐州市任职登记.xlsx"],
        edits: &[(&["党组织书记"], Change::Set(1, "任职截止日期", "2016-06-30"))],
        moves: &[("G13", by("-1")), ("G13.day", Move::To("0")), ("G15", by("-1"))],
    },
    Alteration {
        says: "the city signed no pledge",
        files: &["责任/320300_徐州市责任状.xlsx"],
        edits: &[(&["签订下级层级=县级"], Change::Set(usize::MAX, "上级签字日期", ""))],
        moves: &[("G14", by("-1"))],
    },
    Alteration {
        says: "a village did not sign its pledge",
        files: &["责任/320312_铜山区责任状.csv"],
        edits: &[(&["ZRZ2016-320312001001"], Change::Set(1, "下级签字日期", ""))],
        moves: &[
            ("G14.unsigned", by("1")),
            ("G14.villages", Move::Share(Amount::Is("-1"), PLEDGED)),
        ],
    },
    Alteration {
        says: "a village signed its pledge late",
        files: &["责任/320312_铜山区责任状.csv"],
        edits: &[(&["ZRZ2016-320312001001"], Change::Set(1, "下级签字日期", "2016-12-20"))],
        moves: &[("G14.late", by("1"))],
    },
    Alteration {
        says: "the province asks for more exits",
        files: &["责任/目标/320300_徐州市目标分解.csv"],
        edits: &[(&["SXD2016-3203", "年度脱贫人口"], Change::Set(1, "目标任务数", "99999999"))],
        moves: &[("G11", by("-1")), ("G11.missed", by("1"))],
    },
    Alteration {
        says: "a sitting secretary is elected again",
        files: &["组织/任职/320321_丰县任职登记.csv"],
        edits: &[(&["RZ320321001001-S1"], Change::Set(1, "任职起始日期", "2016-10-20"))],
        moves: &[("V17", by("1"))],
    },
    Alteration {
        says: "nobody was secretary before the one elected",
        files: &["组织/任职/320321_丰县任职登记.csv"],
        edits: &[(&["RZ320321106212-S1"], Change::Drop)],
        moves: &[("V08", by("-1"))],
    },
    Alteration {
        says: "a secretary of a village meets a criterion less",
        files: &["组织/任职/320321_丰县任职登记.csv"],
        edits: &[(&["RZ320321106212-S2"], Change::Set(1, "政治素质强", "否"))],
        moves: &[("V06", by("-1"))],
    },
    Alteration {
        says: "no secretary was a graduate",
        files: &["组织/任职/"],
        edits: &[(&["人选来源=大学生村官"], Change::Set(usize::MAX, "人选来源", "复退军人"))],
        moves: &[("V07", by("-1"))],
    },
    Alteration {
        says: "a village loses its team",
        files: &["组织/第一书记和驻村工作队选派名册.xlsx"],
        edits: &[
            (&["车村村委会"], Change::Set(usize::MAX, "选派状态", "召回")),
            (&["车村村委会"], Change::Set(usize::MAX, "驻村截止日期", "2016-06-30")),
        ],
        moves: &[
            ("V11", share("-1", "V01")),
            ("V11.secretary", share("-1", "V01")),
            ("V11.team", share("-1", "V01")),
        ],
    },
    Alteration {
        says: "a first secretary meets a criterion less",
        files: &["组织/第一书记和驻村工作队选派名册.xlsx"],
        edits: &[(&["XP2016-0001"], Change::Set(1, "作风硬", "否"))],
        moves: &[("V10", by("-1"))],
    },
    Alteration {
        says: "two first secretaries more, one in a weak village",
        files: &["组织/第一书记和驻村工作队选派名册.xlsx"],
        edits: &[
            (
                &["XP2016-0011"],
                Change::Again(&[("选派编号", "XP2016-9001"), ("选派岗位", "第一书记")]),
            ),
            (&["XP2016-0004"], Change::Again(&[("选派编号", "XP2016-9002"), ("能吃苦", "×")])),
        ],
        moves: &[
            ("V09", by("2")),
            ("V09.other", by("1")),
            ("V09.weak", by("1")),
            ("V10", by("1")),
            ("V11", share("1", "V01")),
            ("V11.secretary", share("1", "V01")),
        ],
    },
    Alteration {
        says: "a weak village loses its units",
        files: &["结对/单位挂钩帮扶名册.xlsx"],
        edits: &[(&["车村村委会"], Change::Set(usize::MAX, "挂钩截止日期", "2016-06-30"))],
        moves: &[
            ("G20", by("-1")),
            ("G21", by("-1")),
            ("G21.county", by("-2")),
            ("G22", share("-1", "V01")),
            ("G22.villages", by("-1")),
        ],
    },
    Alteration {
        says: "units of the counties are struck out",
        files: &["结对/单位挂钩帮扶名册.xlsx"],
        edits: &[(&["县级"], Change::DropAll)],
        moves: &[("G20.levels", by("-1")), ("G21.county", Move::By(Amount::Rows(-1)))],
    },
    Alteration {
        says: "an organ more is paired with a town",
        files: &["结对/机关联镇名册.csv"],
        edits: &[(
            &["DWS001"],
            Change::Again(&[("联镇机关编号", "DWS002"), ("联镇机关", "徐州市驻军单位(一)")]),
        )],
        moves: &[("G19", by("1"))],
    },
    Alteration {
        says: "a cadre more is paired with a village",
        files: &["结对/干部进村名册.csv"],
        edits: &[(&["GB0001"], Change::Again(&[("进村干部编号", "GB9001")]))],
        moves: &[("G19.cadres", by("1"))],
    },
    Alteration {
        says: "a finding is not closed",
        files: &["考核/问题整改销号台账.csv"],
        edits: &[(&["WT2016-001"], Change::Set(1, "问题销号日期", ""))],
        moves: &[("G25", by("-1")), ("G25.open", by("1"))],
    },
    Alteration {
        says: "a grievance is not closed",
        files: &["信访/信访事项台账.csv"],
        edits: &[(&["XF2016-0001"], Change::Set(1, "信访办结日期", ""))],
        moves: &[("G25.grievances", by("1"))],
    },
];
