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

    /// An identity number as the scope may read it: two characters, or none; never in full.
    pub fn id_number(&self, full: &str) -> String {
        self.number(full, mask::id_number)
    }

    /// A telephone number as the scope may read it: two digits, or none; never in full.
    pub fn phone(&self, full: &str) -> String {
        self.number(full, mask::phone)
    }

    /// A birth date (ISO) as the scope may read it: the day, the year, or nothing.
    pub fn birth<'d>(&self, day: &'d str) -> &'d str {
        match self.reveal() {
            Reveal::Full => day,
            Reveal::Masked => mask::birth(day),
            Reveal::None => "",
        }
    }

    /// Who meets the person tells numbers apart by their end; who counts and checks sees nothing of
    /// them, or the numbers could be completed from what stands beside them.
    fn number(&self, full: &str, end: fn(&str) -> String) -> String {
        match self.reveal() {
            Reveal::Full => end(full),
            Reveal::Masked if full.is_empty() => String::new(),
            Reveal::Masked => mask::HIDDEN.to_owned(),
            Reveal::None => String::new(),
        }
    }
}
