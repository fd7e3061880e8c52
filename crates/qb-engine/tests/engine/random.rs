//! Random expressions over random rows: both evaluators must agree on every one (a run fails when
//! they do not), and so must the explainer.

use proptest::prelude::*;
use qb_engine::views::Level;
use qb_engine::{ClauseKind, Program, explain_row};

use crate::support::{City, ENGINE, Given, V, clause, rules};

/// Where an expression may read columns.
#[derive(Clone, Copy)]
enum Place {
    Household,
    Member,
}

fn number(place: Place, depth: u32) -> BoxedStrategy<String> {
    let column = match place {
        Place::Household => {
            prop::sample::select(vec!["member_count", "wage_fen", "cost_fen", "exit_year"])
        }
        Place::Member => prop::sample::select(vec![
            "member.age",
            "member.work_months",
            "wage_fen",
            "household.exit_year",
        ]),
    };
    let constant = prop_oneof![
        (-20_i64..20).prop_map(|n| n.to_string()),
        (0_i64..4_000).prop_map(|n| format!("{}.{:02}", n / 100, n % 100))
    ];
    let length = match place {
        Place::Household => "length(household_class)",
        Place::Member => "length(member.health)",
    };
    let (column, length) = (column.prop_map(str::to_owned), Just(length.to_owned()));
    let leaf = prop_oneof![4 => column, 4 => constant, 1 => length];
    if depth == 0 {
        return leaf.boxed();
    }
    let two = (number(place, depth - 1), number(place, depth - 1));
    let operated = (two.clone(), prop::sample::select(vec!["+", "-", "*", "/"]))
        .prop_map(|((a, b), op)| format!("({a} {op} {b})"));
    let called = (two, prop::sample::select(vec!["greatest", "least", "nullif", "coalesce"]))
        .prop_map(|((a, b), f)| format!("{f}({a}, {b})"));
    let case = (truth(place, depth - 1), number(place, depth - 1), number(place, depth - 1))
        .prop_map(|(t, a, b)| format!("case when {t} then {a} else {b} end"));
    let abs = number(place, depth - 1).prop_map(|a| format!("abs(-{a})"));
    let plain = prop_oneof![3 => leaf, 4 => operated, 1 => called, 1 => case, 1 => abs];
    match place {
        Place::Member => plain.boxed(),
        Place::Household => prop_oneof![5 => plain, 2 => aggregate(depth - 1)].boxed(),
    }
}

fn aggregate(depth: u32) -> BoxedStrategy<String> {
    let filter = prop::option::of(truth(Place::Member, depth.min(1)))
        .prop_map(|f| f.map_or(String::new(), |f| format!(" filter (where {f})")));
    let value = (
        prop::sample::select(vec!["sum", "min", "max", "count"]),
        number(Place::Member, depth.min(1)),
    )
        .prop_map(|(f, a)| format!("{f}({a})"));
    (prop_oneof![value, Just("count(*)".to_owned())], filter)
        .prop_map(|(a, f)| format!("{a}{f}"))
        .boxed()
}

fn truth(place: Place, depth: u32) -> BoxedStrategy<String> {
    let column = match place {
        Place::Household => {
            prop::sample::select(vec!["water_safe", "water_short", "dangerous_house"])
        }
        Place::Member => prop::sample::select(vec![
            "member.medical_insured",
            "member.critical_ill_insured",
            "water_safe",
        ]),
    };
    let text = match place {
        Place::Household => "household_class",
        Place::Member => "member.health",
    };
    let low = depth.saturating_sub(1);
    let compared = (
        number(place, low),
        prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]),
        number(place, low),
    )
        .prop_map(|(a, op, b)| format!("{a} {op} {b}"));
    let between = (number(place, low), any::<bool>(), number(place, 0), number(place, 0)).prop_map(
        |(x, not, a, b)| format!("{x} {}between {a} and {b}", if not { "not " } else { "" }),
    );
    let listed = (number(place, low), any::<bool>())
        .prop_map(|(x, not)| format!("{x} {}in (0, 3, 12.5, 2016)", if not { "not " } else { "" }));
    let texts = prop::sample::select(vec![
        "= 'HEALTHY'",
        "<> 'HEALTHY'",
        "in ('CHRONIC', 'HEALTHY')",
        "is null",
        "is not null",
    ])
    .prop_map(move |t| format!("{text} {t}"));
    let begins = prop::sample::select(vec!["", "H", "C_", "C%", "%", "_", "a\\", "\\", "100%"])
        .prop_map(move |prefix| format!("starts_with({text}, '{prefix}')"));
    let day = match place {
        Place::Household => "identified_on",
        Place::Member => "household.identified_on",
    };
    let days = prop::sample::select(vec![
        "= date '2016-03-01'",
        "< date '2016-03-01'",
        "between date '2015-01-01' and date '2016-03-01'",
        "is null",
        "in (date '2016-03-01', date '2016-12-31')",
    ])
    .prop_map(move |test| format!("{day} {test}"));
    let leaf =
        prop_oneof![column.prop_map(str::to_owned), compared, between, listed, texts, begins, days];
    if depth == 0 {
        return leaf.boxed();
    }
    let joined = (
        truth(place, depth - 1),
        prop::sample::select(vec!["and", "or", "="]),
        truth(place, depth - 1),
    )
        .prop_map(|(a, op, b)| format!("(({a}) {op} ({b}))"));
    let tested = (
        truth(place, depth - 1),
        prop::sample::select(vec![
            "is true",
            "is not true",
            "is false",
            "is not false",
            "is unknown",
            "is not null",
        ]),
    )
        .prop_map(|(a, t)| format!("(({a}) {t})"));
    let negated = truth(place, depth - 1).prop_map(|a| format!("not ({a})"));
    let plain = prop_oneof![3 => leaf, 3 => joined, 1 => tested, 1 => negated];
    match place {
        Place::Member => plain.boxed(),
        Place::Household => {
            let over = (
                prop::sample::select(vec!["every", "any", "bool_and", "bool_or"]),
                truth(Place::Member, depth.min(1)),
            )
                .prop_map(|(f, a)| format!("{f}({a})"));
            prop_oneof![5 => plain, 1 => over].boxed()
        }
    }
}

