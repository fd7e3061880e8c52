//! Reading `events.toml`: every fault of it is named at its word.

use qb_access::Role;
use qb_base::Text;
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{Fault, Pack, PartFile};
use serde::Deserialize;

use super::model::Effect;
use super::rules::{
    ALL_PERCENT, About, Class, EventRules, FILE, KindRule, RowRule, register_layout,
};
use crate::draft::{HOUSEHOLD_CODES, PERSON_CODES};

/// Columns of the register's file, beside those of codes, in which an event may state something
/// about a member.
const MEMBER_FIELDS: [&str; 7] =
    ["name", "id_no", "sex", "birth_on", "work_months", "medical_insured", "critical_ill_insured"];
/// Those about a household.
const HOUSEHOLD_FIELDS: [&str; 6] =
    ["group", "dangerous_house", "water_safe", "water_short", "income_per_head", "phone"];
/// Codes of a household that are decided by cases and classes, not by events.
const DECIDED: [&str; 2] = ["exit_status", "household_class"];
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvents {
    class: Vec<Class>,
    event: Vec<RawEvent>,
    #[serde(default)]
    row: Vec<RowRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    kind: String,
    class: String,
    effect: String,
    says: Text,
    decide: Decide,
    #[serde(default)]
    from_roster: bool,
    named_percent: Option<u64>,
    #[serde(default)]
    about: About,
    #[serde(default)]
    stated_by: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    paper: Option<Text>,
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

/// The faults of a pack's `events.toml`; a pack without one has none.
pub fn check(pack: &Pack) -> Vec<Fault> {
    let Some(file) = pack.part_files.get(FILE) else { return Vec::new() };
    read(pack, file).map_or_else(|faults| faults, |_| Vec::new())
}

/// Faults found while the file is read, each at a word of it.
struct Faults<'a> {
    file: &'a PartFile,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, word: &str, zh: String, en: String) {
        let at = self.file.text.find(word).unwrap_or(self.file.text.len());
        self.found.push(self.file.fault(&(at..at), zh, en));
    }

    fn roles(&mut self, codes: &[String]) -> Vec<Role> {
        let mut roles = Vec::new();
        for code in codes {
            match Role::parse(code) {
                Ok(role) => roles.push(role),
                Err(_) => {
                    let (zh, en) =
                        (format!("没有角色“{code}”"), format!("there is no role `{code}`"));
                    self.add(code, zh, en);
                }
            }
        }
        roles
    }

    /// Every kind has a class, and every class a kind.
    fn classes(&mut self, raw: &RawEvents) {
        for (at, class) in raw.class.iter().enumerate() {
            let id = class.id.as_str();
            if raw.class.iter().take(at).any(|one| one.id == id) {
                self.add(id, format!("“{id}”写了两次"), format!("`{id}` stands twice"));
            }
            if !raw.event.iter().any(|event| event.class == id) {
                let (zh, en) =
                    (format!("类别“{id}”没有变动"), format!("no kind is of the class `{id}`"));
                self.add(id, zh, en);
            }
        }
        for event in &raw.event {
            let id = event.class.as_str();
            if !raw.class.iter().any(|class| class.id == id) {
                self.add(id, format!("没有类别“{id}”"), format!("there is no class `{id}`"));
            }
        }
    }

    /// People type rows of the list, and each is about a household.
    fn row(&mut self, pack: &Pack, row: &RowRule) {
        let id = row.dataset.as_str();
        let is_typed = pack
            .dataset(id)
            .is_some_and(|list| list.entry.is_some() && list.column(HOUSEHOLD_LINK).is_some());
        if !is_typed {
            self.add(
                id,
                format!("“{id}”不是可填报的、按户的台账"),
                format!("`{id}` is no list of which people type rows about households"),
            );
        }
        if row.source.trim().is_empty() {
            self.add(id, format!("“{id}”的出处是空的"), format!("the source of `{id}` is blank"));
        }
    }

    /// What is filled in suits what the event does, and is a column of the register.
    fn fields(&mut self, pack: &Pack, event: &RawEvent, effect: Effect) {
        let may_hold = |field: &str| match (effect, event.about) {
            (Effect::Join | Effect::Change, About::Member) => {
                // Who is what to the head changes with the head.
                let is_code = PERSON_CODES.contains(&field)
                    && (effect == Effect::Join || field != "relation");
                is_code || MEMBER_FIELDS.contains(&field)
            }
            (Effect::Change, About::Household) => {
                let is_code = HOUSEHOLD_CODES.contains(&field) && !DECIDED.contains(&field);
                is_code || HOUSEHOLD_FIELDS.contains(&field)
            }
            (Effect::HeadChange | Effect::Return, _) => field == "relation",
            (Effect::Split | Effect::Merge, _) => ["household_no", "relation"].contains(&field),
            _ => false,
        };
        let layout = register_layout(pack);
        for field in &event.fields {
            let is_known = layout.is_some_and(|layout| layout.column(field).is_some());
            if !is_known || !may_hold(field) {
                let kind = &event.kind;
                self.add(
                    field,
                    format!("变动“{kind}”不能填写“{field}”"),
                    format!("an event `{kind}` cannot state `{field}`"),
                );
            }
        }
        for field in event.required.iter().filter(|field| !event.fields.contains(field)) {
            self.add(
                field,
                format!("必填的“{field}”不在fields中"),
                format!("`{field}` is required and not among the fields"),
            );
        }
        let needs = match effect {
            Effect::Join => &["name", "relation"][..],
            Effect::Split | Effect::Merge => &["household_no"],
            _ => &[],
        };
        for field in needs.iter().filter(|field| !event.required.iter().any(|one| one == *field)) {
            let kind = &event.kind;
            self.add(
                kind,
                format!("“{kind}”须要求填写“{field}”"),
                format!("`{kind}` has to require `{field}`"),
            );
        }
        if effect == Effect::Change && event.fields.is_empty() {
            let kind = &event.kind;
            self.add(kind, format!("“{kind}”没有可改的栏目"), format!("`{kind}` changes nothing"));
        }
    }
}

