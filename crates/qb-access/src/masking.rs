//! How personal fields look within a scope.

use qb_base::mask;

use crate::{Reveal, Scope};

impl Scope {
    /// A name as the scope may read it: in full, `张**`, or not at all.
    pub fn name(&self, full: &str) -> String {
        match self.reveal() {
            Reveal::Full => full.to_owned(),
            Reveal::Masked => mask::name(full),
            Reveal::None => String::new(),
        }
    }

    /// An identity number as the scope may read it: masked or not at all, never in full.
    pub fn id_number(&self, full: &str) -> String {
        match self.reveal() {
            Reveal::Full | Reveal::Masked => mask::id_number(full),
            Reveal::None => String::new(),
        }
    }

    /// A telephone number as the scope may read it: masked or not at all, never in full.
    pub fn phone(&self, full: &str) -> String {
        match self.reveal() {
            Reveal::Full | Reveal::Masked => mask::phone(full),
            Reveal::None => String::new(),
        }
    }
}