fn given(columns: Vec<(&'static str, BoxedStrategy<V>)>) -> BoxedStrategy<Given> {
    let columns: Vec<_> = columns
        .into_iter()
        .map(|(name, value)| {
            prop::option::weighted(0.75, value.prop_map(move |value| (name, value)))
        })
        .collect();
    columns.prop_map(|row| row.into_iter().flatten().collect()).boxed()
}

fn int(range: std::ops::RangeInclusive<i64>) -> BoxedStrategy<V> {
    range.prop_map(V::I).boxed()
}

fn boolean() -> BoxedStrategy<V> {
    any::<bool>().prop_map(V::B).boxed()
}

fn code() -> BoxedStrategy<V> {
    let texts = vec!["HEALTHY", "CHRONIC", "", "C_RONIC", "C%RONIC", "100%", "a\\b", "残疾"];
    prop::sample::select(texts).prop_map(V::T).boxed()
}

fn city() -> BoxedStrategy<City> {
    let money = || prop_oneof![int(-20..=20), int(-1_000_000_000_000..=1_000_000_000_000)].boxed();
    let home = given(vec![
        ("member_count", int(0..=12)),
        ("wage_fen", money()),
        ("cost_fen", money()),
        ("exit_year", int(2014..=2018)),
        ("water_safe", boolean()),
        ("water_short", boolean()),
        ("dangerous_house", boolean()),
        ("household_class", code()),
        (
            "identified_on",
            prop::sample::select(vec![16_861, 16_861, 17_166, 0]).prop_map(V::D).boxed(),
        ),
    ]);
    let member = given(vec![
        ("age", int(0..=99)),
        ("work_months", int(0..=12)),
        ("medical_insured", boolean()),
        ("critical_ill_insured", boolean()),
        ("health", code()),
    ]);
    let homes = prop::collection::vec((home, prop::collection::vec(member, 0..5)), 0..12);
    prop::collection::vec((Just(vec![]), homes), 1..3)
        .prop_map(|villages| City { villages })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Expressions that could leave 38 digits do not compile and are left out; everything that
    /// compiles must run.
    #[test]
    fn both_evaluators_agree_on_whatever_compiles(
        city in city(),
        truths in prop::collection::vec(truth(Place::Household, 3), 6),
        numbers in prop::collection::vec(number(Place::Household, 3), 6),
    ) {
        let verdicts = truths.iter().enumerate().map(|(at, text)| {
            clause(&format!("t{at}"), Level::Household, ClauseKind::Verdict, text)
        });
        let values = numbers.iter().enumerate().map(|(at, text)| {
            clause(&format!("n{at}"), Level::Household, ClauseKind::Value, text)
        });
        let all = values.chain(verdicts);
        let compiling: Vec<_> = all
            .filter(|clause| Program::compile(&rules(vec![clause.clone()])).1.is_empty())
            .collect();
        let ran = ENGINE.evaluate_frame(city.frame(), &rules(compiling));
        let ran = ran.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for row in 0..ran.frame().rows(Level::Household) {
            let explained = explain_row(ran.program(), ran.frame(), Level::Household, row).unwrap();
            for clause in explained.clauses {
                let column = ran.column(&clause.id).unwrap();
                prop_assert_eq!(&clause.result, &column.value(row), "row {}, {}", row, clause.id);
            }
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,60}") {
        Program::compile(&rules(vec![clause("it", Level::Household, ClauseKind::Verdict, &text)]));
    }

    #[test]
    fn arbitrary_words_of_the_language_never_panic(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..14),
    ) {
        let text = words.join(" ");
        Program::compile(&rules(vec![clause("it", Level::Household, ClauseKind::Verdict, &text)]));
    }
}

/// Words of the language and of the views.
const WORDS: [&str; 36] = [
    "(",
    ")",
    "and",
    "or",
    "not",
    "case",
    "when",
    "then",
    "else",
    "end",
    "null",
    "is",
    "in",
    "between",
    "sum",
    "count",
    "*",
    "/",
    "+",
    "-",
    "=",
    "<",
    "member.age",
    "wage_fen",
    "water_safe",
    "1",
    "0.5",
    "'x'",
    "date",
    "'2016-01-01'",
    "clause",
    "param",
    "filter",
    "where",
    "any",
    "every",
];
