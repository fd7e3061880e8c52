//! Measures a household's circumstances speak for; a person decides.

use qb_base::Text;
use qb_engine::{ClauseReason, Explanation, Value};
use qb_policy::{Fault, Pack, PartFile};
use serde::{Deserialize, Serialize};
use toml::Spanned;

const FILE: &str = "suggestions.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuggestions {
    #[serde(default)]
    suggestion: Vec<RawSuggestion>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuggestion {
    measure: Spanned<String>,
    clause: Spanned<String>,
    evidence: Text,
}

/// A measure, with the clause that proposes it and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The measure, a code of `support_mode`.
    pub measure: String,
    /// What people call it.
    pub label: Text,
    /// The clause.
    pub clause: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where the rule comes from.
    pub source: String,
    /// What a link between measure and household must show.
    pub evidence: Text,
    /// Whether the clause holds; false stands for "cannot tell", and the reason says what is
    /// missing.
    pub is_certain: bool,
    /// Why: the clause's conditions with what each has read.
    pub reason: ClauseReason,
}

/// The measures proposed for an explained household, in the pack's order: those that hold, and
/// those that could hold if something missing were known.
///
/// # Errors
/// With the faults of `suggestions.toml`.
pub fn suggest(pack: &Pack, explanation: &Explanation) -> Result<Vec<Suggestion>, Vec<Fault>> {
    let Some(file) = pack.part_files.get(FILE) else { return Ok(Vec::new()) };
    let raw: RawSuggestions = file.parse().map_err(|fault| vec![fault])?;
    let faults = faults(pack, file, &raw);
    if !faults.is_empty() {
        return Err(faults);
    }
    let suggested = raw.suggestion.into_iter().filter_map(|raw| {
        let clause = pack.clause(raw.clause.as_ref())?;
        let measure = pack.code_list("support_mode")?.code(raw.measure.as_ref())?;
        let reason = explanation.clauses.iter().find(|reason| reason.id == clause.id)?;
        (reason.result != Value::Bool(false)).then(|| Suggestion {
            measure: measure.id.clone(),
            label: measure.label.clone(),
            clause: clause.id.clone(),
            says: clause.says.clone(),
            source: clause.source.clone(),
            evidence: raw.evidence,
            is_certain: reason.result == Value::Bool(true),
            reason: reason.clone(),
        })
    });
    Ok(suggested.collect())
}

/// What is wrong with the suggestions of a pack.
pub(crate) fn check(pack: &Pack) -> Vec<Fault> {
    let Some(file) = pack.part_files.get(FILE) else { return Vec::new() };
    match file.parse::<RawSuggestions>() {
        Ok(raw) => faults(pack, file, &raw),
        Err(fault) => vec![fault],
    }
}

fn faults(pack: &Pack, file: &PartFile, raw: &RawSuggestions) -> Vec<Fault> {
    let mut faults = Vec::new();
    for suggestion in &raw.suggestion {
        let (measure, clause) = (&suggestion.measure, &suggestion.clause);
        let modes = pack.code_list("support_mode");
        if modes.is_none_or(|list| list.code(measure.as_ref()).is_none()) {
            let name = measure.as_ref();
            faults.push(file.fault(
                &measure.span(),
                format!("codes/support_mode.toml里没有“{name}”"),
                format!("codes/support_mode.toml has no `{name}`"),
            ));
        }
        if pack.clause(clause.as_ref()).is_none() {
            let name = clause.as_ref();
            faults.push(file.fault(
                &clause.span(),
                format!("没有规则“{name}”，请在clauses/中补上"),
                format!("there is no clause `{name}`; add it in clauses/"),
            ));
        }
    }
    faults
}
