//! Who may write which row of an imported or typed list: the one place that decides it.

use qb_base::AreaCode;

use crate::Role;

/// Whoever hands rows in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The role they work in; none for the operator at the command line.
    pub role: Option<Role>,
    /// The area they answer for; none for everywhere.
    pub area: Option<AreaCode>,
}

/// What becomes of a row that somebody wants to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Go ahead.
    Allow,
    /// The row itself lies outside the sender's area.
    Outside,
    /// What the row would replace, withdraw or attach to lies outside the sender's area. Whoever
    /// hears it learns that it exists, so it is never said where, and counts against a limit.
    Elsewhere,
}

impl Sender {
    /// The operator: everywhere, without a role.
    pub const OPERATOR: Self = Self { role: None, area: None };

    /// Whether rows anywhere below `whole`, the area of the installation, may be written.
    pub fn is_everywhere(&self, whole: AreaCode) -> bool {
        self.area.is_none_or(|own| own.contains(&whole))
    }

    /// Whether an area is the sender's own or below it.
    pub fn covers(&self, area: AreaCode) -> bool {
        self.area.is_none_or(|own| own.contains(&area))
    }

    /// Decides one row: `row` is where it says it stands, `touched` where each row stands that it
    /// would replace or withdraw or the household and person it is about, and none for one that
    /// stands nowhere; `attached` where what it attaches to by another list's key stands.
    ///
    /// What stands nowhere, such as a person who belongs to no household, is in nobody's area but
    /// that of a sender for everywhere. What stands above the sender's area is there to be attached
    /// to, as a county's allocation to the budget of its city, and to be changed by nobody below.
    pub fn decide(
        &self,
        row: Option<AreaCode>,
        touched: &[Option<AreaCode>],
        attached: &[AreaCode],
    ) -> Writing {
        if self.area.is_none() {
            return Writing::Allow;
        }
        if row.is_some_and(|area| !self.covers(area)) {
            return Writing::Outside;
        }
        let may_attach = |area: &AreaCode| self.covers(*area) || self.is_below(*area);
        let is_own = |area: &Option<AreaCode>| area.is_some_and(|area| self.covers(area));
        if touched.iter().all(is_own) && attached.iter().all(may_attach) {
            return Writing::Allow;
        }
        Writing::Elsewhere
    }

    /// Whether the sender's area lies in another one.
    fn is_below(&self, area: AreaCode) -> bool {
        self.area.is_some_and(|own| area.contains(&own))
    }

    /// Who sends, as the store notes it: an office, not a person, so that whoever follows in the
    /// office sends the next version of the same delivery.
    pub fn office(&self) -> String {
        let role = self.role.map_or("OPERATOR", Role::code);
        match self.area {
            Some(area) => format!("{role}@{area}"),
            None => role.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Option<AreaCode> {
        AreaCode::parse(code).ok()
    }

    #[test]
    fn a_county_writes_its_own_rows_over_its_own_rows_only() {
        let county = Sender { role: Some(Role::CountyOfficer), area: area("320382") };
        let (own, village, beside, above) =
            (area("320382"), area("320382100201"), area("320321100201"), area("3203"));
        type Case<'a> = (Option<AreaCode>, &'a [Option<AreaCode>], Writing);
        let cases: [Case<'_>; 9] = [
            (own, &[], Writing::Allow),
            (village, &[own, village], Writing::Allow),
            (None, &[village], Writing::Allow),
            (beside, &[], Writing::Outside),
            (above, &[], Writing::Outside),
            (beside, &[beside], Writing::Outside),
            (village, &[beside], Writing::Elsewhere),
            (village, &[village, above], Writing::Elsewhere),
            (village, &[None], Writing::Elsewhere),
        ];
        for (row, touched, expected) in cases {
            assert_eq!(county.decide(row, touched, &[]), expected, "{row:?} {touched:?}");
        }
    }

    #[test]
    fn a_county_attaches_to_its_own_rows_and_to_those_above_it() {
        let county = Sender { role: Some(Role::CountyOfficer), area: area("320382") };
        let of = |code: &str| AreaCode::parse(code).unwrap();
        let own = area("320382100201");
        for above in ["3203", "32", "320382", "320382100"] {
            assert_eq!(county.decide(own, &[], &[of(above)]), Writing::Allow, "{above}");
        }
        assert_eq!(county.decide(own, &[], &[of("320321")]), Writing::Elsewhere);
        assert_eq!(county.decide(own, &[], &[of("3203"), of("320321100")]), Writing::Elsewhere);
        assert_eq!(county.decide(of("320321").into(), &[], &[]), Writing::Outside);
    }

    #[test]
    fn a_sender_for_everywhere_writes_everything() {
        let (root, beside) = (AreaCode::parse("3203").unwrap(), area("320321100201"));
        let city = Sender { role: Some(Role::CityOfficer), area: Some(root) };
        assert!(city.is_everywhere(root) && Sender::OPERATOR.is_everywhere(root));
        assert_eq!(Sender::OPERATOR.decide(beside, &[None, area("32")], &[]), Writing::Allow);
        assert_eq!(city.decide(beside, &[Some(root)], &[]), Writing::Allow);
    }

    #[test]
    fn an_office_is_its_role_and_its_area() {
        let county = Sender { role: Some(Role::CountyOfficer), area: area("320382") };
        assert_eq!(county.office(), "COUNTY_OFFICER@320382");
        assert_eq!(Sender::OPERATOR.office(), "OPERATOR");
    }
}
