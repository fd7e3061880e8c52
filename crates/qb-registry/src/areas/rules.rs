//! What must hold for areas to merge, over a picture of all areas: no I/O.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::{AreaCode, AreaLevel, Date};
use qb_store::StoreError;

use super::known::{AreaRow, follow};
use super::refusal::AreaRefusal;

/// Areas that may end by one merger: a paper that merges more is several.
pub(super) const PARTS_MAX: usize = 50;

/// All areas as they stand, and what else decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    names: BTreeMap<AreaCode, String>,
    /// Those that ended: on which day, and which took over.
    ends: BTreeMap<AreaCode, (String, AreaCode)>,
    /// Parts of mergers that wait.
    pub(super) waiting: BTreeMap<AreaCode, i64>,
    /// Years whose books are closed.
    pub(super) closed: BTreeSet<i16>,
}

/// Areas that are to end, and the one that goes on.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) parts: &'a [AreaCode],
    pub(super) into: AreaCode,
    pub(super) on: Date,
    pub(super) today: Date,
    /// The merger that is asked again before it is confirmed.
    pub(super) waits_as: Option<i64>,
}

impl Picture {
    pub(super) fn of(rows: &[AreaRow]) -> Result<Self, StoreError> {
        let expected = || StoreError::Type { column: 0, expected: "an area code" };
        let parse = |code: &str| AreaCode::parse(code).map_err(|_| expected());
        let mut picture = Self::default();
        for row in rows {
            let code = parse(&row.code)?;
            picture.names.insert(code, row.name.clone());
            if let Some(end) = &row.end {
                picture.ends.insert(code, (end.on.clone(), parse(&end.successor)?));
            }
        }
        Ok(picture)
    }

    /// An area as messages name it.
    pub(super) fn label(&self, code: &AreaCode) -> String {
        match self.names.get(code) {
            Some(name) => format!("{name}({code})"),
            None => code.to_string(),
        }
    }

    /// The name of an area; none where the store has none.
    pub(super) fn name(&self, code: &AreaCode) -> Option<&str> {
        self.names.get(code).map(String::as_str)
    }

    /// The area that goes on from one.
    fn goes_on_as(&self, code: &AreaCode) -> AreaCode {
        let next = self.ends.iter().map(|(code, (_, into))| (*code, *into)).collect();
        follow(&next, *code)
    }

    /// Areas that go on directly below a town.
    fn villages_of(&self, town: &AreaCode) -> usize {
        let is_below = |code: &&AreaCode| town.contains(code) && *code != town;
        self.names.keys().filter(is_below).filter(|code| !self.ends.contains_key(code)).count()
    }

    /// That an area is known and goes on.
    pub(super) fn standing(&self, code: &AreaCode) -> Result<(), AreaRefusal> {
        if !self.names.contains_key(code) {
            return Err(AreaRefusal::Unknown { code: code.to_string() });
        }
        match self.ends.get(code) {
            None => Ok(()),
            Some((on, _)) => Err(AreaRefusal::Ended {
                area: self.label(code),
                on: on.clone(),
                successor: self.label(&self.goes_on_as(code)),
            }),
        }
    }

    /// Why areas cannot merge so; nothing where they can.
    pub(super) fn check(&self, wanted: &Wanted<'_>) -> Result<(), AreaRefusal> {
        match wanted.parts.len() {
            0 => return Err(AreaRefusal::Nothing),
            count if count > PARTS_MAX => return Err(AreaRefusal::TooMany { max: PARTS_MAX }),
            _ => {}
        }
        self.standing(&wanted.into)?;
        wanted.parts.iter().try_for_each(|part| self.check_part(wanted, part))?;
        let (on, today) = (wanted.on, wanted.today);
        if on > today {
            return Err(AreaRefusal::Ahead { on: on.to_string(), today: today.to_string() });
        }
        match self.closed.contains(&on.year()) {
            true => Err(AreaRefusal::Closed { year: on.year() }),
            false => Ok(()),
        }
    }

