//! Drawings as SVG text: a map of counties and bars of progress. Integers only, so every machine
//! draws the same.

use std::fmt::Write as _;

use qb_base::Lang;
use qb_policy::Decimal;
use serde_json::Value;

use crate::model::{AnnualReport, Chart, ChartKind};
use crate::number;

/// Width of a drawing in its own units.
const WIDTH: i64 = 1_000;
/// Width of the map within it; the list of names stands beside.
const MAP_WIDTH: i64 = 560;
/// Places across a map where a county's number may stand.
const MARK_PLACES: i64 = 60;
/// Room for the percentage behind a bar.
const PERCENT_WIDTH: i64 = 100;
/// The longest bar, in hundredths of a percent; a longer one is cut and says so.
const SHARE_MAX: i64 = 15_000;
/// The published value as a bar, in hundredths of a percent; what falls short by less shows no gap.
const WHOLE: i64 = 10_000;
const LINE: i64 = 34;
/// Letters of a name and its number that fit into a line of the list; longer ones are set smaller.
const LEGEND_LETTERS_MAX: usize = 34;
const BAR_LINE: i64 = 48;
/// Most points of one map; a larger one is not drawn.
const POINTS_MAX: usize = 200_000;
/// A degree of longitude at the latitude of the plain between Yellow River and Huai, in thousandths
/// of one of latitude.
const LONGITUDE_PER_MILLE: i64 = 826;

/// Shades from few to many; they stay apart on a mono printer.
const SHADES: [&str; 5] = ["#e3f1f0", "#b5dad7", "#7fbdb9", "#46908d", "#145c5a"];
const NO_VALUE: &str = "#d9d9d9";
const ACCENT: &str = "#1c7a77";
const FONT: &str = "font-family=\"Noto Serif SC\"";

/// Draws a chart, or nothing when there is nothing to draw.
pub fn svg(
    report: &AnnualReport,
    shapes: Option<&str>,
    chart: &Chart,
    lang: Lang,
) -> Option<String> {
    match chart.kind {
        ChartKind::CountyMap => county_map(report, shapes?, chart.facts.first()?, lang),
        ChartKind::Progress => progress(report, &chart.facts, lang),
    }
}

/// A county as it is drawn.
struct County {
    code: String,
    rings: Vec<Vec<(i64, i64)>>,
}

fn county_map(report: &AnnualReport, shapes: &str, fact: &str, lang: Lang) -> Option<String> {
    let counties = read_shapes(shapes)?;
    let values = county_values(report, fact, lang);
    if values.is_empty() {
        return None;
    }
    let frame = Frame::around(&counties)?;
    let height = frame.height().max(LINE * (i64::try_from(values.len()).ok()? + 1)) + 10;
    let mut svg = open(height);
    for county in &counties {
        let value = values.iter().find(|row| row.code == county.code);
        let shade = value.map_or(NO_VALUE, |row| row.shade);
        let _ = write!(
            svg,
            "<path d=\"{}\" fill=\"{shade}\" stroke=\"#40615f\" stroke-width=\"1.2\" fill-rule=\"evenodd\"/>",
            frame.path(county)
        );
    }
    for county in &counties {
        if let (Some(place), Some(row)) =
            (frame.middle(county), values.iter().find(|row| row.code == county.code))
        {
            mark(&mut svg, place, row.number);
        }
    }
    let unit = report.figure(fact)?.unit(lang);
    for (line, row) in values.iter().enumerate() {
        legend_line(&mut svg, LINE * (i64::try_from(line).ok()? + 1), row, unit, lang);
    }
    svg.push_str("</svg>");
    Some(svg)
}

struct CountyRow<'a> {
    code: String,
    name: &'a str,
    value: Decimal,
    shade: &'static str,
    number: usize,
}

/// The counties in order of their codes, shaded by quantile.
fn county_values<'a>(report: &'a AnnualReport, fact: &str, lang: Lang) -> Vec<CountyRow<'a>> {
    let found: Vec<(&str, String, Decimal)> = report
        .counties
        .iter()
        .filter_map(|county| {
            let value = county.values.iter().find(|value| value.fact == fact)?.value;
            Some((county.name.get(lang), county.area.to_string(), value))
        })
        .collect();
    let rank = |value: Decimal| found.iter().filter(|(_, _, other)| *other < value).count();
    found
        .iter()
        .enumerate()
        .map(|(index, (name, code, value))| CountyRow {
            code: code.clone(),
            name,
            value: *value,
            shade: SHADES
                .get(rank(*value) * SHADES.len() / found.len())
                .copied()
                .unwrap_or(NO_VALUE),
            number: index + 1,
        })
        .collect()
}

