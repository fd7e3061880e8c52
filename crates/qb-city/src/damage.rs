//! Mistakes planted in rows of the register.

use crate::dice::Dice;
use crate::faults::Fault;
use crate::household::Household;
use crate::identity;
use crate::model::DateStyle;
use crate::person::Person;
use crate::places;
use crate::register::{
    CAUSE, EDUCATION, ETHNICITY, HEALTH, ID_NO, IDENTIFIED, INCOME, LABOUR, MEMBER_COUNT, NAME,
    OUT_OF_SCHOOL, RELATION, SCHOOL, VILLAGE, Writer, serial_day,
};
use crate::sheet::Cell;

/// A mistake in a row: what it is, in which column.
pub(crate) type Damage = Option<(Fault, usize)>;

impl<'a> Writer<'a> {
    /// Spoils the row the household's fault belongs to.
    pub(crate) fn damage(
        &self,
        household: &Household,
        person: &Person,
        is_victim: bool,
        workbook: bool,
        cells: &mut [Cell<'a>],
        dice: &mut Dice,
    ) -> Damage {
        let fault = household.slot.fault?;
        if fault == Fault::DottedName {
            return self.dotted(person, cells, dice);
        }
        if !is_victim {
            return None;
        }
        let (column, cell) = self
            .other_text(household, person, workbook, cells, dice)
            .or_else(|| number_or_label(fault, person, workbook, cells, dice))
            .or_else(|| in_the_household(fault).map(|column| (column, cells[column].clone())))?;
        cells[column] = cell;
        Some((fault, column))
    }

    /// The column and its text for mistakes in places, dates, names and counts.
    fn other_text(
        &self,
        household: &Household,
        person: &Person,
        workbook: bool,
        cells: &[Cell<'a>],
        dice: &mut Dice,
    ) -> Option<(usize, Cell<'a>)> {
        Some(match household.slot.fault? {
            Fault::DateVariant => {
                (IDENTIFIED, self.other_month(household.identified, workbook, dice))
            }
            Fault::VillageVariant => {
                let Cell::Text(name) = &cells[VILLAGE] else { return None };
                (VILLAGE, Cell::text(places::variant(name, dice.index(3))))
            }
            Fault::UnknownVillage => (VILLAGE, Cell::text(*dice.pick(&places::UNKNOWN))),
            Fault::NameLost => {
                let mut name = person.name.clone();
                name.pop();
                (NAME, Cell::text(format!("{name}?")))
            }
            Fault::MissingName => (NAME, Cell::Blank),
            Fault::DeclaredCount => {
                let members = qb_base::count(household.members.len());
                let less = members > 1 && dice.mille(500);
                (MEMBER_COUNT, Cell::Int(if less { members - 1 } else { members + 1 }))
            }
            _ => return None,
        })
    }

    fn dotted(&self, person: &Person, cells: &mut [Cell<'a>], dice: &mut Dice) -> Damage {
        if !person.name.contains('·') {
            return None;
        }
        cells[NAME] =
            Cell::text(person.name.replace('·', dice.pick::<String>(&self.names.separators)));
        Some((Fault::DottedName, NAME))
    }

    /// The month in a way the rest of the file does not use.
    fn other_month(&self, (year, month): (i64, i64), workbook: bool, dice: &mut Dice) -> Cell<'a> {
        let serial = serial_day(year, month);
        match dice.index(6) {
            0 => Cell::text(format!("{year}.{month}")),
            1 => Cell::text(format!("{year}年{month}月")),
            2 => Cell::text(format!("{}/{month}/1", year % 100)),
            3 => Cell::text(format!("{year}/{month:02}/01")),
            4 if workbook => Cell::Int(serial),
            4 => Cell::text(serial.to_string()),
            _ if self.style.dates == DateStyle::Compact => Cell::text(format!("{year}.{month:02}")),
            _ => Cell::text(format!("{year}{month:02}")),
        }
    }
}

/// The column and its text for mistakes in numbers and labels.
fn number_or_label(
    fault: Fault,
    person: &Person,
    workbook: bool,
    cells: &[Cell<'_>],
    dice: &mut Dice,
) -> Option<(usize, Cell<'static>)> {
    Some(match fault {
        Fault::FifteenDigits
        | Fault::FullWidth
        | Fault::Blanks
        | Fault::ZeroWidth
        | Fault::Apostrophe
        | Fault::LookAlike
        | Fault::LowerCaseX
        | Fault::NumberDamaged
        | Fault::TrailingZeros
        | Fault::BadChecksum
        | Fault::BadDate => (ID_NO, damaged_number(fault, &person.id_no, workbook, dice)),
        Fault::RelationSex => (RELATION, Cell::text(other_sex(person.kin.relation))),
        Fault::HeadUnclear => {
            let is_head = person.kin.relation == "户主";
            (RELATION, Cell::text(if is_head { "其他" } else { "户主" }))
        }
        Fault::LabelVariant => other_label(person, cells, dice),
        _ => return None,
    })
}

/// The column of a mistake that lies in the household itself, not in how its row is written.
fn in_the_household(fault: Fault) -> Option<usize> {
    Some(match fault {
        Fault::GradeAge => SCHOOL,
        Fault::SchoolingBoth | Fault::SchoolingBlank => EDUCATION,
        Fault::TruantHealthy => OUT_OF_SCHOOL,
        Fault::CauseUnfounded => CAUSE,
        Fault::ReportedIncome => INCOME,
        _ => return None,
    })
}

/// The label of the other sex.
fn other_sex(relation: &'static str) -> &'static str {
    match relation {
        "之子" => "之女",
        "之女" => "之子",
        "之孙子" => "之孙女",
        "之孙女" => "之孙子",
        "之外孙子" => "之外孙女",
        "之外孙女" => "之外孙子",
        other => other,
    }
}

/// Another wording of a label in the row, with its column.
fn other_label(person: &Person, cells: &[Cell<'_>], dice: &mut Dice) -> (usize, Cell<'static>) {
    const OTHERS: [(usize, &str, &str); 12] = [
        (HEALTH, "健康", "良好"),
        (HEALTH, "长期慢性病", "慢性病"),
        (HEALTH, "患有大病", "大病"),
        (LABOUR, "普通劳动力", "普通"),
        (LABOUR, "弱劳动力或半劳动力", "弱劳动力"),
        (CAUSE, "因病", "因病致贫"),
        (CAUSE, "因残", "因残致贫"),
        (CAUSE, "缺劳力", "缺少劳动力"),
        (EDUCATION, "文盲或半文盲", "文盲"),
        (EDUCATION, "初中", "初中文化"),
        (RELATION, "之子", "长子"),
        (RELATION, "之女", "女儿"),
    ];
    let fitting: Vec<_> = OTHERS
        .iter()
        .filter(|(column, label, _)| matches!(&cells[*column], Cell::Text(text) if text == label))
        .collect();
    if fitting.is_empty() || dice.mille(200) {
        return (ETHNICITY, Cell::text(person.ethnicity.trim_end_matches('族').to_owned()));
    }
    let (column, _, other) = **dice.pick(&fitting);
    (column, Cell::text(other))
}

/// The number as the mistake leaves it.
fn damaged_number(fault: Fault, id: &str, workbook: bool, dice: &mut Dice) -> Cell<'static> {
    let part = |range: std::ops::Range<usize>| &id[range];
    Cell::text(match fault {
        Fault::FifteenDigits => identity::fifteen_digits(id).unwrap_or_else(|| id.to_owned()),
        Fault::FullWidth => id.chars().map(full_width).collect(),
        Fault::Blanks => match dice.index(3) {
            0 => format!("{} {} {}", part(0..6), part(6..14), part(14..18)),
            1 => format!("{id} "),
            _ => format!("\u{3000}{id}"),
        },
        Fault::ZeroWidth => format!("{}\u{200b}{}", part(0..14), part(14..18)),
        Fault::Apostrophe => format!("'{id}"),
        Fault::LookAlike => look_alike(id, dice),
        Fault::LowerCaseX => id.to_lowercase(),
        Fault::NumberDamaged => {
            // A spreadsheet keeps fifteen digits; saved as text, fewer are left.
            let digits = if workbook { 15 } else { 6 };
            let figure = format!("{}.{}E+17", part(0..1), part(1..digits));
            if workbook {
                return Cell::Figure(figure);
            }
            figure
        }
        Fault::TrailingZeros => trailing_zeros(id),
        Fault::BadChecksum => mistyped(id, dice),
        Fault::BadDate => bad_date(id),
        _ => id.to_owned(),
    })
}

fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)
}

/// One or two digits typed as the letters that look like them.
fn look_alike(id: &str, dice: &mut Dice) -> String {
    let letter = if dice.mille(500) { "I" } else { "l" };
    let (head, tail) = id.split_at(6);
    if tail.contains('0') && dice.mille(700) {
        return format!("{head}{}", tail.replacen('0', "O", 2));
    }
    let spoiled = tail.replacen('1', letter, 1);
    // Nobody lacks both digits: the century begins with 1 or 2 0.
    if spoiled == tail {
        format!("{head}{}", tail.replacen('0', "O", 1))
    } else {
        format!("{head}{spoiled}")
    }
}

/// Fifteen digits and three zeros, or the figure itself where the zeros happen to be a valid
/// number.
fn trailing_zeros(id: &str) -> String {
    let kept = id.get(..15).unwrap_or(id);
    let text = format!("{kept}000");
    if qb_base::ResidentNumber::parse(&text).is_err() {
        return text;
    }
    format!("{}.{}E+17", &kept[..1], &kept[1..6])
}

/// One digit of the serial mistyped; the check digit never fits then.
fn mistyped(id: &str, dice: &mut Dice) -> String {
    let at = 14 + dice.index(3);
    id.char_indices()
        .map(|(i, c)| match c.to_digit(10) {
            Some(digit) if i == at => char::from_digit((digit + 1) % 10, 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Month 13 with a check digit that fits.
fn bad_date(id: &str) -> String {
    let first = format!("{}13{}", &id[..10], &id[12..17]);
    let check = qb_base::resident::check_digit(first.as_bytes()).map_or('0', char::from);
    format!("{first}{check}")
}