pub(super) fn read(pack: &Pack, file: &PartFile) -> Result<EventRules, Vec<Fault>> {
    let raw: RawEvents = file.parse().map_err(|fault| vec![fault])?;
    let mut faults = Faults { file, found: Vec::new() };
    let mut rules: Vec<KindRule> = Vec::new();
    faults.classes(&raw);
    raw.row.iter().for_each(|row| faults.row(pack, row));
    for event in raw.event {
        let id = event.kind.as_str();
        let word = event.effect.as_str();
        let Some(effect) = Effect::parse(word) else {
            let (zh, en) =
                (format!("没有变动效果“{word}”"), format!("there is no effect `{word}`"));
            faults.add(word, zh, en);
            continue;
        };
        if rules.iter().any(|rule| rule.id == id) {
            faults.add(id, format!("“{id}”写了两次"), format!("`{id}` stands twice"));
        }
        if event.from_roster && rules.iter().any(|rule| rule.from_roster && rule.effect == effect) {
            let (zh, en) = (
                format!("名册的“{word}”已有一种变动"),
                format!("another kind is what a roster says by `{word}`"),
            );
            faults.add(id, zh, en);
        }
        let is_told = [Effect::Join, Effect::Change, Effect::Split, Effect::Merge];
        if event.from_roster && is_told.contains(&effect) {
            let (zh, en) = (
                format!("“{word}”不是名册的差异"),
                format!("no difference of a roster is `{word}`"),
            );
            faults.add(id, zh, en);
        }
        if event.source.trim().is_empty() {
            faults.add(id, format!("“{id}”的出处是空的"), format!("the source of `{id}` is blank"));
        }
        let named_percent = event.named_percent.unwrap_or(ALL_PERCENT);
        if named_percent == 0 || named_percent > ALL_PERCENT {
            let (zh, en) = ("named_percent应在1到100之间", "named_percent is 1 to 100");
            faults.add("named_percent", zh.to_owned(), en.to_owned());
        }
        faults.fields(pack, &event, effect);
        rules.push(KindRule {
            stated_by: faults.roles(&event.stated_by),
            roles: faults.roles(&event.roles),
            id: event.kind,
            class: event.class,
            effect,
            says: event.says,
            at_once: event.decide == Decide::AtOnce,
            from_roster: event.from_roster,
            named_percent,
            about: event.about,
            fields: event.fields,
            required: event.required,
            paper: event.paper,
        });
    }
    if !faults.found.is_empty() {
        return Err(faults.found);
    }
    Ok(EventRules { kinds: rules, classes: raw.class, rows: raw.row })
}

