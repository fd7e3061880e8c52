//! One visit to one page: who comes, what they ask for, and what the permission lets them reach.

use std::str::FromStr;

use qb_access::{Decision, Permission, Scope, decide};
use qb_base::{AreaCode, Lang};

use crate::fault::Fault;
use crate::incoming::Incoming;
use crate::seen::{Shown, What, Who};
use crate::session::Viewer;
use crate::state::AppState;
use crate::texts::Texts;

/// What a handler gets: the request, the reader, and the row of the permission table it runs under.
pub(crate) struct Visit<'a> {
    /// The running application.
    pub(crate) app: &'a AppState,
    /// The request.
    pub(crate) incoming: &'a Incoming,
    /// The permission the route was added with.
    pub(crate) permission: &'a Permission,
    viewer: Option<&'a Viewer>,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(
        app: &'a AppState,
        incoming: &'a Incoming,
        permission: &'a Permission,
        viewer: Option<&'a Viewer>,
    ) -> Self {
        Self { app, incoming, permission, viewer }
    }

    /// The language of the answer.
    pub(crate) fn lang(&self) -> Lang {
        self.incoming.lang
    }

    /// The texts of the interface in that language.
    pub(crate) fn texts(&self) -> &'static Texts {
        Texts::of(self.incoming.lang)
    }

    /// The reader, if somebody is signed in.
    pub(crate) fn reader(&self) -> Option<&'a Viewer> {
        self.viewer
    }

    /// The reader of a page that only signed-in people reach.
    pub(crate) fn viewer(&self) -> Result<&'a Viewer, Fault> {
        self.viewer.ok_or(Fault::Refused)
    }

    /// The scope of the reader.
    pub(crate) fn scope(&self) -> Result<&'a Scope, Fault> {
        Ok(&self.viewer()?.scope)
    }

    /// The reader's scope narrowed to an area the permission reaches; anything else is not found.
    pub(crate) fn reach(&self, target: AreaCode) -> Result<Scope, Fault> {
        let scope = self.scope()?;
        match decide(self.permission, Some(scope), Some(target)) {
            Decision::Allow => Ok(scope.within(target).unwrap_or_else(|| scope.clone())),
            Decision::SignIn | Decision::Refuse => Err(Fault::Refused),
            Decision::Hide => Err(Fault::NotFound),
        }
    }

    /// The reader's scope narrowed to the area the query names, or the whole scope when it names
    /// none.
    pub(crate) fn chosen_area(&self) -> Result<Scope, Fault> {
        match self.query("area") {
            "" => Ok(self.scope()?.clone()),
            code => {
                let area = AreaCode::parse(code).map_err(|_| Fault::NotFound)?;
                self.reach(area)?.within(area).ok_or(Fault::NotFound)
            }
        }
    }

    /// The reader with its limit of persons an hour.
    pub(crate) fn who(&self) -> Result<Who, Fault> {
        let viewer = self.viewer()?;
        let limit = self.app.reading()?.persons_per_hour(viewer.role);
        Ok(Who { user: viewer.user_id, limit })
    }

    /// Notes the persons that the page is about to show; above the reader's limit it is not shown.
    pub(crate) fn shows(&self, object: &str, shown: &[Shown<'_>]) -> Result<(), Fault> {
        let what = What { action: self.permission.action, object };
        self.app.seen.page(self.who()?, what, shown)?.map_err(Fault::from)
    }

    /// Whether the reader's role holds a permission in its own area.
    pub(crate) fn may(&self, permission: &Permission) -> bool {
        self.viewer.is_some_and(|viewer| {
            decide(permission, Some(&viewer.scope), Some(viewer.area)) == Decision::Allow
        })
    }

    /// A placeholder of the path.
    pub(crate) fn param(&self, name: &str) -> &'a str {
        value(&self.incoming.params, name)
    }

    /// A placeholder of the path that holds a number; anything else is not found.
    pub(crate) fn param_id(&self, name: &str) -> Result<i64, Fault> {
        self.param(name).parse().map_err(|_| Fault::NotFound)
    }

    /// A parameter of the query, or nothing.
    pub(crate) fn query(&self, name: &str) -> &'a str {
        value(&self.incoming.query, name)
    }

    /// A parameter that holds a place in a list, a number from nothing up. Without one the list
    /// begins at its first row; another text comes from nobody's link.
    pub(crate) fn place<T: FromStr + Default>(&self, name: &str) -> Result<T, Fault> {
        place(self.query(name))
    }

    /// A field of the form, or nothing.
    pub(crate) fn form(&self, name: &str) -> &'a str {
        value(&self.incoming.form, name)
    }
}

fn place<T: FromStr + Default>(text: &str) -> Result<T, Fault> {
    match text {
        "" => Ok(T::default()),
        // Places fit into the integers of the store, whatever is counted with them.
        digits if digits.parse::<i64>().is_ok_and(|place| place >= 0) => {
            digits.parse().map_err(|_| Fault::Unreadable)
        }
        _ => Err(Fault::Unreadable),
    }
}

/// The first value under a name, or nothing.
pub(crate) fn value<'v>(pairs: &'v [(String, String)], name: &str) -> &'v str {
    // Forms and addresses leave out what is blank: a browser sends both, and neither says anything.
    pairs.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_list_is_a_number_the_store_can_hold() {
        assert!(matches!(place::<usize>(""), Ok(0)));
        assert!(matches!(place::<i64>("9223372036854775807"), Ok(i64::MAX)));
        for text in ["18446744073709551615", "9223372036854775808", "-1", "1.5", "a", " 1", "0x1"] {
            assert!(matches!(place::<usize>(text), Err(Fault::Unreadable)), "{text:?}");
            assert!(matches!(place::<i64>(text), Err(Fault::Unreadable)), "{text:?}");
        }
    }
}
