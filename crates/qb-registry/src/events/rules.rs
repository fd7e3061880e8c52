//! Which differences become events, which of them apply at once, and who decides the others: the
//! pack's `events.toml`.

use qb_access::Role;
use qb_base::Text;
use qb_policy::layout::LayoutTarget;
use qb_policy::{Layout, Pack};
use serde::Deserialize;

use super::model::{Effect, Event};
use super::rules_check::read;
use crate::error::RegistryError;

/// The file of the pack.
pub(super) const FILE: &str = "events.toml";
/// All of a household's members, in a hundred.
pub(super) const ALL_PERCENT: u64 = 100;

/// What people who decide look at together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its word.
    pub id: String,
    /// Its name.
    pub says: Text,
}

/// What happens to a household and is told by a row of a list, not by an event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// The list, of which people type rows about households.
    pub dataset: String,
    /// What happened.
    pub says: Text,
    pub(super) source: String,
}

/// Of what facts change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Of a member.
    #[default]
    Member,
    /// Of the household as a whole.
    Household,
}

/// What the register's own file looks like; none where the pack has none.
pub fn register_layout(pack: &Pack) -> Option<&Layout> {
    pack.layouts.iter().find(|layout| layout.target == LayoutTarget::Register)
}

/// What the pack says of one kind.
#[derive(Clone, Debug)]
pub struct KindRule {
    /// Its word.
    pub id: String,
    /// The word of its class.
    pub class: String,
    /// What one does to the register.
    pub effect: Effect,
    /// Its name.
    pub says: Text,
    /// Whether one applies at once where nothing speaks against it.
    pub at_once: bool,
    /// Whether it is what a newer roster says by a difference of its effect.
    pub(super) from_roster: bool,
    /// Of the members known so far, how many in a hundred must be named for that.
    pub(super) named_percent: u64,
    /// Of what facts change.
    pub about: About,
    /// What whoever states one fills in: columns of the register's layout.
    pub fields: Vec<String>,
    /// Those that must be filled in.
    pub required: Vec<String>,
    /// Which paper shows that it happened; none where nobody asks for one.
    pub paper: Option<Text>,
    pub(super) stated_by: Vec<Role>,
    pub(super) roles: Vec<Role>,
}

impl KindRule {
    /// Whether a role decides events of this kind.
    pub fn is_decided_by(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether a role states events of this kind.
    pub fn is_stated_by(&self, role: Role) -> bool {
        self.stated_by.contains(&role)
    }

    /// Its word and effect.
    pub(crate) fn word(&self) -> (&str, Effect) {
        (&self.id, self.effect)
    }

    /// Whether enough of the known members are named.
    pub(crate) fn has_enough(&self, named: usize, known: usize) -> bool {
        let (named, known) = (qb_base::count(named), qb_base::count(known));
        let percent = |number: i64| i128::from(number) * i128::from(ALL_PERCENT);
        percent(named) >= i128::from(known) * i128::from(self.named_percent)
    }
}

/// What the pack says of every kind; of a kind it does not know nothing is proposed.
#[derive(Clone, Debug, Default)]
pub struct EventRules {
    pub(super) kinds: Vec<KindRule>,
    /// In the order of the pack.
    pub classes: Vec<Class>,
    /// What rows of lists tell beside events.
    pub rows: Vec<RowRule>,
}

impl EventRules {
    /// The rules of a pack; one without `events.toml` knows no events.
    ///
    /// # Errors
    /// With every fault of the file.
    pub fn of(pack: &Pack) -> Result<Self, RegistryError> {
        let Some(file) = pack.part_files.get(FILE) else { return Ok(Self::default()) };
        read(pack, file).map_err(|faults| {
            RegistryError::Pack(
                faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            )
        })
    }

    /// The rule of a kind.
    pub fn get(&self, kind: &str) -> Option<&KindRule> {
        self.kinds.iter().find(|rule| rule.id == kind)
    }

    /// The kind that a difference of a newer roster is.
    pub(crate) fn of_roster(&self, effect: Effect) -> Option<&KindRule> {
        self.kinds.iter().find(|rule| rule.from_roster && rule.effect == effect)
    }

    /// The kinds that a role states, in the order of the pack.
    pub fn stated_by(&self, role: Role) -> impl Iterator<Item = &KindRule> {
        self.kinds.iter().filter(move |rule| rule.is_stated_by(role))
    }

    /// The kinds that a role decides about.
    pub fn decided_by(&self, role: Role) -> impl Iterator<Item = &KindRule> {
        self.kinds.iter().filter(move |rule| rule.is_decided_by(role))
    }

    /// The words of the kinds of a class, each between commas; none where there is no such class.
    pub fn of_class(&self, class: &str) -> Option<String> {
        self.classes.iter().find(|one| one.id == class)?;
        let words = self.kinds.iter().filter(|rule| rule.class == class).map(|rule| &rule.id);
        Some(words.fold(",".to_owned(), |all, word| all + word + ","))
    }

    /// What a kind is called; its word where the pack no longer has it.
    pub fn label(&self, event: &Event) -> Text {
        self.get(&event.kind).map_or_else(|| event.effect.label(), |rule| rule.says.clone())
    }

    /// Whether nothing ever becomes an event.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}
