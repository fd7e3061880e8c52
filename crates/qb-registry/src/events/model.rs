//! Effects, states and doubts of events, and an event as it is shown.

use qb_base::{AreaCode, Text};

/// Declares words that are stored as such, with their codes and labels in both languages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident $code:literal $zh:literal
        $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $code)] $word,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$word),*];

            /// The word that is stored.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$word => $code,)* }
            }

            /// The one of a stored word.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// What people read.
            pub const fn label(self) -> Text {
                match self { $(Self::$word => Text::fixed($zh, $en),)* }
            }
        }
    };
}

words! {
    /// What an event does to the register; what it is called says the pack.
    Effect {
        /// A household lives in another village.
        Move "move" "整户迁移" "household moves";
        /// Another member is the head.
        HeadChange "head_change" "变更户主" "head changes";
        /// A member is no longer of the household.
        Left "left" "成员离开" "member leaves";
        /// Somebody who had left is a member again.
        Return "return" "成员返回" "member comes back";
        /// Somebody new is a member.
        Join "join" "新增成员" "somebody joins";
        /// What is known of a member or of the household is otherwise.
        Change "change" "变更信息" "facts change";
        /// Some members become a household of their own.
        Split "split" "分户" "household splits";
        /// All members join another household.
        Merge "merge" "并户" "household joins another";
    }
}

words! {
    /// How far an event is.
    EventState {
        /// It waits for somebody to decide.
        Proposed "PROPOSED" "待核定" "proposed";
        /// The register follows it.
        Applied "APPLIED" "已生效" "applied";
        /// Somebody said that it did not happen.
        Rejected "REJECTED" "已驳回" "rejected";
        /// It was applied and taken back.
        Undone "UNDONE" "已撤销" "undone";
    }
}

words! {
    /// Why an event does not apply at once.
    Doubt {
        /// The pack lets this kind wait.
        Rule "rule_waits" "此类变动须人工核定" "this kind always waits";
        /// The head stated has another identity number.
        HeadDiffers "head_differs" "户主的证件号码与登记不同" "the head has another identity number";
        /// Not every member known so far is named.
        MembersMissing "members_missing" "原有成员未全部列出" "not every known member is named";
        /// Rows of the household were refused.
        RowsRefused "rows_refused" "本户有行被拒收" "rows of the household were refused";
        /// The same was applied before and undone.
        UndoneBefore "undone_before" "相同变动曾被撤销" "the same was undone before";
        /// What some are to the head is not stated.
        RelationsUnknown "relations_unknown" "有成员与户主的关系未填,核定后为未知"
            "what some members are to the head is not stated and will be unknown";
    }
}

/// What becomes of a member where a household splits or joins another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// The member.
    pub person: i64,
    /// Whether the member goes to the other household.
    pub goes: bool,
    /// What it is to the head before.
    pub relation_before: Option<String>,
    /// What it is then, to the head there or here.
    pub relation_after: Option<String>,
}

impl Part {
    /// Whether the event changes anything about the member.
    pub(super) fn is_touched(&self) -> bool {
        self.goes || self.relation_before != self.relation_after
    }
}

/// The household that some members go to, and who goes.
#[derive(Clone, Debug)]
pub struct Regroup {
    /// The one that is joined; none of one that is still to begin.
    pub(crate) other: Option<i64>,
    pub(crate) other_no: String,
    pub(crate) parts: Vec<Part>,
}

/// An event that a file or a person states.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The pack's word.
    pub(crate) kind: String,
    pub(crate) effect: Effect,
    pub(crate) household: i64,
    pub(crate) person: Option<i64>,
    pub(crate) other: Option<i64>,
    pub(crate) areas: Option<(AreaCode, AreaCode)>,
    /// Of the person, before and after.
    pub(crate) relation: (Option<String>, Option<String>),
    /// Of the former head.
    pub(crate) other_relation: (Option<String>, Option<String>),
    /// Of a household that splits or joins another.
    pub(crate) regroup: Option<Regroup>,
    /// Its row in the file; none where a person states it.
    pub(crate) row: Option<u32>,
    /// None where nothing speaks against it.
    pub(crate) doubt: Option<Doubt>,
}

impl Proposal {
    /// One of which nothing but its kind, household and row is known.
    pub(crate) fn new((kind, effect): (&str, Effect), household: i64, row: Option<u32>) -> Self {
        Self {
            kind: kind.to_owned(),
            effect,
            household,
            person: None,
            other: None,
            areas: None,
            relation: (None, None),
            other_relation: (None, None),
            regroup: None,
            row,
            doubt: None,
        }
    }
}

/// An event of the register.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Event {
    /// Its number.
    pub id: i64,
    /// What happened, in the pack's word.
    pub kind: String,
    /// What it does to the register.
    pub effect: Effect,
    /// How far it is.
    pub state: EventState,
    /// The household.
    pub household: i64,
    /// Its number.
    pub household_no: String,
    /// Where it lives now.
    pub area: String,
    /// The person: the new head, also of a new household, who left, came back or joined, or whose
    /// facts change.
    pub person: Option<i64>,
    /// The former head.
    pub other: Option<i64>,
    /// Where it lived.
    pub area_before: Option<String>,
    /// Where it lives by the event.
    pub area_after: Option<String>,
    /// The person's relation to the head before.
    pub relation_before: Option<String>,
    /// The person's relation by the event.
    pub relation_after: Option<String>,
    /// The former head's relation before.
    pub other_before: Option<String>,
    /// The former head's relation by the event.
    pub other_after: Option<String>,
    /// The household that came of it, or that was joined.
    pub other_household: Option<i64>,
    /// Its number as it was stated.
    pub other_household_no: Option<String>,
    /// The day from which it holds.
    pub happened_on: String,
    /// The instant we learnt of it.
    pub known_at: i64,
    /// The file it came with; none where a person stated it.
    pub file_id: Option<i64>,
    /// The name of that file.
    pub file: Option<String>,
    /// Its row there.
    pub row: Option<i64>,
    /// The paper that shows it, where a person stated it.
    pub paper: Option<String>,
    /// Why that person stated it.
    pub proposed_why: Option<String>,
    /// Why it did not apply at once.
    pub doubt: Option<Doubt>,
    /// Who handed the file in, or stated it.
    pub proposed_by: String,
    /// Who decided last; `rule` where it applied at once.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
    /// Why.
    pub decided_why: Option<String>,
}

/// How many events of an effect an import brought, by what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EventCount {
    /// What they do.
    pub kind: Effect,
    /// How many.
    pub count: u64,
    /// What became of them.
    pub state: EventState,
}