fn legend_line(svg: &mut String, y: i64, row: &CountyRow<'_>, unit: &str, lang: Lang) {
    let x = MAP_WIDTH + 30;
    let value = number::with_unit(&number::grouped(row.value), unit, lang);
    // A Chinese character is as wide as two others.
    let letters = row.name.chars().chain(value.chars()).map(|c| if c.is_ascii() { 1 } else { 2 });
    let size = if letters.sum::<usize>() > LEGEND_LETTERS_MAX { 15 } else { 19 };
    let _ = write!(
        svg,
        "<rect x=\"{x}\" y=\"{}\" width=\"22\" height=\"22\" fill=\"{}\" stroke=\"#40615f\"/>\
         <text x=\"{}\" y=\"{y}\" font-size=\"{size}\" {FONT}>{} {}</text>\
         <text x=\"{WIDTH}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"end\" {FONT}>{}</text>",
        y - 18,
        row.shade,
        x + 32,
        row.number,
        escape(row.name),
        escape(&value),
    );
}

fn mark(svg: &mut String, (x, y): (i64, i64), number: usize) {
    let _ = write!(
        svg,
        "<circle cx=\"{x}\" cy=\"{y}\" r=\"11\" fill=\"#ffffff\" stroke=\"#40615f\"/>\
         <text x=\"{x}\" y=\"{}\" font-size=\"14\" text-anchor=\"middle\" {FONT}>{number}</text>",
        y + 5,
    );
}

/// The part of the world the map shows, in ten thousandths of a degree.
struct Frame {
    west: i64,
    north: i64,
    width: i64,
    depth: i64,
}

impl Frame {
    fn around(counties: &[County]) -> Option<Self> {
        let points = || counties.iter().flat_map(|county| county.rings.iter().flatten());
        let west = points().map(|(x, _)| *x).min()?;
        let east = points().map(|(x, _)| *x).max()?;
        let south = points().map(|(_, y)| *y).min()?;
        let north = points().map(|(_, y)| *y).max()?;
        let width = (east - west) * LONGITUDE_PER_MILLE / 1_000;
        (width > 0 && north > south).then_some(Self { west, north, width, depth: north - south })
    }

    fn height(&self) -> i64 {
        self.depth * MAP_WIDTH / self.width
    }

    fn place(&self, (longitude, latitude): (i64, i64)) -> (i64, i64) {
        let x = (longitude - self.west) * LONGITUDE_PER_MILLE / 1_000 * MAP_WIDTH / self.width;
        (x + 4, (self.north - latitude) * MAP_WIDTH / self.width + 4)
    }

    fn path(&self, county: &County) -> String {
        let mut path = String::new();
        for ring in &county.rings {
            let mut last = None;
            for (index, point) in ring.iter().enumerate() {
                let place = self.place(*point);
                if last != Some(place) {
                    let _ = write!(
                        path,
                        "{}{} {}",
                        if index == 0 { 'M' } else { 'L' },
                        place.0,
                        place.1
                    );
                    last = Some(place);
                }
            }
            path.push('Z');
        }
        path
    }

    /// The place inside the county that is farthest from its edges: a county may lie around
    /// another, and the middle of both is no place of its own.
    fn middle(&self, county: &County) -> Option<(i64, i64)> {
        let rings: Vec<Vec<(i64, i64)>> = county
            .rings
            .iter()
            .map(|ring| ring.iter().map(|point| self.place(*point)).collect())
            .collect();
        let edges: Vec<Edge> = rings.iter().flat_map(|ring| edges(ring)).collect();
        let points = || rings.iter().flatten();
        let (west, east) = (points().map(|p| p.0).min()?, points().map(|p| p.0).max()?);
        let (north, south) = (points().map(|p| p.1).min()?, points().map(|p| p.1).max()?);
        let step = ((east - west).max(south - north) / MARK_PLACES).max(1);
        let across = |from: i64, to: i64| (0..=(to - from) / step).map(move |at| from + at * step);
        across(north, south)
            .flat_map(|y| across(west, east).map(move |x| (x, y)))
            .filter(|place| is_inside(&edges, *place))
            .max_by_key(|place| edges.iter().map(|edge| distance(*edge, *place)).min())
    }
}

/// One straight piece of a border.
type Edge = ((i64, i64), (i64, i64));

fn edges(ring: &[(i64, i64)]) -> impl Iterator<Item = Edge> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Whether a line from the place to the east crosses the borders an odd number of times.
fn is_inside(edges: &[Edge], (x, y): (i64, i64)) -> bool {
    let crosses = |((x1, y1), (x2, y2)): &&Edge| {
        if (*y1 > y) == (*y2 > y) {
            return false;
        }
        // x lies west of the crossing; the sign of the height turns the comparison round.
        let (left, right) = ((x - x1) * (y2 - y1), (x2 - x1) * (y - y1));
        if y2 > y1 { left < right } else { left > right }
    };
    edges.iter().filter(crosses).count() % 2 == 1
}

