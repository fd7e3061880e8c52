//! The words of the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use qb_base::Date;
use qb_report::DocumentNo;
use qb_store::{KnownOn, NoKnownOn};
use qb_web::{Forwarding, Network};

/// 齐帮: from raw files to a report that proves each figure.
#[derive(Debug, Parser)]
#[command(name = "qibang", version, about, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Global {
    /// Data directory.
    #[arg(long, global = true, default_value = "./qibang-data", value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// PostgreSQL address without a password (or QIBANG_DATABASE); without it the store is SQLite
    /// inside the data directory.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// File whose first line is the database's password; PGPASSFILE and PGPASSWORD serve as well.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) database_password_file: Option<PathBuf>,
    /// A second file for the anchor of the audit chain, best on another machine's disk (or
    /// QIBANG_ANCHOR_COPY).
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) anchor_copy: Option<PathBuf>,
    /// Policy pack: one that came with the program, or a folder.
    #[arg(long, global = true, default_value = "xuzhou-2016", value_name = "PACK")]
    pub(crate) pack: String,
    /// Print one JSON document on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of messages and reports (zh or en); both where it is not given.
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<String>,
    /// No progress on standard error.
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Working memory of queries, such as 2GiB or 512MiB; a third of the machine's if not given.
    #[arg(long, global = true, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory: Option<usize>,
    /// Longest time of one query of the pack, in seconds.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) query_seconds: Option<u64>,
}

/// A day as people write it.
fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "写成如 2017-03-31 的日期 / write a date such as 2017-03-31".to_owned())
}

/// The day a question is about, and what it may know.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub(crate) struct AsOf {
    /// The day on which it shall be true (2016-12-31); the office's day unless given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// As far as the office knew it at the end of this day, or at an instant (2017-03-31T08:30, in
    /// China); all that is known now unless given.
    #[arg(long, value_name = "DATE|INSTANT", value_parser = knowing)]
    pub(crate) known_on: Option<KnownOn>,
}

fn knowing(text: &str) -> Result<KnownOn, String> {
    text.parse().map_err(|NoKnownOn| format!("{} / {}", NoKnownOn::TEXT.zh, NoKnownOn::TEXT.en))
}

/// What a question is about: a day, or a run that was made.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub(crate) struct About {
    #[command(flatten)]
    pub(crate) on: AsOf,
    /// Of this run, with the pack it was made with, whatever was edited since.
    #[arg(long, value_name = "N", conflicts_with_all = ["as_of", "known_on"])]
    pub(crate) run: Option<i64>,
}

/// The day at which a demonstration is fixed.
#[derive(Clone, Copy, Debug, Default, ClapArgs)]
pub(crate) struct FixedDay {
    /// Fix the office's day of a new data directory, for a demonstration; `qibang today` moves it.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) today: Option<Date>,
}

