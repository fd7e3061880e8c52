//! The table of permissions: what each role may do, how far, and how much it may read.

use qb_base::AreaCode;

use crate::{Relation, Reveal, Role, Scope};

/// How far from one's own area a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Nothing but one's own area.
    Own,
    /// One's own area and everything below.
    Below,
    /// What has no area, or is the same for all who may see it.
    Any,
}

impl Reach {
    /// Whether something in that relation can be reached.
    pub const fn covers(self, relation: Relation) -> bool {
        match self {
            Self::Own => matches!(relation, Relation::Own),
            Self::Below => matches!(relation, Relation::Own | Relation::Below),
            Self::Any => true,
        }
    }
}

/// Who is asked to identify themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anyone, signed in or not.
    Anyone,
    /// Signed-in people of these roles.
    Roles(&'static [Role]),
}

/// One row of the table: a page or action, who may, how far, and what personal data it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The page or action, `noun.verb`.
    pub action: &'static str,
    /// Who may.
    pub audience: Audience,
    /// How far from one's own area.
    pub reach: Reach,
    /// The most any role reads of personal fields there.
    pub reveal: Reveal,
}

/// What the table says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead.
    Allow,
    /// Nobody is signed in: ask who it is.
    SignIn,
    /// The role may never do this.
    Refuse,
    /// The role may, but not there: answer as if it did not exist.
    Hide,
}

/// Decides one request; `target` is the area of the thing asked for, if it has one.
///
/// The role is looked at first: a role that may not use a page learns nothing about areas from it.
pub fn decide(
    permission: &Permission,
    viewer: Option<&Scope>,
    target: Option<AreaCode>,
) -> Decision {
    let roles = match permission.audience {
        Audience::Anyone => return Decision::Allow,
        Audience::Roles(roles) => roles,
    };
    let Some(scope) = viewer else { return Decision::SignIn };
    if scope.role().is_some_and(|role| !roles.contains(&role)) {
        return Decision::Refuse;
    }
    match target {
        Some(area) if !permission.reach.covers(scope.relation(area)) => Decision::Hide,
        _ => Decision::Allow,
    }
}

const fn anyone(action: &'static str) -> Permission {
    Permission { action, audience: Audience::Anyone, reach: Reach::Any, reveal: Reveal::None }
}

const fn row(
    action: &'static str,
    roles: &'static [Role],
    reach: Reach,
    reveal: Reveal,
) -> Permission {
    Permission { action, audience: Audience::Roles(roles), reach, reveal }
}

/// Those who read totals: everyone in office.
const OFFICE: &[Role] = &[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::Helper,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Leader,
    Role::Assessor,
    Role::Auditor,
    Role::DeptHealth,
    Role::DeptEducation,
    Role::DeptCivil,
    Role::DeptLabour,
    Role::DeptInfrastructure,
    Role::DeptFinance,
    Role::DeptAgriculture,
    Role::HelpUnit,
    Role::SystemAdmin,
    Role::SecurityAdmin,
    Role::AuditAdmin,
];

/// Those who read the rows behind a total.
///
/// Helpers and helper units are not among them: they see the households they are paired with, and
/// departments get matches of their own lists; neither is a reading of a whole village.
const REGISTER: &[Role] = &[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Leader,
    Role::Assessor,
    Role::Auditor,
];

/// Those whom machines name for steps of cases: who reads rows of the register, and departments and
/// helper units, who see the cases of these machines and no other.
const CASEWORK: &[Role] = &[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Leader,
    Role::Assessor,
    Role::Auditor,
    Role::DeptInfrastructure,
    Role::DeptFinance,
    Role::DeptAgriculture,
    Role::HelpUnit,
];

/// Those who type single rows of a list; which list whom allows the pack says.
const TYPING: &[Role] = &[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::Helper,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Assessor,
    Role::Auditor,
];

/// Those who keep the register from village to city, and helpers, who state events of the
/// households they are paired with.
const STATING: &[Role] = &[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::Helper,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
];

/// Those who keep areas, their names and what becomes of them: the offices of counties and city.
const AREA_KEEPERS: &[Role] = &[Role::CountyOfficer, Role::CityOfficer];