#[cfg(test)]
mod tests {
    use qb_policy::PackSource;

    use super::*;

    fn pack() -> Pack {
        Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap()
    }

    #[test]
    fn every_effect_has_a_kind_in_the_pack_that_somebody_decides_about() {
        let rules = EventRules::of(&pack()).unwrap();
        for effect in Effect::ALL {
            let of_effect = rules.kinds.iter().filter(|rule| rule.effect == *effect);
            assert!(of_effect.clone().count() > 0, "{effect:?}");
            assert!(of_effect.clone().all(|rule| !rule.roles.is_empty()), "{effect:?}");
        }
        let never = rules.of_roster(Effect::Left).unwrap();
        assert!(!never.at_once, "silence takes nobody off the register");
        for id in ["birth", "death", "marriage_in", "marriage_out", "identity", "move"] {
            assert!(
                rules.get(id).is_some_and(|rule| rule.is_stated_by(Role::VillageClerk)),
                "{id}"
            );
        }
    }

    #[test]
    fn faults_of_the_file_are_all_named() {
        let mut pack = pack();
        let file = pack.part_files.get_mut(FILE).unwrap();
        file.text = file.text.replace("effect = \"move\"", "effect = \"fly\"");
        file.text = file.text.replace("\"CITY_OFFICER\"", "\"KING\"");
        file.text = file.text.replace("named_percent = 100", "named_percent = 0");
        let said: Vec<String> = check(&pack).iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|fault| fault.contains("fly")), "{said:?}");
        assert!(said.iter().any(|fault| fault.contains("KING")), "{said:?}");
        assert!(EventRules::of(&pack).is_err());
    }

    #[test]
    fn an_event_states_what_suits_it_and_nothing_that_a_case_decides() {
        let refused = |from: &str, to: &str, what: &str| {
            let mut pack = pack();
            let file = pack.part_files.get_mut(FILE).unwrap();
            assert!(file.text.contains(from), "{from}");
            file.text = file.text.replacen(from, to, 1);
            let said: Vec<String> = check(&pack).iter().map(ToString::to_string).collect();
            assert!(said.iter().any(|fault| fault.contains(what)), "{to}: {said:?}");
        };
        let phone = "fields = [\"phone\"]\nrequired = [\"phone\"]";
        refused(phone, "fields = [\"exit_status\"]", "exit_status");
        refused(phone, "fields = [\"no_such\"]", "no_such");
        refused(phone, "fields = [\"name\"]", "name");
        refused(phone, "fields = []", "changes nothing");
        refused(phone, "fields = [\"phone\"]\nrequired = [\"group\"]", "group");
        refused("required = [\"name\", \"sex\"", "required = [\"sex\"", "`name`");
        refused("required = [\"household_no\"]", "required = []", "household_no");
        refused("class = \"home\"", "class = \"palace\"", "palace");
        refused("id = \"income\"\n", "id = \"fortune\"\n", "fortune");
        refused("dataset = \"household_measure\"", "dataset = \"road\"", "`road`");
    }

    #[test]
    fn the_share_of_members_is_compared_exactly() {
        let mut rule = EventRules::of(&pack()).unwrap().of_roster(Effect::Move).unwrap().clone();
        rule.named_percent = 60;
        let cases = [(2, 5, false), (3, 5, true), (4, 5, true), (0, 0, true), (5, 3, true)];
        for (named, known, enough) in cases {
            assert_eq!(rule.has_enough(named, known), enough, "{named} of {known}");
        }
    }
}
