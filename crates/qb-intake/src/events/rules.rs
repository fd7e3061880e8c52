//! Which differences become events, which of them apply at once, and who decides the others: the
//! pack's `events.toml`.

use qb_access::Role;
use qb_base::Text;
use qb_policy::{Fault, Pack, PartFile};
use serde::Deserialize;

use super::model::Kind;
use crate::error::IntakeError;

/// The file of the pack.
const FILE: &str = "events.toml";
/// All of a household's members, in a hundred.
const ALL_PERCENT: u64 = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvents {
    event: Vec<RawEvent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    kind: String,
    says: Text,
    decide: Decide,
    named_percent: Option<u64>,
    roles: Vec<String>,
    source: String,
}

/// What becomes of a sure event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decide {
    AtOnce,
    Wait,
}

/// What the pack says of one kind.
#[derive(Clone, Debug)]
pub struct KindRule {
    /// The kind.
    pub kind: Kind,
    /// Its name.
    pub says: Text,
    /// Whether one applies at once where nothing speaks against it.
    pub at_once: bool,
    /// Of the members known so far, how many in a hundred must be named for that.
    named_percent: u64,
    roles: Vec<Role>,
}

impl KindRule {
    /// Whether a role decides events of this kind.
    pub fn is_decided_by(&self, role: Role) -> bool {
        self.roles.contains(&role)
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
pub struct EventRules(Vec<KindRule>);

impl EventRules {
    /// The rules of a pack; one without `events.toml` knows no events.
    ///
    /// # Errors
    /// With every fault of the file.
    pub fn of(pack: &Pack) -> Result<Self, IntakeError> {
        let Some(file) = pack.part_files.get(FILE) else { return Ok(Self::default()) };
        read(file).map_err(|faults| {
            IntakeError::Pack(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })
    }

    /// The rule of a kind.
    pub fn get(&self, kind: Kind) -> Option<&KindRule> {
        self.0.iter().find(|rule| rule.kind == kind)
    }

    /// Whether nothing ever becomes an event.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The faults of a pack's `events.toml`; a pack without one has none.
pub fn check(pack: &Pack) -> Vec<Fault> {
    let Some(file) = pack.part_files.get(FILE) else { return Vec::new() };
    read(file).map_or_else(|faults| faults, |_| Vec::new())
}

fn read(file: &PartFile) -> Result<EventRules, Vec<Fault>> {
    let raw: RawEvents = file.parse().map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut rules: Vec<KindRule> = Vec::new();
    for event in raw.event {
        let mut fault = |word: &str, zh: String, en: String| {
            let at = file.text.find(word).unwrap_or(file.text.len());
            faults.push(file.fault(&(at..at), zh, en));
        };
        let id = event.kind.as_str();
        let Some(kind) = Kind::parse(id) else {
            fault(id, format!("没有变动种类“{id}”"), format!("there is no kind of event `{id}`"));
            continue;
        };
        if rules.iter().any(|rule| rule.kind == kind) {
            fault(id, format!("“{id}”写了两次"), format!("`{id}` stands twice"));
        }
        if event.source.trim().is_empty() {
            fault(id, format!("“{id}”的出处是空的"), format!("the source of `{id}` is blank"));
        }
        let named_percent = event.named_percent.unwrap_or(ALL_PERCENT);
        if named_percent == 0 || named_percent > ALL_PERCENT {
            let (zh, en) = ("named_percent应在1到100之间", "named_percent is 1 to 100");
            fault("named_percent", zh.to_owned(), en.to_owned());
        }
        let mut roles = Vec::new();
        for code in &event.roles {
            match Role::parse(code) {
                Ok(role) => roles.push(role),
                Err(_) => {
                    fault(code, format!("没有角色“{code}”"), format!("there is no role `{code}`"));
                }
            }
        }
        let at_once = event.decide == Decide::AtOnce;
        rules.push(KindRule { kind, says: event.says, at_once, named_percent, roles });
    }
    if faults.is_empty() { Ok(EventRules(rules)) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use qb_policy::PackSource;

    use super::*;

    fn pack() -> Pack {
        Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap()
    }

    #[test]
    fn every_kind_of_event_has_its_rule_in_the_pack() {
        let rules = EventRules::of(&pack()).unwrap();
        for kind in Kind::ALL {
            assert!(rules.get(*kind).is_some_and(|rule| !rule.roles.is_empty()), "{kind:?}");
        }
        let never = rules.get(Kind::Left).unwrap();
        assert!(!never.at_once, "silence takes nobody off the register");
    }

    #[test]
    fn faults_of_the_file_are_all_named() {
        let mut pack = pack();
        let file = pack.part_files.get_mut(FILE).unwrap();
        file.text = file.text.replace("\"move\"", "\"fly\"").replace("CITY_OFFICER", "KING");
        file.text = file.text.replace("named_percent = 100", "named_percent = 0");
        let said: Vec<String> = check(&pack).iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|fault| fault.contains("fly")), "{said:?}");
        assert_eq!(said.iter().filter(|fault| fault.contains("KING")).count(), 3, "{said:?}");
        assert!(EventRules::of(&pack).is_err());
    }

    #[test]
    fn the_share_of_members_is_compared_exactly() {
        let mut rule = EventRules::of(&pack()).unwrap().get(Kind::Move).unwrap().clone();
        rule.named_percent = 60;
        let cases = [(2, 5, false), (3, 5, true), (4, 5, true), (0, 0, true), (5, 3, true)];
        for (named, known, enough) in cases {
            assert_eq!(rule.has_enough(named, known), enough, "{named} of {known}");
        }
    }
}
