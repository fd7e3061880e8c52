//! The subcommands. Each opens what it needs, calls one link, and prints what came out.

mod area;
mod assess;
mod audit;
mod audit_list;
mod benefit;
mod case;
mod city;
mod coverage;
mod demo;
mod event;
mod import;
mod key;
mod ledger;
mod period;
mod place;
mod policy;
mod report;
mod serve;
mod show;
mod target;
mod today;
mod upkeep;

use std::process::ExitCode;

use qb_intake::read::child;
use qb_policy::{Pack, PackSource};
use qb_registry::events::Step;
use qb_store::Store;

use crate::args::{
    Args, Assess, Audit, Benefit, Case, City, Command, Event, Global, Key, Ledger, Pair, Policy,
    Report, Show, Target, User,
};
use crate::fail::Fail;

pub(crate) fn run(args: &Args) -> Result<ExitCode, Fail> {
    let global = &args.global;
    qb_engine::limit(qb_engine::Limits {
        memory_bytes: global.memory,
        query_time: global.query_seconds.map(std::time::Duration::from_secs),
    });
    if let Ok(program) = std::env::current_exe() {
        let words = vec!["read-workbook".to_owned()];
        child::read_old_workbooks_with(child::Reader { program, words });
    }
    match &args.command {
        Command::ReadWorkbook { sheet } => {
            child::serve(*sheet)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(words) => demo::run(global, words),
        Command::City(City::Generate { out, size, fixed }) => {
            city::generate(global, out, size, *fixed)
        }
        Command::Import(words) => import::run(global, words),
        Command::Event(Event::List { state, limit }) => {
            event::list(global, state.as_deref(), *limit)
        }
        Command::Show(Show::Household { household }) => show::household(global, household),
        Command::Show(Show::Record { dataset, key, limit }) => {
            show::record(global, dataset, (key.as_deref(), *limit))
        }
        Command::Show(Show::Ledger { village }) => show::ledger(global, village),
        Command::Event(Event::State(words)) => event::state(global, words),
        Command::Event(Event::Accept(words)) => event::take(global, words, Step::Accept),
        Command::Event(Event::Reject(words)) => event::take(global, words, Step::Reject),
        Command::Event(Event::Undo(words)) => event::take(global, words, Step::Undo),
        Command::Target(Target::Run(on)) => target::run(global, *on),
        Command::Target(Target::List) => target::list(global),
        Command::Target(Target::Replay { run }) => target::replay(global, *run),
        Command::Explain { household, run } => target::explain(global, household, *run),
        Command::Coverage(on) => coverage::show(global, *on),
        Command::Area(words) => area::run(global, words),
        Command::Period(words) => period::run(global, words),
        Command::Today { day } => today::run(global, *day),
        Command::Case(Case::List(words)) => case::list(global, words),
        Command::Case(Case::Show { case }) => case::show(global, *case),
        Command::Ledger(Ledger::Apply) => ledger::apply(global),
        Command::Ledger(Ledger::Verify) => ledger::verify(global),
        Command::Ledger(Ledger::Thread { reference }) => ledger::thread(global, reference),
        Command::Pair(Pair::Propose) => ledger::propose(global),
        Command::Benefit(Benefit::Slip { person, year }) => benefit::slip(global, person, *year),
        Command::Suggest { household } => benefit::suggest(global, household),
        Command::Assess(Assess::Score { which, on }) => assess::score(global, which, *on),
        Command::Assess(Assess::Freeze { which, by }) => assess::freeze(global, which, by),
        Command::Assess(Assess::Confirm { score, by }) => assess::confirm(global, *score, by),
        Command::Assess(Assess::Publish { score, by }) => assess::publish(global, *score, by),
        Command::Policy(Policy::Check { pack }) => policy::check(global, pack),
        Command::Policy(Policy::Diff { old, new }) => policy::diff(global, old, new),
        Command::Report(Report::Annual(asked)) => report::annual(global, asked),
        Command::Report(Report::Figures(on)) => report::figures(global, *on),
        Command::Audit(Audit::Verify { anchor }) => audit::verify(global, anchor.as_deref()),
        Command::Audit(Audit::Anchor(words)) => audit::accept(global, words),
        Command::Audit(Audit::List(asked)) => audit_list::list(global, asked),
        Command::Audit(Audit::Readers { household }) => audit_list::readers(global, household),
        Command::Key(Key::Check { file }) => key::check(global, file.as_deref()),
        Command::Key(Key::Backup { out }) => key::backup(global, out),
        Command::Digest => upkeep::digest(global),
        Command::User(User::Add(words)) => upkeep::user_add(global, words),
        Command::Serve(words) => serve::run(global, words),
    }
}

/// Loads the policy pack that was asked for.
pub(crate) fn pack(global: &Global) -> Result<Pack, Fail> {
    Ok(Pack::load(PackSource::from_argument(&global.pack))?)
}

/// Opens the installation, with the areas of the pack in it.
pub(crate) fn store(global: &Global, pack: &Pack) -> Result<Store, Fail> {
    let store = place::open(global)?;
    if store.trouble()?.is_none() {
        qb_registry::areas::load(&store, pack, place::actor())?;
    }
    Ok(store)
}
