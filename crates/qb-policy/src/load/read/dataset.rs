//! From raw shapes to datasets, views and coverages.

use toml::Spanned;

use crate::load::raw::{RawCoverage, RawDataset, RawDatasetCase, RawRoles, RawStep, RawView};
use crate::load::read::Reader;
use crate::pack::dataset::{CaseStep, Cited, Dataset, DatasetCase, Entry, Role, Spell};
use crate::pack::view::{Coverage, Keys, Opens, View};

impl Reader<'_> {
    pub(crate) fn dataset(&mut self, raw: RawDataset) -> Dataset {
        let mut cited = Vec::new();
        if raw.key.as_ref().is_empty() {
            self.fault(
                &raw.key.span(),
                "“key”是空的：请写明区分各行的列",
                "`key` is empty: name the columns that tell the rows apart",
            );
        }
        let key = raw.key.into_inner();
        let key = key.iter().map(|column| self.cite(column, Role::Key, &mut cited)).collect();
        let entry = raw.entry.map(|entry| Entry {
            at: self.at(&entry.roles.span()),
            roles: entry.roles.into_inner(),
            numbered: entry.numbered.map(|column| self.cite(&column, Role::Number, &mut cited)),
            own: entry.own.map(|column| self.cite(&column, Role::Words, &mut cited)),
            columns: entry.columns.map(|columns| {
                columns.iter().map(|column| self.cite(column, Role::Any, &mut cited)).collect()
            }),
        });
        let cites = raw.cites_anywhere.iter();
        let cites_anywhere =
            cites.map(|column| self.cite(column, Role::Cites, &mut cited)).collect();
        let spell = raw.spell.map(|spell| Spell {
            from: self.cite(&spell.from, Role::Day, &mut cited),
            to: self.cite(&spell.to, Role::Day, &mut cited),
        });
        let case = raw.case.map(|case| self.dataset_case(case, &mut cited));
        let effective = self.effective(raw.effective_from.as_ref(), raw.effective_until.as_ref());
        Dataset {
            effective,
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            title: raw.title,
            source: raw.source,
            readers: raw.readers,
            room: raw.room,
            senders: raw.sender.into_iter().flat_map(RawRoles::into_codes).collect(),
            confirmers: self.confirmers(raw.confirmed_by),
            entry,
            key,
            // Known once every list is.
            attaches: Vec::new(),
            cites_anywhere,
            spell,
            case,
            columns: raw.column.into_iter().filter_map(|column| self.column(column)).collect(),
            cited,
        }
    }

    /// Who confirms a list that decides; a list that nobody could confirm would wait for ever.
    fn confirmers(&mut self, raw: Option<Spanned<RawRoles>>) -> Vec<String> {
        let Some(raw) = raw else { return Vec::new() };
        let span = raw.span();
        let codes = raw.into_inner().into_codes();
        if codes.is_empty() {
            self.fault(
                &span,
                "“confirmed_by”是空的：请写由哪些角色的第二人确认，或删去这一行",
                "`confirmed_by` is empty: name the roles of those who confirm, or leave it out",
            );
        }
        codes
    }

    fn cite(&mut self, column: &Spanned<String>, role: Role, cited: &mut Vec<Cited>) -> String {
        let id = column.as_ref().clone();
        let at = self.at(&column.span());
        cited.push(Cited { column: id.clone(), at, role, of_parts: false });
        id
    }

    fn dataset_case(&mut self, raw: RawDatasetCase, cited: &mut Vec<Cited>) -> DatasetCase {
        DatasetCase {
            at: self.at(&raw.machine.span()),
            machine: raw.machine.into_inner(),
            subject: raw.subject,
            parts: raw.parts.map(Spanned::into_inner),
            steps: raw
                .step
                .into_iter()
                .map(|step| self.case_step(step, (&raw.by, &raw.paper), cited))
                .collect(),
        }
    }

    fn case_step(
        &mut self,
        raw: RawStep,
        (by, paper): (&Option<Spanned<String>>, &Option<Spanned<String>>),
        cited: &mut Vec<Cited>,
    ) -> CaseStep {
        let first = cited.len();
        let by = raw.by.or_else(|| by.clone());
        let paper = raw.paper.or_else(|| paper.clone()).or_else(|| raw.document.clone());
        if by.is_none() || paper.is_none() {
            self.fault(
                &raw.transition.span(),
                "没有写明谁办理、材料在哪里：请在[case]或这一步写“by”（经办人列）和“paper”（案卷号列）",
                "nothing says who took the step and where its papers are: name the columns as `by` \
                 and `paper`, for the case or for the step",
            );
        }
        let of_parts = raw.part.is_some();
        let mut cite = |column: Option<Spanned<String>>, role| {
            column.map(|column| self.cite(&column, role, cited))
        };
        let present = cite(raw.present, Role::Count);
        let entitled = cite(raw.entitled, Role::Count);
        let share = cite(raw.share, Role::Share);
        let until = cite(raw.until, Role::Day);
        let document = cite(raw.document, Role::Words);
        let reason = cite(raw.reason, Role::Words);
        let level = cite(raw.level, Role::Level);
        // What is missing was told above; a blank names no column.
        let mut told = |column| cite(column, Role::Open).unwrap_or_default();
        let (by, paper) = (told(by), told(paper));
        let on = self.cite(&raw.on, Role::Day, cited);
        cited.iter_mut().skip(first).for_each(|one| one.of_parts = of_parts);
        CaseStep {
            on,
            at: self.at(&raw.transition.span()),
            transition: raw.transition.into_inner(),
            part: raw.part,
            present,
            entitled,
            share,
            until,
            document,
            reason,
            level,
            by,
            paper,
        }
    }

    pub(crate) fn view(&mut self, raw: RawView) -> View {
        View {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            says: raw.says,
            query: self.expression(&raw.query),
        }
    }

    pub(crate) fn coverage(&mut self, raw: RawCoverage) -> Coverage {
        if let Some(opens) = raw.opens.as_ref().filter(|_| raw.keys != Keys::Household) {
            self.fault(
                &opens.machine.span(),
                "立案（opens）的名单须以户为键：请写 keys = \"household\"",
                "a list that opens cases has households as keys: write keys = \"household\"",
            );
        }
        Coverage {
            effective_from: raw.effective_from.as_ref().and_then(|from| self.date(from)),
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            says: raw.says,
            set: raw.set,
            keys: raw.keys,
            set_query: self.expression(&raw.set_query),
            covered_query: self.expression(&raw.covered_query),
            opens: raw.opens.map(|opens| Opens {
                at: self.at(&opens.machine.span()),
                machine: opens.machine.into_inner(),
                transition: opens.transition,
            }),
        }
    }
}
