//! A file that waits, who may confirm it, and why somebody may not.

use qb_access::Role;
use qb_base::{AreaCode, Text};
use qb_policy::{Layout, Pack};
use qb_registry::commands::Replaces;

use crate::sender::roles;

/// Whoever decides about a waiting file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Second {
    /// How the audit chain names the person.
    pub actor: String,
    /// The role.
    pub role: Role,
    /// The area the role is held for.
    pub area: AreaCode,
}

/// A file that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct WaitingFile {
    /// Its id.
    pub id: i64,
    /// The import that brought it; its number is the batch people confirm.
    pub run: i64,
    /// Path below the folder that was given.
    pub name: String,
    /// The folder it was found in, if it was.
    pub root: Option<String>,
    /// Digest of its bytes.
    pub digest: String,
    /// Its length.
    pub byte_count: i64,
    /// The layouts of its sheets.
    pub layouts: Vec<String>,
    /// Who handed it in.
    pub actor: String,
    /// The role it was handed in under; none for the operator of the machine.
    #[serde(serialize_with = "role_code")]
    pub sender: Option<Role>,
    /// The area whose rows it may hold; none means everywhere.
    pub within: Option<AreaCode>,
    /// When it was handed in, in ms UTC.
    pub recorded_at: i64,
    /// What a typed row takes the place of; none for a file that was handed in.
    #[serde(skip)]
    pub typed: Option<Replaces>,
    /// Who confirmed it, where taking it in was interrupted.
    pub decided_by: Option<String>,
}

impl WaitingFile {
    /// Why a person may not confirm the file; nothing where the person may.
    pub fn refusal(&self, pack: &Pack, second: &Second) -> Option<Text> {
        if second.actor == self.actor {
            return Some(SAME_PERSON);
        }
        let layouts = self.layouts.iter().map(|id| (id, pack.layout(id)));
        for (id, layout) in layouts {
            let Some(layout) = layout else {
                return Some(UNKNOWN.fill(&[("layout", id.as_str())]));
            };
            if layout.decides() && !layout.confirmers.iter().any(|code| code == second.role.code())
            {
                return Some(other_role(layout));
            }
        }
        let own = second.area;
        let whole = self.within.unwrap_or(pack.area);
        (!own.contains(&whole))
            .then(|| OTHER_AREA.fill(&[("own", own.as_str()), ("whole", whole.as_str())]))
    }
}

fn role_code<S: serde::Serializer>(role: &Option<Role>, out: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&role.map(Role::code), out)
}

const SAME_PERSON: Text = Text::fixed(
    "这批文件是您自己提交的,须由另一人确认;请转给同事",
    "you handed these files in yourself; another person has to confirm them, pass them to a colleague",
);
const UNKNOWN: Text = Text::fixed(
    "策略包中已没有表样“{layout}”;请放弃这批文件,按现行表样重新报送",
    "the pack no longer has the layout {layout}; discard these files and send them in the new form",
);
const OTHER_AREA: Text = Text::fixed(
    "您的范围是{own},这批文件涉及{whole};请由其上级确认",
    "your area is {own} and these files speak of {whole}; somebody who answers for all of it confirms them",
);

fn other_role(layout: &Layout) -> Text {
    let (title, who) = (&layout.title, roles(&layout.confirmers));
    Text::new(
        format!("“{}”由以下角色确认:{};请转给他们", title.zh, who.zh),
        format!("“{}” is confirmed by: {}; pass it to them", title.en, who.en),
    )
}
