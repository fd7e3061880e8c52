//! The roles people work in.

use std::fmt;

use qb_base::Text;

use crate::Reveal;

/// A role; one person holds one role in one area per session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 村干部、扶贫专干.
    VillageClerk,
    /// 第一书记、驻村工作队.
    ResidentTeam,
    /// 帮扶责任人.
    Helper,
    /// 乡镇扶贫站.
    TownClerk,
    /// 县扶贫办.
    CountyOfficer,
    /// 市扶贫办.
    CityOfficer,
    /// 书记、市长.
    Leader,
    /// 第三方评估.
    Assessor,
    /// 审计、纪检.
    Auditor,
    /// 卫生健康、医保.
    DeptHealth,
    /// 教育.
    DeptEducation,
    /// 民政.
    DeptCivil,
    /// 人社.
    DeptLabour,
    /// 交通、住建、水务.
    DeptInfrastructure,
    /// 财政.
    DeptFinance,
    /// 农业、商务、能源.
    DeptAgriculture,
    /// 挂钩单位.
    HelpUnit,
    /// 农户.
    Household,
    /// 系统管理员: accounts and settings, no personal data.
    SystemAdmin,
    /// 安全管理员: roles and keys, no personal data.
    SecurityAdmin,
    /// 审计管理员: the audit chain, no personal data.
    AuditAdmin,
}

/// A code that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no role has the code {0:?}")]
pub struct UnknownRole(pub String);

impl Role {
    /// All roles, in the order of the chain from village to city, then readers, then
    /// administrators.
    pub const ALL: [Self; 21] = [
        Self::VillageClerk,
        Self::ResidentTeam,
        Self::Helper,
        Self::TownClerk,
        Self::CountyOfficer,
        Self::CityOfficer,
        Self::Leader,
        Self::Assessor,
        Self::Auditor,
        Self::DeptHealth,
        Self::DeptEducation,
        Self::DeptCivil,
        Self::DeptLabour,
        Self::DeptInfrastructure,
        Self::DeptFinance,
        Self::DeptAgriculture,
        Self::HelpUnit,
        Self::Household,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
    ];

    /// Departments, which hand in lists of their own.
    pub const DEPARTMENTS: [Self; 7] = [
        Self::DeptHealth,
        Self::DeptEducation,
        Self::DeptCivil,
        Self::DeptLabour,
        Self::DeptInfrastructure,
        Self::DeptFinance,
        Self::DeptAgriculture,
    ];

    /// The code stored with an account.
    pub const fn code(self) -> &'static str {
        match self {
            Self::VillageClerk => "VILLAGE_CLERK",
            Self::ResidentTeam => "RESIDENT_TEAM",
            Self::Helper => "HELPER",
            Self::TownClerk => "TOWN_CLERK",
            Self::CountyOfficer => "COUNTY_OFFICER",
            Self::CityOfficer => "CITY_OFFICER",
            Self::Leader => "LEADER",
            Self::Assessor => "ASSESSOR",
            Self::Auditor => "AUDITOR",
            Self::DeptHealth => "DEPT_HEALTH",
            Self::DeptEducation => "DEPT_EDU",
            Self::DeptCivil => "DEPT_CIVIL",
            Self::DeptLabour => "DEPT_HR",
            Self::DeptInfrastructure => "DEPT_INFRA",
            Self::DeptFinance => "DEPT_FIN",
            Self::DeptAgriculture => "DEPT_AGRI",
            Self::HelpUnit => "HELP_UNIT",
            Self::Household => "HOUSEHOLD",
            Self::SystemAdmin => "ADMIN_SYSTEM",
            Self::SecurityAdmin => "ADMIN_SECURITY",
            Self::AuditAdmin => "ADMIN_AUDIT",
        }
    }

    /// Reads a stored code.
    ///
    /// # Errors
    /// When no role has the code.
    pub fn parse(code: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == code)
            .ok_or_else(|| UnknownRole(code.to_owned()))
    }

    /// The name shown to people.
    pub const fn label(self) -> Text {
        match self {
            Self::VillageClerk => Text::fixed("村扶贫专干", "Village clerk"),
            Self::ResidentTeam => Text::fixed("驻村工作队", "Resident team"),
            Self::Helper => Text::fixed("帮扶责任人", "Helper"),
            Self::TownClerk => Text::fixed("乡镇扶贫站", "Town clerk"),
            Self::CountyOfficer => Text::fixed("县(区)扶贫办", "County officer"),
            Self::CityOfficer => Text::fixed("市扶贫办", "City officer"),
            Self::Leader => Text::fixed("领导", "Leader"),
            Self::Assessor => Text::fixed("第三方评估", "Assessor"),
            Self::Auditor => Text::fixed("审计、纪检", "Auditor"),
            Self::DeptHealth => Text::fixed("卫生健康、医保部门", "Health department"),
            Self::DeptEducation => Text::fixed("教育部门", "Education department"),
            Self::DeptCivil => Text::fixed("民政部门", "Civil affairs department"),
            Self::DeptLabour => Text::fixed("人社部门", "Labour department"),
            Self::DeptInfrastructure => {
                Text::fixed("交通、住建、水务部门", "Infrastructure departments")
            }
            Self::DeptFinance => Text::fixed("财政部门", "Finance department"),
            Self::DeptAgriculture => {
                Text::fixed("农业、商务、能源部门", "Agriculture and commerce departments")
            }
            Self::HelpUnit => Text::fixed("挂钩帮扶单位", "Helper unit"),
            Self::Household => Text::fixed("农户", "Household"),
            Self::SystemAdmin => Text::fixed("系统管理员", "System administrator"),
            Self::SecurityAdmin => Text::fixed("安全管理员", "Security administrator"),
            Self::AuditAdmin => Text::fixed("审计管理员", "Audit administrator"),
        }
    }

    /// Whether the role is a department: it hands in lists and sees what became of them, no more.
    pub fn is_department(self) -> bool {
        Self::DEPARTMENTS.contains(&self)
    }

    /// How names appear to the role before it asks for more.
    ///
    /// Those who meet the household read its name; those who count or check read `张**`.
    pub const fn reveal(self) -> Reveal {
        match self {
            Self::VillageClerk | Self::ResidentTeam | Self::TownClerk | Self::CountyOfficer => {
                Reveal::Full
            }
            Self::CityOfficer | Self::Leader | Self::Assessor | Self::Auditor => Reveal::Masked,
            Self::Helper
            | Self::HelpUnit
            | Self::Household
            | Self::DeptHealth
            | Self::DeptEducation
            | Self::DeptCivil
            | Self::DeptLabour
            | Self::DeptInfrastructure
            | Self::DeptFinance
            | Self::DeptAgriculture
            | Self::SystemAdmin
            | Self::SecurityAdmin
            | Self::AuditAdmin => Reveal::None,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
