//! `qibang demo`: the four steps, one after another, as a user would type them.

use std::process::ExitCode;

use qb_base::Text;
use qb_base::env::Stopwatch;
use qb_store::{Known, Store};
use qb_web::accounts::{self, DemoAccount, create_demo_users};

use super::{city, import, place, report, serve, target, today};
use crate::args::{AsOf, Demo, Global, Size};
use crate::fail::Fail;
use crate::output;

pub(crate) fn run(global: &Global, words: &Demo) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    unused(&store, &words.size)?;
    let day = city::day_of(&pack, words.fixed);
    today::fix(&store, Some(day), &[])?;
    let raw = store.place().dir.raw();
    let mut clock = Stopwatch::start();
    let mut step = |said: Text| {
        output::note(global, &said);
        let seconds = std::mem::replace(&mut clock, Stopwatch::start()).seconds();
        output::note(global, &Text::new(format!("  {seconds:.1} 秒"), format!("{seconds:.1} s")));
    };
    let summary = city::write(global, &pack, &raw, &words.size, words.fixed)?;
    step(city::done(&summary, &raw));
    let imported = import::import(global, &store, &pack, std::slice::from_ref(&raw), None)?;
    step(import::done(&imported));
    let evaluated = target::evaluate(global, &store, &pack, (day, Known::Everything))?;
    step(target::done(&evaluated));
    let run = today::run_on(global, &store, &pack, AsOf::default())?;
    let published = report::publish(&store, &pack, run, None)?;
    step(report::done(&store, &published));
    let accounts = create_demo_users(&store, place::actor())?;
    print(global, &store, &accounts);
    if words.no_serve {
        return Ok(ExitCode::SUCCESS);
    }
    serve::serve(global, store, pack, &words.serve)
}

/// Refuses a directory in which anything but this very demonstration was begun: its files would
/// mix with others, and its accounts would take the place of real ones.
fn unused(store: &Store, size: &Size) -> Result<(), Fail> {
    let dir = &store.place().dir;
    let is_own = city::is_of(&dir.raw(), size)?;
    let has_accounts = accounts::exist(store)?;
    let has_files = std::fs::read_dir(dir.raw()).is_ok_and(|mut files| files.next().is_some());
    let has_rows = store.read(qb_intake::queries::has_runs)?;
    if is_own && !has_accounts || !(has_accounts || has_files || has_rows) {
        return Ok(());
    }
    let at = dir.path().display();
    Err(match is_own {
        true => Fail::new(
            format!(
                "“{at}”里已有同一种子、同一规模的演示,没有改动。打开它:qibang serve --dir {at};重新做一个,请换 --dir"
            ),
            format!(
                "{at} holds the demonstration of this seed and scale already; nothing was changed. open it with qibang serve --dir {at}, or choose another --dir for a new one"
            ),
        ),
        false => Fail::new(
            format!(
                "“{at}”已在使用,演示会混入其中的数据和账号,没有改动。请用 --dir 指定一个新目录"
            ),
            format!(
                "{at} is in use; the demonstration would mix with its data and accounts, nothing was changed. choose a new directory with --dir"
            ),
        ),
    })
}

/// Says where everything is; passwords are shown here once and stored nowhere.
fn print(global: &Global, store: &Store, accounts: &[DemoAccount]) {
    let dir = &store.place().dir;
    let database =
        if store.place().postgres.is_some() { "PostgreSQL".into() } else { dir.database() };
    let places = [
        (Text::fixed("原始文件", "raw files"), dir.raw()),
        (Text::fixed("数据库", "database"), database),
        (Text::fixed("快照", "snapshots"), dir.snapshots()),
        (Text::fixed("报告", "reports"), dir.reports()),
    ];
    for (what, path) in places {
        output::line(format!("{:<24} {}", output::said(global, &what), path.display()));
    }
    for account in accounts {
        let role = output::said(global, &account.role.label());
        output::line(format!(
            "{:<10} {}  {role} · {}",
            account.login, account.password, account.area_name
        ));
    }
}
