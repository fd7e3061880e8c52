//! Alterations of what is known of people and households: the register, their income, the
//! insurer's and the schools' lists, what they were given.

use super::super::sheets::Change;
use super::{Alteration, Amount, Move, by, share};

pub(super) const ALTERATIONS: &[Alteration] = &[
    Alteration {
        says: "a household of one person is registered, with its income",
        files: &[
            "登记/320321_丰县建档立卡低收入人口信息.csv",
            "收入/2016/320321_丰县农户收入测算表2016.csv",
        ],
        edits: &[
            (
                &["户编号=3203210022020002", "家庭人口=1"],
                Change::Again(&[("户编号", "3203211022229999"), ("户主姓名", "王新来")]),
            ),
            (
                &["人数=1", "脱贫属性=未脱贫", "主要致贫原因=缺劳力"],
                Change::Again(&[
                    ("户编号", "3203211022229999"),
                    ("人编号", "320321102222999901"),
                    ("姓名", "王新来"),
                    ("证件号码", "110101195003070021"),
                    ("联系电话", ""),
                ]),
            ),
        ],
        moves: &[
            ("G05", by("1")),
            ("B01", by("1")),
            ("B02", by("1")),
            ("G01", Move::Ratio("B02", "B03", 100)),
            ("G01.north", Move::Ratio("B02", "B04", 100)),
            ("H03.roster", by("1")),
            ("H03.share", share("0", "H03.roster")),
            ("H03.unpaid", by("1")),
            ("H05", share("0", "H03.roster")),
            ("H05.all", share("0", "B02")),
            ("P05", share("0", "B01")),
            ("P05.measure", share("0", "B01")),
            ("P05.project", share("0", "B01")),
            ("P06", share("0", "B01")),
            ("P06.yield", share("0", "B01")),
        ],
    },
    Alteration {
        says: "a household that was marked as exited is not",
        files: &["登记/320321_丰县建档立卡低收入人口信息.csv"],
        edits: &[(
            &["人数=1", "脱贫属性=已脱贫", "主要致贫原因=缺资金"],
            Change::Set(1, "脱贫属性", "未脱贫"),
        )],
        moves: &[
            ("G08", by("-1")),
            ("G08.households", by("-1")),
            ("G08.proven", by("-1")),
            ("H03.roster", by("1")),
            ("H03.share", share("0", "H03.roster")),
            ("H03.unpaid", by("1")),
            ("H05", share("0", "H03.roster")),
        ],
    },
    Alteration {
        says: "an exited person lives in a dangerous house",
        files: &["登记/320321_丰县建档立卡低收入人口信息.csv"],
        edits: &[(
            &["人数=1", "脱贫属性=已脱贫", "主要致贫原因=缺资金"],
            Change::Set(1, "危房户", "是"),
        )],
        moves: &[
            ("G08.proven", by("-1")),
            ("G08.refuted", by("1")),
            ("G08.refuted.households", by("1")),
        ],
    },
    Alteration {
        says: "whether an exited person has water is not stated",
        files: &["登记/320321_丰县建档立卡低收入人口信息.csv"],
        edits: &[(
            &["人数=1", "脱贫属性=已脱贫", "主要致贫原因=缺资金"],
            Change::Set(1, "饮水安全", ""),
        )],
        moves: &[("G08.proven", by("-1")), ("G08.unproven", by("1"))],
    },
    Alteration {
        says: "a household is poor by illness",
        files: &["登记/320321_丰县建档立卡低收入人口信息.csv"],
        edits: &[(
            &["脱贫属性=未脱贫", "主要致贫原因=缺劳力"],
            Change::Set(1, "主要致贫原因", "因病"),
        )],
        moves: &[("H06", by("1"))],
    },
    Alteration {
        says: "a child stays at home because the household is poor, not for another reason",
        files: &["登记/320321_丰县建档立卡低收入人口信息.csv"],
        edits: &[(
            &["义务教育阶段未上学原因=其他"],
            Change::Set(1, "义务教育阶段未上学原因", "因贫"),
        )],
        moves: &[("E04", by("1"))],
    },
    Alteration {
        says: "a child is not taught at home",
        files: &["登记/320322_沛县建档立卡低收入人口信息.csv"],
        edits: &[(&["送教上门"], Change::Cell("送教上门", "厌学"))],
        moves: &[("E04.excused", by("-1")), ("E04.unexcused", by("1"))],
    },
    Alteration {
        says: "people of the roster pay themselves",
        files: &["医保/参保/320382_邳州市医保参保缴费名册.csv"],
        edits: &[(&["财政代缴"], Change::Set(5, "个人保费缴纳人", "个人缴纳"))],
        moves: &[
            ("H03", by("-5")),
            ("H03.share", share("-5", "H03.roster")),
            ("H03.unpaid", by("5")),
            ("H05", share("-5", "H03.roster")),
            ("H05.all", share("-5", "B02")),
        ],
    },
    Alteration {
        says: "somebody is paid for twice",
        files: &["医保/参保/320382_邳州市医保参保缴费名册.csv"],
        edits: &[(&["财政代缴"], Change::Again(&[("参保编号", "YB-TWICE")]))],
        moves: &[("H03.twice", by("1"))],
    },
    Alteration {
        says: "somebody paid for pays too",
        files: &["医保/参保/320382_邳州市医保参保缴费名册.csv"],
        edits: &[(
            &["财政代缴"],
            Change::Again(&[("参保编号", "YB-BOTH"), ("个人保费缴纳人", "个人缴纳")]),
        )],
        moves: &[("H03.both", by("1"))],
    },
    Alteration {
        says: "somebody who left the register is paid for",
        files: &["医保/参保/320321_丰县医保参保缴费名册.csv"],
        edits: &[(
            &["财政代缴"],
            Change::Again(&[
                ("参保编号", "YB-LEFT"),
                ("人编号", "320321111204000101"),
                ("户编号", "3203211112040001"),
                ("证件号码", "320321194301144376"),
            ]),
        )],
        moves: &[("H03.off_roster", by("1"))],
    },
    Alteration {
        says: "somebody is not reported dead",
        files: &["医保/核减/320382_邳州市参保名册核减明细.csv"],
        edits: &[(&["核减原因=死亡", "户编号=3203821022170001"], Change::Drop)],
        moves: &[
            ("B02.gone", by("-1")),
            ("H03.removed", by("-1")),
            ("H03.roster", by("1")),
            ("H03.share", share("0", "H03.roster")),
            ("H03.unpaid", by("1")),
            ("H05", share("0", "H03.roster")),
        ],
    },
    Alteration {
        says: "somebody of an exited household is not reported dead",
        files: &["医保/核减/320382_邳州市参保名册核减明细.csv"],
        edits: &[(&["核减原因=死亡", "户编号=3203821212030001"], Change::Drop)],
        moves: &[("B02.gone", by("-1")), ("H03.removed.exited", by("-1"))],
    },
    Alteration {
        says: "a household pays much of its treatment",
        files: &["医保/结算/320382_邳州市医疗费用结算明细.csv"],
        edits: &[(&["住院"], Change::Set(1, "个人自付(元)", "500000"))],
        moves: &[("H07.burden", by("1"))],
    },
    Alteration {
        says: "an exit procedure is struck out",
        files: &["退出/320321_丰县退出认定台账.csv"],
        edits: &[(&["户编号=3203210032020001"], Change::Drop)],
        moves: &[
            ("G03", by("-1")),
            ("G08.proven", by("-1")),
            ("G08.unproven", by("1")),
            ("G08.without_case", by("1")),
        ],
    },
    Alteration {
        says: "an assembly met with one representative",
        files: &["退出/320321_丰县退出认定台账.csv"],
        edits: &[(&["户编号=3203210032020001"], Change::Set(1, "评议到会代表数", "1"))],
        moves: &[("G03", by("-1")), ("G03.irregular", by("1"))],
    },
    Alteration {
        says: "a household states more yield of projects",
        files: &["收入/2016/320321_丰县农户收入测算表2016.csv"],
        edits: &[(&["户编号=3203210032050001"], Change::Add(1, "资产收益扶贫分红", "1000"))],
        moves: &[
            ("P14.households", by("1000")),
            ("P15", Move::Ratio("P14.households", "P15.households", 1)),
        ],
    },
    Alteration {
        says: "one household more states yield of projects",
        files: &["收入/2016/320321_丰县农户收入测算表2016.csv"],
        edits: &[(&["户编号=3203210022020002"], Change::Set(1, "资产收益扶贫分红", "700"))],
        moves: &[
            ("P14.households", by("700")),
            ("P15", Move::Ratio("P14.households", "P15.households", 1)),
            ("P15.households", by("1")),
        ],
    },
    Alteration {
        says: "a household more states a dividend of the village collective",
        files: &["收入/2016/320321_丰县农户收入测算表2016.csv"],
        edits: &[(&["户编号=3203210022020002"], Change::Set(1, "村集体分红", "300"))],
        moves: &[("P06", share("1", "B01"))],
    },
    Alteration {
        says: "a household more states yield of a photovoltaic station",
        files: &["收入/2016/320321_丰县农户收入测算表2016.csv"],
        edits: &[(&["户编号=3203210022020002"], Change::Set(1, "光伏收益", "300"))],
        moves: &[("P06", share("1", "B01"))],
    },
    Alteration {
        says: "a household more was paid yield of a project",
        files: &["项目/收益/到户/320321_丰县项目收益到户明细.csv"],
        edits: &[(
            &["XM2016-0003"],
            Change::Again(&[("户编号", "3203210022020002"), ("到户金额(元)", "700")]),
        )],
        moves: &[
            ("P05", share("1", "B01")),
            ("P05.project", share("1", "B01")),
            ("P06", share("1", "B01")),
            ("P06.yield", share("1", "B01")),
        ],
    },
    Alteration {
        says: "a household more sells to an enterprise",
        files: &["帮扶/企业/320321_丰县企业带动花名册.csv"],
        edits: &[(&["订单收购"], Change::Again(&[("户编号", "3203210022020002")]))],
        moves: &[
            ("P05", share("1", "B01")),
            ("P05.project", share("1", "B01")),
            ("P06", share("1", "B01")),
        ],
    },
    Alteration {
        says: "nothing is agreed with a household",
        files: &["帮扶/举措/320321_丰县一户一策台账.csv"],
        edits: &[(&["户编号=3203211022220002"], Change::Drop)],
        moves: &[("P04", by("-1")), ("P05.measure", share("-1", "B01"))],
    },
    Alteration {
        says: "a helper is a Party member",
        files: &["结对/到户/320321_丰县到户结对名册.csv"],
        edits: &[(&["是否党员=否"], Change::Set(1, "是否党员", "是"))],
        moves: &[("G19.members", by("1"))],
    },
    Alteration {
        says: "a visit in Suining county is struck out",
        files: &["走访/320324_睢宁县走访记录.csv"],
        edits: &[(&["住房"], Change::Drop)],
        moves: &[],
    },
    Alteration {
        says: "visits in Feng county are struck out",
        files: &["走访/320321_丰县走访记录.csv"],
        edits: &[(&["住房"], Change::DropAll)],
        moves: &[("P22", Move::By(Amount::Rows(-1)))],
    },
    Alteration {
        says: "a pupil without aid stays at home",
        files: &["教育/学籍/320322_沛县在籍学生名册.csv"],
        edits: &[(&["学籍号=G0000040804"], Change::Set(1, "是否在校", "否"))],
        moves: &[("E03.unaided", by("-1")), ("E04.out", by("1")), ("E04.unexcused", by("1"))],
    },
    Alteration {
        says: "a pupil without aid is in no school's register",
        files: &["教育/学籍/320322_沛县在籍学生名册.csv"],
        edits: &[(&["学籍号=G0000041803"], Change::Drop)],
        moves: &[("E01", by("-1")), ("E03.unaided", by("-1"))],
    },
    Alteration {
        says: "a student more was paid aid",
        files: &["教育/资助/320322_沛县学生资助发放明细.csv"],
        edits: &[(
            &["国家助学金"],
            Change::Again(&[
                ("发放流水号", "G0000038504-1"),
                ("学籍号", "G0000038504"),
                ("证件号码", "320322199807041875"),
                ("资助学段", "高等教育"),
                ("资助金额(元)", "1000"),
            ]),
        )],
        moves: &[
            ("E02", by("1000")),
            ("E03", by("1")),
            ("E03.students", by("1")),
            ("E03.unaided", by("-1")),
            ("P06", share("1", "B01")),
        ],
    },
];