/// Those who decide about events.
const DECIDING: &[Role] =
    &[Role::VillageClerk, Role::TownClerk, Role::CountyOfficer, Role::CityOfficer];

/// Those who may ask, with a reason, for a number in full.
const IDENTITY: &[Role] =
    &[Role::VillageClerk, Role::TownClerk, Role::CountyOfficer, Role::CityOfficer, Role::Auditor];

/// Departments: they hand in the lists they send, and see what became of them.
const DEPARTMENTS: &[Role] = &Role::DEPARTMENTS;

/// Who hands files in, and sees what became of them; which list whom allows the pack says.
const SENDERS: &[Role] = &and_departments::<14>(&[
    Role::VillageClerk,
    Role::ResidentTeam,
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Assessor,
    Role::Auditor,
]);

/// Who sees imports of others, and may follow a figure into the file it came from.
const KEEPERS: &[Role] = &[Role::CountyOfficer, Role::CityOfficer, Role::Auditor];

/// Some roles and all departments, `N` together.
const fn and_departments<const N: usize>(roles: &[Role]) -> [Role; N] {
    assert!(roles.len() + Role::DEPARTMENTS.len() == N, "N is the number of all of them");
    let mut all = [Role::Auditor; N];
    let mut at = 0;
    while at < N {
        let is_office = at < roles.len();
        all[at] = if is_office { roles[at] } else { Role::DEPARTMENTS[at - roles.len()] };
        at += 1;
    }
    all
}

/// Those who follow money to projects and households.
const MONEY: &[Role] = &[
    Role::TownClerk,
    Role::CountyOfficer,
    Role::CityOfficer,
    Role::Leader,
    Role::Auditor,
    Role::DeptFinance,
];

/// Those who may be the second person for a long list.
const SECOND: &[Role] =
    &[Role::TownClerk, Role::CountyOfficer, Role::CityOfficer, Role::Leader, Role::Auditor];

/// Those who see who looked at a household.
const WATCHING: &[Role] =
    &[Role::TownClerk, Role::CountyOfficer, Role::CityOfficer, Role::Auditor, Role::AuditAdmin];

/// Those who see how counties were scored.
const ASSESSMENT: &[Role] =
    &[Role::CountyOfficer, Role::CityOfficer, Role::Leader, Role::Assessor, Role::Auditor];

/// Browser assets, the sign-in page, the health check.
pub const PUBLIC_PAGE: Permission = anyone("page.public");
/// Handing in a name and password.
pub const SIGN_IN: Permission = anyone("session.open");
/// Ending one's session.
pub const SIGN_OUT: Permission = row("session.close", &Role::ALL, Reach::Any, Reveal::None);
/// One's own account page.
pub const VIEW_SELF: Permission = row("account.view_own", &Role::ALL, Reach::Any, Reveal::None);
/// The overview of one's own area.
pub const VIEW_OVERVIEW: Permission = row("overview.view", OFFICE, Reach::Own, Reveal::None);
/// One's own household, or those one answers for as a helper, and nothing else.
pub const VIEW_MINE: Permission =
    row("household.view_mine", &[Role::Household, Role::Helper], Reach::Any, Reveal::Full);
/// Objecting to a case about one's own household.
pub const OBJECT_MINE: Permission =
    row("case.object_own", &[Role::Household], Reach::Any, Reveal::None);
/// Taking the steps of a case about one's own household that its machine leaves to the household.
pub const STEP_MINE: Permission =
    row("case.step_own", &[Role::Household], Reach::Any, Reveal::None);
/// Finding an area by name.
pub const FIND_AREA: Permission = row("area.find", OFFICE, Reach::Below, Reveal::None);
/// The page of an area: totals, verdicts, the village ledger.
pub const VIEW_AREA: Permission = row("area.view", OFFICE, Reach::Below, Reveal::None);
/// Other names of an area, and stating that areas merge.
pub const KEEP_AREA: Permission = row("area.keep", AREA_KEEPERS, Reach::Below, Reveal::None);
/// Confirming that areas merge as the second person, and undoing it.
pub const DECIDE_AREA: Permission = row("area.decide", AREA_KEEPERS, Reach::Below, Reveal::None);
/// The table of households.
pub const LIST_HOUSEHOLDS: Permission = row("household.list", REGISTER, Reach::Below, Reveal::Full);
/// The page of one household.
pub const VIEW_HOUSEHOLD: Permission = row("household.view", REGISTER, Reach::Below, Reveal::Full);
/// Reading one identity number in full, with a reason and an audit row.
pub const REVEAL_IDENTITY: Permission =
    row("person.reveal_identity", IDENTITY, Reach::Below, Reveal::Full);
