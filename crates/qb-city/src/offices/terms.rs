//! Terms of office of secretaries and heads of government at four levels.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Row, Spot, Value, day_of, later};
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Format;

/// Who changed in the year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// Village secretaries newly in office by the election of the year.
    elected: usize,
    /// The least of them in a small city.
    least: usize,
    /// Village secretaries replaced for other reasons `[leaving, count]`.
    replaced: Vec<(String, usize)>,
    /// Town secretaries who changed places.
    transferred: usize,
    /// Days of the year between which villages elect.
    election: [i64; 2],
    /// Groups new secretaries come from `[label, weight]`.
    sources: Vec<(String, u64)>,
    /// Per mille of new secretaries who meet each of the two criteria.
    strong: u64,
}

const TERM: Kind = Kind {
    dataset: "post_term",
    title: "党组织书记和政府负责人任职登记",
    heads: &[
        "任职编号**",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "职务*",
        "任职层级*",
        "任职人*",
        "任职起始日期*",
        "任职截止日期",
        "任职原因",
        "离任原因",
        "人选来源",
        "政治素质强",
        "发展能力强",
        "任职人编号",
    ],
    merged: 0,
};

/// How a term of the year came to be.
#[derive(Clone)]
struct Change {
    reason_in: &'static str,
    reason_out: String,
}

/// Writes the terms: one file per county, one for the city.
pub(super) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>) -> Result<()> {
    let model = &bureau.model.offices.terms;
    let mut dice = desk.dice("terms");
    let changes = changes(bureau, model, &mut dice);
    let elected = bureau.city.places(model.elected, model.least);
    desk.sum("V08", qb_base::count(elected));
    for county in 0..bureau.map.counties.len() {
        let mut rows = Vec::new();
        let spot = Spot { county, town: None, village: None };
        for post in ["党组织书记", "政府主要负责人"] {
            Holder { spot, post, level: "县级" }.standing(bureau, &mut dice, &mut rows);
        }
        for spot in bureau.map.town_spots(county) {
            let secretary = Holder { spot, post: "党组织书记", level: "镇级" };
            secretary.write(bureau, changes.get(&spot), &mut dice, &mut rows);
            let head = Holder { spot, post: "政府主要负责人", level: "镇级" };
            head.standing(bureau, &mut dice, &mut rows);
        }
        for spot in bureau.map.village_spots(county) {
            let secretary = Holder { spot, post: "党组织书记", level: "村级" };
            secretary.write(bureau, changes.get(&spot), &mut dice, &mut rows);
        }
        desk.send(&TERM, &bureau.parcel("组织/任职", county, "任职登记"), rows)?;
    }
    let rows = ["党组织书记", "政府主要负责人"].into_iter().zip(["01", "02"]);
    let rows = rows.map(|(post, number)| of_the_city(bureau, post, number, &mut dice)).collect();
    desk.send(&TERM, &of_city("组织/任职", "320300_徐州市任职登记", Format::Xlsx), rows)
}

/// Who changes in the year, by lot.
fn changes(bureau: &Bureau<'_>, model: &Terms, dice: &mut Dice) -> BTreeMap<Spot, Change> {
    let mut villages = bureau.map.all_villages();
    dice.shuffle(&mut villages);
    let mut villages = villages.into_iter();
    let elected = bureau.city.places(model.elected, model.least);
    let election = Change { reason_in: "换届选举", reason_out: "换届选举".to_owned() };
    let mut changes: BTreeMap<Spot, Change> =
        villages.by_ref().take(elected).map(|spot| (spot, election.clone())).collect();
    for (reason, count) in &model.replaced {
        let change = Change { reason_in: "组织任命", reason_out: reason.clone() };
        changes.extend(
            villages
                .by_ref()
                .take(bureau.city.places(*count, 1))
                .map(|spot| (spot, change.clone())),
        );
    }
    let counties = 0..bureau.map.counties.len();
    let mut towns: Vec<Spot> = counties.flat_map(|c| bureau.map.town_spots(c)).collect();
    dice.shuffle(&mut towns);
    let change = Change { reason_in: "调任", reason_out: "调任".to_owned() };
    let transferred = bureau.city.places(model.transferred, 1);
    changes.extend(towns.into_iter().take(transferred).map(|spot| (spot, change.clone())));
    changes
}

/// A post at a place.
struct Holder {
    spot: Spot,
    post: &'static str,
    level: &'static str,
}

impl Holder {
    fn number(&self, bureau: &Bureau<'_>, term: u32) -> String {
        let post = if self.post == "党组织书记" { "S" } else { "Z" };
        format!("RZ{}-{post}{term}", bureau.map.code(self.spot))
    }

    /// A holder who has been in office for some years.
    fn standing(&self, bureau: &Bureau<'_>, dice: &mut Dice, rows: &mut Vec<Row>) {
        let since = day_of(bureau.year - dice.years(1, 5), 60);
        let since = later(since, dice.between(0, 250));
        let reason = if self.level == "村级" { "换届选举" } else { "组织任命" };
        rows.push(self.row(bureau, 1, dice, [Value::Day(since), Value::Blank], reason, ""));
    }

    fn write(
        &self,
        bureau: &Bureau<'_>,
        change: Option<&Change>,
        dice: &mut Dice,
        rows: &mut Vec<Row>,
    ) {
        let Some(change) = change else { return self.standing(bureau, dice, rows) };
        let model = &bureau.model.offices.terms;
        let since = later(day_of(bureau.year - 3, 200), dice.between(0, 120));
        let elected = change.reason_in == "换届选举";
        let [first, last] = if elected { model.election } else { [40, 330] };
        let from = day_of(bureau.year, dice.between(first, last));
        let until = [Value::Day(since), Value::Day(later(from, -1))];
        rows.push(self.row(bureau, 1, dice, until, "换届选举", &change.reason_out));
        let held = [Value::Day(from), Value::Blank];
        let mut row = self.row(bureau, 2, dice, held, change.reason_in, "");
        if elected {
            let at = dice.weighted(model.sources.iter().map(|(_, weight)| *weight));
            row[11] = Value::text(model.sources[at].0.as_str());
            row[12] = Value::Flag(dice.mille(model.strong));
            row[13] = Value::Flag(dice.mille(model.strong));
        }
        rows.push(row);
    }

    fn row(
        &self,
        bureau: &Bureau<'_>,
        term: u32,
        dice: &mut Dice,
        [from, to]: [Value; 2],
        reason_in: &str,
        reason_out: &str,
    ) -> Row {
        let [county, town, village] = bureau.map.cells(self.spot);
        vec![
            Value::text(self.number(bureau, term)),
            county,
            town,
            village,
            Value::text(self.post),
            Value::text(self.level),
            Value::text(bureau.name(dice)),
            from,
            to,
            Value::text(reason_in),
            Value::text(reason_out),
            Value::Blank,
            Value::Blank,
            Value::Blank,
            // Nobody of this city holds two terms.
            Value::text(self.number(bureau, term).replacen("RZ", "GB", 1)),
        ]
    }
}

fn of_the_city(bureau: &Bureau<'_>, post: &str, number: &str, dice: &mut Dice) -> Row {
    let mut row = vec![Value::Blank; TERM.heads.len()];
    row[0] = Value::text(format!("RZ3203-{number}"));
    row[4] = Value::text(post);
    row[5] = Value::text("市级");
    row[6] = Value::text(bureau.name(dice));
    row[7] = Value::Day(day_of(bureau.year, 8));
    row[9] = Value::text("组织任命");
    row
}
