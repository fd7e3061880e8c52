//! Search words about persons: they are posted, and addresses carry a key instead.
//!
//! The key is the word sealed for one reader until a time, so that nothing is kept, any server of
//! the installation opens it, and a log or history of addresses tells nothing.

use qb_base::keyring::Purpose;
use qb_base::{Text, env};

use crate::fault::Fault;
use crate::reply::Reply;
use crate::url::with_query;
use crate::visit::Visit;

/// The part of an address that holds the key.
pub(crate) const FIND: &str = "find";
/// The field of a form that holds the word.
const WORD: &str = "q";
/// Characters of a word that are looked at.
const WORD_CHARS_MAX: usize = 60;
/// How long a key opens: as long as a session at most.
const KEY_MS: i64 = 12 * 60 * 60 * 1000;
/// Stands between the parts of what is sealed.
const SEPARATOR: char = '\u{1f}';

/// The key of a word for the reader; nothing for no word.
pub(crate) fn key(visit: &Visit<'_>, word: &str) -> String {
    let word: String = word.trim().chars().take(WORD_CHARS_MAX).collect();
    sealed(visit, &word)
}

fn sealed(visit: &Visit<'_>, word: &str) -> String {
    // Nobody who is not signed in searches.
    let Some(viewer) = visit.reader().filter(|_| !word.is_empty()) else { return String::new() };
    let until = env::now().0 + KEY_MS;
    let text = format!("{}{SEPARATOR}{until}{SEPARATOR}{word}", viewer.user_id);
    let sealed = visit.app.store.keyring().seal(Purpose::Search, &[], text.as_bytes());
    sealed.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a text that stands in addresses whole, such as the place after which a page begins.
pub(crate) fn key_of(visit: &Visit<'_>, text: &str) -> String {
    sealed(visit, text)
}

/// The word of the address's key, or nothing; a key of somebody else or of yesterday is told.
pub(crate) fn word(visit: &Visit<'_>) -> Result<String, Fault> {
    opened_or_told(visit, visit.query(FIND))
}

/// What a key was made of, or nothing for no key.
pub(crate) fn opened_or_told(visit: &Visit<'_>, key: &str) -> Result<String, Fault> {
    if key.is_empty() {
        return Ok(String::new());
    }
    opened(visit, key)?.ok_or_else(|| {
        Fault::Unusable(Text::fixed(
            "这个查询链接已经失效（查询词不写在网址里，链接只对本人、当天有效）；请重新输入查询词",
            "this search link is no longer valid: words are not written in addresses, so a link \
             holds for one person and one day; type the word again",
        ))
    })
}

fn opened(visit: &Visit<'_>, key: &str) -> Result<Option<String>, Fault> {
    let Some(bytes) = bytes(key) else { return Ok(None) };
    let Ok(text) = visit.app.store.keyring().open(Purpose::Search, &[], &bytes) else {
        return Ok(None);
    };
    let Ok(text) = String::from_utf8(text) else { return Ok(None) };
    let mut parts = text.splitn(3, SEPARATOR);
    let (user, until, word) = (parts.next(), parts.next(), parts.next());
    let reader = visit.viewer()?.user_id;
    let is_own = user.and_then(|id| id.parse().ok()) == Some(reader);
    let is_open = until.and_then(|ms| ms.parse::<i64>().ok()).is_some_and(|ms| env::now().0 < ms);
    Ok(word.filter(|_| is_own && is_open).map(str::to_owned))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Sends the reader from a posted word to the list that shows what it finds; `names` are the other
/// filters of the list, which the form holds too.
pub(crate) fn redirect(visit: &Visit<'_>, path: &str, names: &[&str]) -> Result<Reply, Fault> {
    let key = key(visit, visit.form(WORD));
    let filters = names.iter().map(|name| (*name, visit.form(name)));
    let parameters: Vec<(&str, &str)> = filters.chain([(FIND, key.as_str())]).collect();
    Ok(Reply::redirect(with_query(path, &parameters)))
}