    fn check_part(&self, wanted: &Wanted<'_>, part: &AreaCode) -> Result<(), AreaRefusal> {
        self.standing(part)?;
        let (area, into) = (|| self.label(part), &wanted.into);
        if part == into {
            return Err(AreaRefusal::Itself { area: area() });
        }
        if part.level() != into.level() {
            return Err(AreaRefusal::Level { area: area(), into: self.label(into) });
        }
        match part.level() {
            AreaLevel::Village => {}
            AreaLevel::Town => match self.villages_of(part) {
                0 => {}
                count => return Err(AreaRefusal::VillagesLeft { area: area(), count }),
            },
            _ => return Err(AreaRefusal::TooHigh { area: area() }),
        }
        if let Some(merger) = self.waiting.get(part).filter(|id| Some(**id) != wanted.waits_as) {
            return Err(AreaRefusal::Waits { area: area(), merger: *merger });
        }
        // An area that took over from others is not gone before it did.
        let day = wanted.on.to_string();
        let took_over = self.ends.values().filter(|(_, into)| into == part).map(|(on, _)| on);
        match took_over.max().filter(|on| **on > day) {
            Some(on) => Err(AreaRefusal::Before { area: area(), on: on.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    const TOWN: &str = "320321100";
    const OTHER_TOWN: &str = "320321101";
    const A: &str = "320321100201";
    const B: &str = "320321100202";
    const C: &str = "320321100203";

    fn picture() -> Picture {
        let all = ["3203", "320321", TOWN, OTHER_TOWN, A, B, C];
        let names = all.into_iter().map(|one| (code(one), format!("名{one}"))).collect();
        Picture { names, ..Picture::default() }
    }

    fn merge(picture: &mut Picture, part: &str, into: &str, on: &str) {
        picture.ends.insert(code(part), (on.to_owned(), code(into)));
    }

    fn asked(
        picture: &Picture,
        (parts, into): (&[&str], &str),
        on: &str,
    ) -> Result<(), AreaRefusal> {
        let parts: Vec<AreaCode> = parts.iter().map(|part| code(part)).collect();
        let today = day("2016-12-31");
        let wanted = Wanted { parts: &parts, into: code(into), on: day(on), today, waits_as: None };
        picture.check(&wanted)
    }

    #[test]
    fn villages_merge_into_a_village_and_towns_into_a_town() {
        let picture = picture();
        assert_eq!(asked(&picture, (&[A, B], C), "2016-12-31"), Ok(()));
        let town = asked(&picture, (&[OTHER_TOWN], TOWN), "2016-06-01");
        assert_eq!(town, Ok(()), "no village of the other town goes on");
    }

    #[test]
    fn what_cannot_merge_says_why() {
        use AreaRefusal as No;
        let mut picture = picture();
        picture.closed.insert(2015);
        picture.waiting.insert(code(B), 7);
        merge(&mut picture, C, A, "2016-05-01");
        type Case<'a> = (&'a [&'a str], &'a str, &'a str, fn(&No) -> bool);
        let cases: [Case<'_>; 11] = [
            (&[], A, "2016-06-01", |no| matches!(no, No::Nothing)),
            (&[A], A, "2016-06-01", |no| matches!(no, No::Itself { .. })),
            (&[A], TOWN, "2016-06-01", |no| matches!(no, No::Level { .. })),
            (&["320321"], "3203", "2016-06-01", |no| matches!(no, No::Level { .. })),
            (&["320321100999"], A, "2016-06-01", |no| matches!(no, No::Unknown { .. })),
            (&[A], C, "2016-06-01", |no| matches!(no, No::Ended { .. })),
            (&[C], A, "2016-06-01", |no| matches!(no, No::Ended { .. })),
            (&[B], A, "2016-06-01", |no| matches!(no, No::Waits { merger: 7, .. })),
            (&[A], B, "2016-04-30", |no| matches!(no, No::Before { .. })),
            (&[A], B, "2017-01-01", |no| matches!(no, No::Ahead { .. })),
            (&[TOWN], OTHER_TOWN, "2016-06-01", |no| {
                matches!(no, No::VillagesLeft { count: 2, .. })
            }),
        ];
        for (parts, into, on, is_so) in cases {
            let found = asked(&picture, (parts, into), on);
            assert!(found.as_ref().is_err_and(is_so), "{parts:?} into {into} on {on}: {found:?}");
        }
        let closed = asked(&picture, (&[A], B), "2015-06-01");
        assert!(matches!(closed, Err(No::Before { .. })), "{closed:?}");
        picture.ends.clear();
        let closed = asked(&picture, (&[A], B), "2015-06-01");
        assert_eq!(closed, Err(No::Closed { year: 2015 }));
        let wide: Vec<&str> = vec![A; PARTS_MAX + 1];
        assert_eq!(asked(&picture, (&wide, B), "2016-06-01"), Err(No::TooMany { max: PARTS_MAX }));
    }

    proptest! {
        /// Whatever is stated in whatever order, and however often the last is taken back: from
        /// every area one gets to one that goes on.
        #[test]
        fn no_row_of_mergers_makes_a_circle(
            acts in prop::collection::vec((0..8_usize, 0..8_usize, any::<bool>()), 0..40)
        ) {
            let villages: Vec<String> = (0..8).map(|at| format!("32032110020{at}")).collect();
            let names = villages.iter().map(|one| (code(one), one.clone())).collect();
            let mut picture = Picture { names, ..Picture::default() };
            for (part, into, undoes) in acts {
                let (part, into) = (&villages[part], &villages[into]);
                let rests = |(_, next): &(String, AreaCode)| picture.ends.contains_key(next);
                let is_newest = !picture.ends.values().any(rests);
                if undoes && is_newest {
                    picture.ends.remove(&code(part));
                } else if asked(&picture, (&[part.as_str()], into), "2016-06-01").is_ok() {
                    merge(&mut picture, part, into, "2016-06-01");
                }
                for village in &villages {
                    let end = picture.goes_on_as(&code(village));
                    prop_assert!(!picture.ends.contains_key(&end), "{village} goes round: {picture:?}");
                }
            }
        }
    }
}