/// The list of imports.
pub const LIST_IMPORTS: Permission = row("import.list", SENDERS, Reach::Any, Reveal::None);
/// One import: files, counts, faults.
pub const VIEW_IMPORT: Permission = row("import.view", SENDERS, Reach::Below, Reveal::Full);
/// Imports that others handed in, as far as their files are of one's own area.
pub const VIEW_OTHERS_IMPORTS: Permission =
    row("import.view_others", KEEPERS, Reach::Below, Reveal::Full);
/// The workbook of rejected rows, to correct and send back.
pub const DOWNLOAD_FAULTS: Permission = row("import.faults", SENDERS, Reach::Below, Reveal::Full);
/// Handing in files.
pub const UPLOAD_IMPORT: Permission = row("import.upload", SENDERS, Reach::Below, Reveal::Full);
/// Confirming lists that decide and wait, or letting them go; which list whom allows the pack says.
pub const CONFIRM_IMPORT: Permission = row("import.confirm", SENDERS, Reach::Below, Reveal::None);
/// What of a list meets nobody in the register, for the department that sends it.
pub const VIEW_SENT: Permission = row("list.sent", DEPARTMENTS, Reach::Below, Reveal::None);
/// The annual report: totals and their definitions.
pub const VIEW_REPORT: Permission = row("report.view", OFFICE, Reach::Any, Reveal::None);
/// The report as a file.
pub const DOWNLOAD_REPORT: Permission = row("report.download", OFFICE, Reach::Any, Reveal::None);
/// One figure's definition and the rows behind it.
pub const VIEW_FIGURE: Permission = row("figure.view", REGISTER, Reach::Any, Reveal::Full);

/// Saying why one reads more persons than the limit of an hour.
pub const EXPLAIN_READING: Permission =
    row("reading.explain", &Role::ALL, Reach::Any, Reveal::None);
/// Agreeing to a list that somebody else wants to take out.
pub const AGREE_EXPORT: Permission = row("export.agree", SECOND, Reach::Below, Reveal::None);
/// Who looked at a household and its members.
pub const VIEW_READERS: Permission = row("household.readers", WATCHING, Reach::Below, Reveal::None);
/// The audit log, and who read how many persons.
pub const VIEW_LOG: Permission = row("audit.view", &[Role::AuditAdmin], Reach::Below, Reveal::None);

/// A room of the menu: totals, coverage, what lists there are.
pub const VIEW_ROOM: Permission = row("room.view", OFFICE, Reach::Below, Reveal::None);
/// The rows of a list that departments and offices keep.
pub const LIST_RECORDS: Permission = row("record.list", REGISTER, Reach::Below, Reveal::Full);
/// One row of such a list, with its file and its history.
pub const VIEW_RECORD: Permission = row("record.view", REGISTER, Reach::Below, Reveal::Full);
/// Such a list as a file.
pub const EXPORT_RECORDS: Permission = row("record.export", REGISTER, Reach::Below, Reveal::Full);
/// Typing a row of a list, or correcting one.
pub const ENTER_RECORD: Permission = row("record.enter", TYPING, Reach::Below, Reveal::Full);
/// Events of households: what waits, what applied, what each says.
pub const LIST_EVENTS: Permission = row("event.list", REGISTER, Reach::Below, Reveal::Full);
/// Stating an event of a household; which kind whom allows the pack says.
pub const STATE_EVENT: Permission = row("event.state", STATING, Reach::Below, Reveal::Full);
/// Accepting, rejecting or undoing an event; which kind whom allows the pack says.
pub const DECIDE_EVENT: Permission = row("event.decide", DECIDING, Reach::Below, Reveal::Full);
/// Who of a named set lacks what.
pub const VIEW_COVERAGE: Permission = row("coverage.view", REGISTER, Reach::Below, Reveal::None);

