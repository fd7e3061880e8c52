//! Progress of long work on standard error.

use std::collections::HashSet;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Global;

/// A bar that shows what is being worked on, how far it is, and how long it will take.
pub(crate) struct Progress {
    bar: ProgressBar,
    last: String,
    told: HashSet<String>,
    silent: bool,
}

impl Progress {
    pub(crate) fn new(global: &Global) -> Self {
        let silent = global.quiet;
        let bar = ProgressBar::new(0);
        if silent || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = "{msg:32!} {bar:30} {percent:>3}%  {human_pos}/{human_len}  {per_sec}  {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self { bar, last: String::new(), told: HashSet::new(), silent }
    }

    /// Says what is being done, how much is done, of how much.
    pub(crate) fn at(&mut self, what: &str, done: u64, total: u64) {
        if self.last != what {
            what.clone_into(&mut self.last);
            self.bar.set_message(what.to_owned());
            // Without a terminal each step is told once, also where several go on side by side.
            if !self.silent && self.bar.is_hidden() && self.told.insert(what.to_owned()) {
                eprintln!("{what} …");
            }
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