/// The square of the distance of a place from an edge, cut to whole numbers.
fn distance(((x1, y1), (x2, y2)): Edge, (x, y): (i64, i64)) -> i64 {
    let (along_x, along_y) = (x2 - x1, y2 - y1);
    let square = along_x * along_x + along_y * along_y;
    let reach = (x - x1) * along_x + (y - y1) * along_y;
    if square == 0 || reach <= 0 {
        return (x - x1) * (x - x1) + (y - y1) * (y - y1);
    }
    if reach >= square {
        return (x - x2) * (x - x2) + (y - y2) * (y - y2);
    }
    let cross = (x - x1) * along_y - (y - y1) * along_x;
    cross * cross / square
}

/// Reads polygons and multi-polygons of a GeoJSON feature collection whose features carry a `code`.
fn read_shapes(shapes: &str) -> Option<Vec<County>> {
    let value: Value = serde_json::from_str(shapes).ok()?;
    let counties: Vec<County> =
        value.get("features")?.as_array()?.iter().filter_map(read_feature).collect();
    let points: usize = counties.iter().flat_map(|county| &county.rings).map(Vec::len).sum();
    (points > 0 && points <= POINTS_MAX).then_some(counties)
}

fn read_feature(feature: &Value) -> Option<County> {
    let code = feature.get("properties")?.get("code")?.as_str()?.to_owned();
    let geometry = feature.get("geometry")?;
    let coordinates = geometry.get("coordinates")?.as_array()?;
    let polygons: Vec<&Value> = match geometry.get("type")?.as_str()? {
        "Polygon" => vec![geometry.get("coordinates")?],
        "MultiPolygon" => coordinates.iter().collect(),
        _ => return None,
    };
    let rings = polygons
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_array)
        .map(|ring| ring.iter().filter_map(read_point).collect())
        .collect();
    Some(County { code, rings })
}

fn read_point(point: &Value) -> Option<(i64, i64)> {
    let part = |index: usize| {
        let degrees = Decimal::parse(&point.get(index)?.to_string())?;
        degrees.shift(4)?.round_to(Decimal::whole(1))?.to_i64()
    };
    Some((part(0)?, part(1)?))
}

/// Bars of computed against published values; 100 % is where both are equal.
fn progress(report: &AnnualReport, facts: &[String], lang: Lang) -> Option<String> {
    let rows: Vec<(&str, i64, String)> = facts
        .iter()
        .filter_map(|id| {
            let figure = report.figure(id)?;
            let (computed, published) = (figure.computed_exact?, figure.published?);
            let stated = figure.published_as_written()?.get(lang);
            let label = format!("{} / {stated}", figure.shown(lang)?);
            Some((figure.says.get(lang), of_whole(computed, published)?, label))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let height = BAR_LINE * i64::try_from(rows.len()).ok()? + 12;
    let longest = rows.iter().map(|(_, share, _)| *share).max()?.clamp(WHOLE, SHARE_MAX);
    let room = WIDTH - PERCENT_WIDTH - 8;
    let full = room * WHOLE / longest;
    let mut svg = open(height);
    for (index, (says, share, label)) in rows.iter().enumerate() {
        let y = BAR_LINE * i64::try_from(index).ok()?;
        let length = full * (*share).clamp(0, SHARE_MAX) / WHOLE;
        let percent = format!(
            "{}{}.{:02}%",
            if *share > SHARE_MAX { "› " } else { "" },
            share / 100,
            share % 100
        );
        // The line stands on the bars only, so that it crosses no words.
        let _ = write!(
            svg,
            "<text x=\"4\" y=\"{words}\" font-size=\"19\" {FONT}>{}</text>\
             <text x=\"{}\" y=\"{words}\" font-size=\"17\" text-anchor=\"end\" {FONT}>{}</text>\
             <rect x=\"4\" y=\"{bar}\" width=\"{full}\" height=\"14\" fill=\"#eef2f2\"/>\
             <rect x=\"4\" y=\"{bar}\" width=\"{length}\" height=\"14\" fill=\"{ACCENT}\"/>\
             <path d=\"M{line} {}V{}\" stroke=\"#b3261e\" stroke-width=\"2\"/>\
             <text x=\"{WIDTH}\" y=\"{}\" font-size=\"17\" text-anchor=\"end\" {FONT}>\
             {percent}</text>",
            escape(says),
            room + 4,
            escape(label),
            y + 23,
            y + 43,
            y + 39,
            words = y + 18,
            bar = y + 26,
            line = full + 4,
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn of_whole(computed: Decimal, published: Decimal) -> Option<i64> {
    let scale = computed.scale().max(published.scale());
    let lift = |number: Decimal| {
        number.mantissa().checked_mul(10_i128.checked_pow(scale - number.scale())?)
    };
    let share = lift(computed)?.checked_mul(2 * i128::from(WHOLE))?;
    let whole = lift(published)?;
    let share = share.checked_add(whole)?.checked_div(whole.checked_mul(2)?)?;
    // What falls short is never drawn as reached.
    let reached = lift(computed)? >= whole;
    let share = if reached { share } else { share.min(i128::from(WHOLE) - 1) };
    i64::try_from(share).ok()
}

fn open(height: i64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