/// Cases by deadline.
pub const LIST_CASES: Permission = row("case.list", CASEWORK, Reach::Below, Reveal::None);
/// One case: its steps, clocks and objections.
pub const VIEW_CASE: Permission = row("case.view", CASEWORK, Reach::Below, Reveal::None);
/// The next step of a case; which step whom allows its machine says.
pub const STEP_CASE: Permission = row("case.step", CASEWORK, Reach::Below, Reveal::None);
/// Opening a case; who may open which its machine says.
pub const OPEN_CASE: Permission = row("case.open", CASEWORK, Reach::Below, Reveal::None);
/// Recording an objection to a case, and answering it.
pub const OBJECT_CASE: Permission = row("case.object", REGISTER, Reach::Below, Reveal::None);
/// The public notice of a case.
pub const NOTICE_CASE: Permission = row("case.notice", REGISTER, Reach::Below, Reveal::None);
/// Targets down the tree of areas, and proposals of pairings.
pub const VIEW_TARGETS: Permission = row("target.view", OFFICE, Reach::Below, Reveal::None);
/// Promises made on visits that are not done.
pub const LIST_TASKS: Permission = row("task.list", REGISTER, Reach::Below, Reveal::None);
/// Budgets, rounds, flows and idle money.
pub const VIEW_FUNDS: Permission = row("fund.view", OFFICE, Reach::Below, Reveal::None);
/// The thread of one yuan, down to projects and households by number.
pub const FOLLOW_MONEY: Permission = row("fund.follow", MONEY, Reach::Any, Reveal::None);
/// Scores and ranks.
pub const VIEW_ASSESSMENT: Permission =
    row("assessment.view", ASSESSMENT, Reach::Below, Reveal::None);
/// Freezing and publishing a score, and answering appeals.
pub const DECIDE_ASSESSMENT: Permission =
    row("assessment.decide", &[Role::CityOfficer], Reach::Own, Reveal::None);
/// Confirming a score that others made.
pub const CONFIRM_ASSESSMENT: Permission =
    row("assessment.confirm", &[Role::Leader], Reach::Own, Reveal::None);
/// Appealing against a value of one's own score.
pub const APPEAL_ASSESSMENT: Permission =
    row("assessment.appeal", &[Role::CountyOfficer], Reach::Own, Reveal::None);

/// The whole table.
pub const TABLE: &[Permission] = &[
    PUBLIC_PAGE,
    SIGN_IN,
    SIGN_OUT,
    VIEW_SELF,
    VIEW_OVERVIEW,
    VIEW_MINE,
    OBJECT_MINE,
    STEP_MINE,
    FIND_AREA,
    VIEW_AREA,
    KEEP_AREA,
    DECIDE_AREA,
    LIST_HOUSEHOLDS,
    VIEW_HOUSEHOLD,
    REVEAL_IDENTITY,
    LIST_IMPORTS,
    VIEW_IMPORT,
    VIEW_OTHERS_IMPORTS,
    DOWNLOAD_FAULTS,
    UPLOAD_IMPORT,
    CONFIRM_IMPORT,
    VIEW_SENT,
    VIEW_REPORT,
    DOWNLOAD_REPORT,
    VIEW_FIGURE,
    EXPLAIN_READING,
    AGREE_EXPORT,
    VIEW_READERS,
    VIEW_LOG,
    VIEW_ROOM,
    LIST_RECORDS,
    VIEW_RECORD,
    EXPORT_RECORDS,
    ENTER_RECORD,
    LIST_EVENTS,
    STATE_EVENT,
    DECIDE_EVENT,
    VIEW_COVERAGE,
    LIST_CASES,
    VIEW_CASE,
    STEP_CASE,
    OPEN_CASE,
    OBJECT_CASE,
    NOTICE_CASE,
    VIEW_TARGETS,
    LIST_TASKS,
    VIEW_FUNDS,
    FOLLOW_MONEY,
    VIEW_ASSESSMENT,
    DECIDE_ASSESSMENT,
    CONFIRM_ASSESSMENT,
    APPEAL_ASSESSMENT,
];
