//! The items of the income sheet, as county statistics offices list them.

/// Which part of the income an item belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    Wage,
    Business,
    Property,
    Transfer,
    Cost,
    SelfPaid,
}

/// One column of the sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// Header label of the province's form and of local forms.
    pub(crate) labels: [&'static str; 2],
    pub(crate) category: Category,
    /// Whether the form counts it towards net income.
    pub(crate) counted: bool,
}

const fn item(label: &'static str, local: &'static str, category: Category, counted: bool) -> Item {
    Item { labels: [label, local], category, counted }
}

pub(crate) const WAGE: usize = 0;
pub(crate) const PUBLIC_POST: usize = 1;
pub(crate) const GRAIN: usize = 2;
pub(crate) const CASH_CROP: usize = 3;
pub(crate) const LIVESTOCK: usize = 4;
pub(crate) const POULTRY: usize = 5;
pub(crate) const AQUATIC: usize = 6;
pub(crate) const ORCHARD: usize = 7;
pub(crate) const TRADE: usize = 8;
pub(crate) const INTEREST: usize = 9;
pub(crate) const LAND_RENT: usize = 10;
pub(crate) const HOUSE_RENT: usize = 11;
pub(crate) const PROJECT_YIELD: usize = 12;
pub(crate) const COLLECTIVE: usize = 13;
pub(crate) const SOLAR: usize = 14;
pub(crate) const SUBSISTENCE: usize = 15;
pub(crate) const HARDSHIP: usize = 16;
pub(crate) const PENSION: usize = 17;
pub(crate) const FAMILY_PLANNING: usize = 18;
pub(crate) const ECOLOGY: usize = 19;
pub(crate) const FARM_SUBSIDY: usize = 20;
pub(crate) const DISABILITY: usize = 21;
pub(crate) const FAMILY_SUPPORT: usize = 22;
pub(crate) const TRANSFER_OTHER: usize = 23;
pub(crate) const STUDENT_AID: usize = 24;
pub(crate) const MEDICAL_REFUND: usize = 25;
pub(crate) const MEDICAL_AID: usize = 26;
pub(crate) const SOLATIUM: usize = 27;
pub(crate) const INPUTS: usize = 28;
pub(crate) const UTILITIES: usize = 29;
pub(crate) const FEED: usize = 30;
pub(crate) const BREEDING: usize = 31;
pub(crate) const LOAN_INTEREST: usize = 32;
pub(crate) const PAID_MEDICAL: usize = 33;
pub(crate) const PAID_SCHOOLING: usize = 34;
/// Number of items.
pub(crate) const COUNT: usize = 35;

/// All items in the order of the form.
pub(crate) const ITEMS: [Item; COUNT] = [
    item("务工收入", "打工收入", Category::Wage, true),
    item("公益性岗位报酬", "公益岗位工资", Category::Wage, true),
    item("粮食种植收入", "粮食收入", Category::Business, true),
    item("经济作物收入", "蔬菜收入", Category::Business, true),
    item("畜牧养殖收入", "畜牧收入", Category::Business, true),
    item("家禽养殖收入", "家禽收入", Category::Business, true),
    item("水产养殖收入", "水产收入", Category::Business, true),
    item("林果收入", "果树收入", Category::Business, true),
    item("二三产经营收入", "经商收入", Category::Business, true),
    item("利息收入", "存款利息", Category::Property, true),
    item("土地流转租金", "土地流转收入", Category::Property, true),
    item("房屋租金", "房租收入", Category::Property, true),
    item("资产收益扶贫分红", "扶贫项目收益", Category::Property, true),
    item("村集体分红", "集体分红", Category::Property, true),
    item("光伏收益", "光伏收入", Category::Property, true),
    item("低保金", "农村低保金", Category::Transfer, true),
    item("五保金", "特困供养金", Category::Transfer, true),
    item("养老金", "基础养老金", Category::Transfer, true),
    item("计划生育奖励", "计生奖励", Category::Transfer, true),
    item("生态补偿金", "生态补偿", Category::Transfer, true),
    item("农业支持保护补贴", "农业补贴", Category::Transfer, true),
    item("残疾人补助", "残疾人补贴", Category::Transfer, true),
    item("赡养收入", "赡养费", Category::Transfer, true),
    item("其他转移性收入", "其它转移性收入", Category::Transfer, true),
    item("教育资助", "助学金", Category::Transfer, false),
    item("医疗报销", "新农合报销", Category::Transfer, false),
    item("医疗救助", "医疗救助金", Category::Transfer, false),
    item("帮扶慰问金", "慰问金", Category::Transfer, false),
    item("农资支出", "农资费用", Category::Cost, true),
    item("生产水电费", "水电费", Category::Cost, true),
    item("饲草料支出", "饲料费", Category::Cost, true),
    item("种畜支出", "种苗支出", Category::Cost, true),
    item("借贷利息", "贷款利息", Category::Cost, true),
    item("医疗合规自付支出", "医疗自付", Category::SelfPaid, false),
    item("教育刚性支出", "教育支出", Category::SelfPaid, false),
];

/// The income of one household in one year, in fen by item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) fen: [i64; COUNT],
}

impl Statement {
    /// A statement without any amount.
    pub(crate) const EMPTY: Self = Self { fen: [0; COUNT] };

    /// Counted income less counted costs.
    pub(crate) fn net_fen(&self) -> i64 {
        let signed = |(item, fen): (&Item, &i64)| match (item.counted, item.category) {
            (false, _) => 0,
            (true, Category::Cost) => -fen,
            (true, _) => *fen,
        };
        ITEMS.iter().zip(&self.fen).map(signed).sum()
    }

    /// Sum of one category, counted or not.
    pub(crate) fn category_fen(&self, category: Category) -> i64 {
        ITEMS
            .iter()
            .zip(&self.fen)
            .filter(|(item, _)| item.category == category)
            .map(|(_, fen)| fen)
            .sum()
    }
}