/// A size in bytes, in one of the units people write it in.
fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(0),
        "k" | "kib" => Some(10),
        "m" | "mib" => Some(20),
        "g" | "gib" => Some(30),
        _ => None,
    };
    let size = number.parse::<usize>().ok().zip(shift);
    let size = size.and_then(|(number, shift)| number.checked_mul(1 << shift));
    size.filter(|size| *size > 0).ok_or_else(|| {
        "写成如 2GiB、512MiB 的大小 / write a size such as 2GiB or 512MiB".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_size_is_read_in_the_units_people_write() {
        assert_eq!(bytes("2GiB"), Ok(2 << 30));
        assert_eq!(bytes("512 MiB"), Ok(512 << 20));
        assert_eq!(bytes("4096"), Ok(4096));
        for wrong in ["", "GiB", "2TiB", "-1", "1.5GiB", "0", "99999999999999999999"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read an old workbook from standard input; for the program itself.
    #[command(hide = true)]
    ReadWorkbook {
        /// The sheet whose rows are wanted.
        sheet: Option<usize>,
    },
    /// Make the synthetic city, import it, compute, write the report, and serve it.
    Demo(Demo),
    /// The synthetic city.
    #[command(subcommand)]
    City(City),
    /// Import files or folders.
    Import(Import),
    /// What newer rosters say otherwise than the register.
    #[command(subcommand)]
    Event(Event),
    /// Rules over the register.
    #[command(subcommand)]
    Target(Target),
    /// Say why a household is judged as it is (its id or its number).
    Explain {
        /// Household id or household number.
        household: String,
        /// As this run judged it; as the newest does unless given.
        #[arg(long, value_name = "N")]
        run: Option<i64>,
    },
    /// What is stored, with its history: of a household, a row of a list, a village's ledger.
    #[command(subcommand)]
    Show(Show),
    /// Every named set with how many of it nothing reaches.
    Coverage(About),
    /// Years whose books are closed.
    #[command(subcommand)]
    Period(Period),
    /// Other names of villages and towns, and which merged into which.
    #[command(subcommand)]
    Area(Area),
    /// The office's day: the real one, or where a demonstration stands.
    Today {
        /// Move a demonstration forward to this day.
        #[arg(value_name = "DATE", value_parser = day)]
        day: Option<Date>,
    },
    /// Cases: what happened to a household, village or project step by step, and what is due.
    #[command(subcommand)]
    Case(Case),
    /// The ledger of public money.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Who helps whom.
    #[command(subcommand)]
    Pair(Pair),
    /// What a person is due from each payer.
    #[command(subcommand)]
    Benefit(Benefit),
    /// The measures a household's circumstances speak for, with why (its id or its number).
    Suggest {
        /// Household id or household number.
        household: String,
    },
    /// Scores of the year's work.
    #[command(subcommand)]
    Assess(Assess),
    /// Policy packs.
    #[command(subcommand)]
    Policy(Policy),
    /// Reports.
    #[command(subcommand)]
    Report(Report),
    /// The audit chain.
    #[command(subcommand)]
    Audit(Audit),
    /// The master key of the installation.
    #[command(subcommand)]
    Key(Key),
    /// Digest of everything the register holds, for comparing two installations.
    Digest,
    /// Users of the web pages.
    #[command(subcommand)]
    User(User),
    /// Serve the web pages.
    Serve(Serve),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) size: Size,
    #[command(flatten)]
    pub(crate) fixed: FixedDay,
    /// Stop before serving.
    #[arg(long)]
    pub(crate) no_serve: bool,
    #[command(flatten)]
    pub(crate) serve: Serve,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Size {
    /// Share of the full city, such as 0.1.
    #[arg(long, default_value = "1", value_name = "S")]
    pub(crate) scale: String,
    /// Seed of the city; the same seed gives the same files.
    #[arg(long, default_value_t = 2016, value_name = "N")]
    pub(crate) seed: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum City {
    /// Write the raw files that counties and departments would hand over, faults included.
    Generate {
        /// Folder for the raw files.
        #[arg(long, value_name = "RAW")]
        out: PathBuf,
        #[command(flatten)]
        size: Size,
        #[command(flatten)]
        fixed: FixedDay,
    },
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Import {
    /// What a second person does with lists that wait.
    #[command(subcommand)]
    pub(crate) second: Option<Second>,
    /// Files, or folders that are read with everything below them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) by: By,
    #[command(flatten)]
    pub(crate) fixed: FixedDay,
    /// Only say what was recognised; store nothing.
    #[arg(long)]
    pub(crate) preview: bool,
    /// Write a workbook of the faults that can be corrected and imported back.
    #[arg(long, value_name = "XLSX")]
    pub(crate) fault_workbook: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Second {
    /// Confirm the lists of a batch that wait: they count from then on.
    Confirm {
        /// Number of the import that waits.
        batch: i64,
        #[command(flatten)]
        by: By,
    },
    /// Let go of the lists of a batch that wait.
    Discard {
        /// Number of the import that waits.
        batch: i64,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Say what waits, and for whom.
    Waiting,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Show {
    /// A household with its members, who left, statements, versions and events; names masked.
    Household {
        /// Its number, or its id.
        household: String,
    },
    /// A row of a list with every version; without a key the rows that stand, as many as `--limit`.
    Record {
        /// The list, by its id in the pack.
        dataset: String,
        /// The key of the row: the values of its key columns, joined by a bar.
        key: Option<String>,
        /// How many rows at most.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: i64,
    },
    /// Every ledger that a village handed in.
    Ledger {
        /// The village, by its code.
        village: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Event {
    /// List events of households, the newest first.
    List {
        /// Only in this state: proposed, applied, rejected, undone.
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: i64,
    },
    /// State what happened to a household: it waits for whom the pack names, or applies at once.
    State(Box<Statement>),
    /// What was proposed happened: the register follows it.
    Accept(Decision),
    /// What was proposed did not happen.
    Reject(Decision),
    /// Take back what applied; the spells before it hold again.
    Undo(Decision),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Statement {
    /// What happened, in the word of the pack's `events.toml`, such as `birth`.
    pub(crate) kind: String,
    /// The household, by its number.
    #[arg(long)]
    pub(crate) household: String,
    /// The member, by the person's number.
    #[arg(long)]
    pub(crate) person: Option<String>,
    /// The village it moves to, or where a new household lives, by its code.
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// Of a household that splits or joins another: a member who goes, by the person's number, and
    /// its relation to the head there by its code or label; without one it is unknown. As often as
    /// needed.
    #[arg(long = "goes", value_name = "NUMBER[=RELATION]")]
    pub(crate) goes: Vec<String>,
    /// Of a household that splits: a member who stays, and its relation to the head then; who is
    /// not named stays as it is.
    #[arg(long = "stays", value_name = "NUMBER=RELATION")]
    pub(crate) stays: Vec<String>,
    /// The day on which it happened (YYYY-MM-DD).
    #[arg(long)]
    pub(crate) on: String,
    /// What is stated, as COLUMN=VALUE by a column of the register's file; as often as needed.
    /// Others on the machine may see the words of a command: names and numbers go into a file.
    #[arg(long = "set", value_name = "COLUMN=VALUE")]
    pub(crate) set: Vec<String>,
    /// A file with more of it, one COLUMN=VALUE a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The paper that shows it, by its number.
    #[arg(long, default_value = "")]
    pub(crate) paper: String,
    /// Why it is stated.
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Decision {
    /// Number of the event.
    pub(crate) event: i64,
    /// Why.
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Target {
    /// Take a snapshot and evaluate every rule on it, with both evaluators.
    Run(AsOf),
    /// List the runs.
    List,
    /// Evaluate an earlier run again and compare its digest.
    Replay {
        /// Number of the run.
        run: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// List cases, the nearest deadline first.
    List(CaseFilter),
    /// Show one case with its steps and what may follow.
    Show {
        /// Number of the case.
        case: i64,
    },
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct CaseFilter {
    /// Only of this process, such as exit.
    #[arg(long, value_name = "ID")]
    pub(crate) machine: Option<String>,
    /// Only in this state, such as NOTICE.
    #[arg(long, value_name = "ID")]
    pub(crate) state: Option<String>,
    /// Only on this household, village or project.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) subject: Option<String>,
    /// Only in this area.
    #[arg(long, value_name = "CODE")]
    pub(crate) area: Option<String>,
    /// Only past their deadline.
    #[arg(long)]
    pub(crate) overdue: bool,
    /// Only with a step that broke a rule.
    #[arg(long)]
    pub(crate) irregular: bool,
    /// Only those in which something is to be done.
    #[arg(long)]
    pub(crate) running: bool,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: i64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Period {
    /// Years that were closed at some time, with how they stand.
    List,
    /// Close a year that is over: what belongs to it and comes later is booked in the open year.
    Close(PeriodAct),
    /// Ask for a closed year to be opened again, or agree to it as the second person.
    Reopen(PeriodAct),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct PeriodAct {
    /// The year.
    pub(crate) year: i16,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Area {
    /// Areas that ended, other names, and mergers with how far they are.
    List {
        /// Of this area only, by its code.
        #[arg(long, value_name = "CODE")]
        area: Option<String>,
    },
    /// Say that files call an area by another name.
    Alias(AreaName),
    /// Say that files do not call an area so any more.
    AliasEnd(AreaAct),
    /// State that villages or towns end and another goes on, or that a code changed; a second
    /// person confirms it.
    Merge(AreaMerge),
    /// Confirm as the second person that areas merge: households live in the successor from the
    /// day on.
    Confirm {
        /// Number of the merger.
        id: i64,
        /// Why, if there is anything to say beside the paper.
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Undo a merger as long as nothing newer rests on it, or take back one that waits.
    Undo(AreaAct),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AreaName {
    /// The name as files write it.
    pub(crate) name: String,
    /// The area meant, by its code.
    #[arg(long, value_name = "CODE")]
    pub(crate) means: String,
    /// The area above, below which files use the name; the one above the area meant unless given.
    #[arg(long, value_name = "CODE")]
    pub(crate) under: Option<String>,
    /// The paper, or why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AreaMerge {
    /// The villages or towns that end, by their codes.
    #[arg(required = true, value_name = "CODE")]
    pub(crate) areas: Vec<String>,
    /// The one that goes on, by its code.
    #[arg(long, value_name = "CODE")]
    pub(crate) into: String,
    /// The first day on which they are one.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) on: Date,
    /// The paper that says so, by its number.
    #[arg(long, value_name = "TEXT")]
    pub(crate) paper: String,
    /// What else there is to say.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AreaAct {
    /// Its number.
    pub(crate) id: i64,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    /// Post what the lists hold and is not posted yet; say what was refused and why.
    Apply,
    /// Verify every entry and balance; exit code 1 and the places when the ledger is broken.
    Verify,
    /// Follow money up to its budget and down to project and household.
    Thread {
        /// Number of a budget, allocation, payment, project or household, or an account's code.
        reference: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Pair {
    /// Propose a unit for each designated village without one; nothing is written.
    Propose,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Benefit {
    /// Every step of a person's claims and aids of a year, beside what was paid.
    Slip {
        /// Person id or person number.
        person: String,
        /// The year; that of the newest run unless given.
        #[arg(long, value_name = "Y")]
        year: Option<i16>,
    },
}

/// Who works, for commands that ask for a person.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct By {
    /// Login of the person who does this; the password is asked for without showing it.
    #[arg(long, value_name = "LOGIN")]
    pub(crate) by: Option<String>,
    /// Read the password from the first line of this file.
    #[arg(long, value_name = "FILE", requires = "by")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Assess {
    /// Score and keep nothing.
    Score {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        on: AsOf,
    },
    /// Score and keep values and results, so that appeals can be made.
    Freeze {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        by: By,
    },
    /// Confirm a frozen score once its appeals are answered; not by whoever scored.
    Confirm {
        /// Number of the score.
        score: i64,
        #[command(flatten)]
        by: By,
    },
    /// Publish a confirmed score.
    Publish {
        /// Number of the score.
        score: i64,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Which {
    /// The year; that of the day unless given.
    #[arg(long, value_name = "Y")]
    pub(crate) year: Option<i16>,
    /// The scheme; the one that scores the year's data unless given.
    #[arg(long, value_name = "ID")]
    pub(crate) scheme: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Parse, type and run every case of a pack.
    Check {
        /// A pack that came with the program, or a folder.
        pack: String,
    },
    /// What differs between two packs.
    Diff {
        /// The older pack.
        old: String,
        /// The newer pack.
        new: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Write the annual report as JSON, PDF, DOCX and XLSX.
    Annual(Annual),
    /// Every published figure with what the rows say.
    Figures(About),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Annual {
    #[command(flatten)]
    pub(crate) about: About,
    /// The number under which the office issues the report, such as 徐扶办〔2017〕3号; without it the
    /// front says that it is to be numbered.
    #[arg(long, value_name = "TEXT", value_parser = document_no)]
    pub(crate) document_no: Option<DocumentNo>,
}

/// The number of a document.
fn document_no(text: &str) -> Result<DocumentNo, String> {
    DocumentNo::parse(text).map_err(|wrong| wrong.to_string())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Verify the chain and what it covers; exit code 1 and the place when it is broken.
    Verify {
        /// Compare with the anchor in this file instead, such as a copy kept elsewhere.
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
    },
    /// The anchor outside the database that the chain is compared with.
    Anchor(AcceptAnchor),
    /// Rows of the chain, newest first.
    List(AuditList),
    /// Who looked at a household and its members, newest first.
    Readers {
        /// Number of the household.
        household: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AuditList {
    /// Only of this actor, such as user:12, operator or server.
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Only this action, such as id.reveal, record.export or page.refused.
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// Only on this object, whole.
    #[arg(long)]
    pub(crate) object: Option<String>,
    /// From this day on (2016-12-31, in China).
    #[arg(long)]
    pub(crate) since: Option<String>,
    /// Before this day.
    #[arg(long)]
    pub(crate) until: Option<String>,
    /// Only rows before this one, to go on where a list ended.
    #[arg(long)]
    pub(crate) before: Option<i64>,
    /// Rows at most.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: i64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AcceptAnchor {
    /// Take the chain as it stands for the right one and write its anchors anew; two
    /// administrators answer for it.
    #[arg(long, required = true)]
    pub(crate) accept: bool,
    /// Login of the first administrator.
    #[arg(long, value_name = "LOGIN")]
    pub(crate) by: String,
    /// Login of the second administrator.
    #[arg(long, value_name = "LOGIN")]
    pub(crate) and: String,
    /// File whose first line is the first one's password.
    #[arg(long, value_name = "FILE")]
    pub(crate) by_password_file: PathBuf,
    /// File whose first line is the second one's password.
    #[arg(long, value_name = "FILE")]
    pub(crate) and_password_file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Say whether the store can be read with its key, or whether a file holds a copy of it.
    Check {
        /// A copy of the key.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Copy the key into a new file that only its owner can read.
    Backup {
        /// The new file; keep it apart from the copies of the data.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a user and print a generated password once.
    Add(AddUser),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AddUser {
    /// Name to sign in with.
    pub(crate) login: String,
    /// Role code, such as COUNTY_OFFICER; an unknown one is answered with all there are.
    #[arg(long)]
    pub(crate) role: String,
    /// Area code, such as 320381.
    #[arg(long)]
    pub(crate) area: String,
    /// The number of the household or helper the account stands for.
    #[arg(long, value_name = "NO")]
    pub(crate) subject: Option<String>,
    /// Give an existing account of this role and area a new password; its sessions end.
    #[arg(long)]
    pub(crate) renew_password: bool,
    /// Let the account go on with the printed password: it is not asked for one of its own first.
    #[arg(long)]
    pub(crate) no_first_change: bool,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Port on the loopback address.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Address or network of a proxy whose word about the reader's address counts; may be repeated.
    #[arg(long, value_name = "ADDR")]
    pub(crate) trusted_proxy: Vec<Network>,
    /// Header in which it says it: x-forwarded-for or forwarded.
    #[arg(long, default_value = "x-forwarded-for", value_name = "HEADER")]
    pub(crate) forwarded_header: Forwarding,
    /// All readers come through TLS: cookies are bound to it, and browsers told to keep to it.
    #[arg(long)]
    pub(crate) behind_tls: bool,
    /// Megabytes of files an account may have handed in and not imported.
    #[arg(long, default_value_t = 2048, value_name = "MB")]
    pub(crate) upload_quota_mb: u64,
    /// The same for all accounts of one area together.
    #[arg(long, default_value_t = 4096, value_name = "MB")]
    pub(crate) upload_quota_area_mb: u64,
}
