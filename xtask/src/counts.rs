//! Adds up the result lines of many test programs.

/// Tests counted over all test programs of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// Test programs that printed a result line.
    pub(crate) programs: u64,
}

impl Counts {
    /// Takes in one line of output; only `test result: …` lines count.
    pub(crate) fn take(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        self.programs += 1;
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }

    /// The closing line of a run.
    pub(crate) fn closing_line(self) -> String {
        let Counts { passed, failed, ignored, .. } = self;
        if ignored == 0 {
            format!("{passed} passed, {failed} failed")
        } else {
            format!("{passed} passed, {failed} failed, {ignored} skipped")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    const GOOD: &str = "test result: ok. 12 passed; 0 failed; 1 ignored; finished in 0.01s";
    const BAD: &str = "test result: FAILED. 3 passed; 2 failed; 0 ignored; finished in 1.00s";

    #[test]
    fn results_of_several_programs_add_up() {
        let mut counts = Counts::default();
        for line in ["running 13 tests", GOOD, "", BAD, "12 passed; not a result"] {
            counts.take(line);
        }
        assert_eq!(counts, Counts { passed: 15, failed: 2, ignored: 1, programs: 2 });
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_when_there_are_some() {
        let mut counts = Counts::default();
        counts.take(BAD);
        assert_eq!(counts.closing_line(), "3 passed, 2 failed");
        counts.take(GOOD);
        assert_eq!(counts.closing_line(), "15 passed, 2 failed, 1 skipped");
    }
}
