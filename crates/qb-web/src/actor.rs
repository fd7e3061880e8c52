//! Who did something, in words: the store names accounts by their ids.

use std::collections::HashMap;

use qb_base::{Lang, Text};
use qb_store::{Conn, StoreError};

/// What the store calls an account, before its id.
const USER: &str = "user:";
/// What it calls somebody at the command line, before the name on that machine.
const OS: &str = "os:";
/// What it calls the program itself.
const SYSTEM: &str = "system";

/// Somebody at the command line.
const COMMAND_LINE: Text = Text::fixed("命令行（{name}）", "command line ({name})");
/// What the program does by itself.
const PROGRAM: Text = Text::fixed("程序", "the program");

/// The account that the store names so.
pub(crate) fn account(actor: &str) -> Option<i64> {
    actor.strip_prefix(USER)?.parse().ok()
}

/// Whom the store means by each of these names: login of an account, or the command line.
pub(crate) fn names<'a>(
    conn: &Conn,
    lang: Lang,
    actors: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, String>, StoreError> {
    let sql = "select login from app_user where id = $1";
    let mut names = HashMap::new();
    for actor in actors {
        if names.contains_key(actor) {
            continue;
        }
        let login = match account(actor) {
            Some(id) => conn.query_opt(sql, &[id.into()], |row| row.text(0))?,
            None => None,
        };
        let name = login.unwrap_or_else(|| without_account(actor, lang));
        names.insert(actor.to_owned(), name);
    }
    Ok(names)
}

fn without_account(actor: &str, lang: Lang) -> String {
    match actor.strip_prefix(OS) {
        Some(name) => COMMAND_LINE.fill(&[("name", name)]).get(lang).to_owned(),
        None if actor == SYSTEM => PROGRAM.get(lang).to_owned(),
        None => actor.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_account_is_named_in_both_languages() {
        for (actor, zh, en) in [
            ("os:clerk", "命令行（clerk）", "command line (clerk)"),
            ("system", "程序", "the program"),
            ("user:x", "user:x", "user:x"),
        ] {
            assert_eq!(without_account(actor, Lang::Zh), zh);
            assert_eq!(without_account(actor, Lang::En), en);
        }
        assert_eq!((account("user:7"), account("os:7")), (Some(7), None));
    }
}
