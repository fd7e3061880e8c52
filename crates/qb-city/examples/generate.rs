//! Writes a city: `cargo run --release -p qb-city --example generate -- OUT [SCALE_PPM] [SEED]`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = std::path::PathBuf::from(arguments.next().ok_or("a folder to write to")?);
    let scale_ppm = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
    let calendar = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/calendar.toml");
    let options = qb_city::Options {
        truth: out.with_extension("truth.json"),
        out,
        scale_ppm,
        seed,
        areas: qb_city::parse_areas(&std::fs::read_to_string(areas)?)?,
        calendar: qb_city::parse_calendar(&std::fs::read_to_string(calendar)?)?,
        year: 2016,
    };
    let clock = qb_base::env::Stopwatch::start();
    let summary = qb_city::generate(&options, &mut |_, _, _| {})?;
    eprintln!("{summary:?} in {:.1} s", clock.seconds());
    Ok(())
}
