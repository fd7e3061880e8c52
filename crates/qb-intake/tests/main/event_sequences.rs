//! Whatever rosters come one after the other: one head, nobody in two households, and what was
//! known on a day stays what it was.

use proptest::prelude::*;
use qb_access::Scope;
use qb_intake::events::{self, Decider, EventState, Step, Wanted};
use qb_intake::import;
use qb_policy::Pack;
use qb_store::testing::{TestStore, scratch_dir};
use qb_store::{Store, StoreError};

use crate::files::{self, MEMBER_COUNT, RELATION, Row, VILLAGE, csv, person};

/// Members a household of these rosters may have.
const MEMBERS: u32 = 4;
const HOUSEHOLDS: u32 = 2;

/// One household as a roster states it: its village, who of its members are named, and which of
/// them is head.
#[derive(Clone, Debug)]
struct Stated {
    other_village: bool,
    named: Vec<u32>,
    head: usize,
}

/// What happens to the register.
#[derive(Clone, Debug)]
enum Turn {
    /// A roster of both households.
    Roster(Vec<Stated>),
    /// Somebody decides about one of the events.
    Decide(u8, usize),
}

fn stated() -> impl Strategy<Value = Stated> {
    let members: Vec<u32> = (0..MEMBERS).collect();
    let named = proptest::sample::subsequence(members, 1..=MEMBERS as usize);
    (any::<bool>(), named, 0..MEMBERS as usize).prop_map(|(other_village, named, head)| Stated {
        other_village,
        named,
        head,
    })
}

fn turn() -> impl Strategy<Value = Turn> {
    let rosters = prop::collection::vec(stated(), HOUSEHOLDS as usize).prop_map(Turn::Roster);
    let decisions = (0_u8..3, 0_usize..8).prop_map(|(how, at)| Turn::Decide(how, at));
    prop_oneof![3 => rosters, 2 => decisions]
}

fn rows(roster: &[Stated]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (household, stated) in (1..).zip(roster) {
        let head = stated.head % stated.named.len();
        for (at, member) in stated.named.iter().enumerate() {
            let mut row = person(household, *member, 0);
            row[MEMBER_COUNT] = stated.named.len().to_string();
            row[RELATION] = if at == head { "户主" } else { "其他" }.into();
            if stated.other_village {
                row[VILLAGE] = "兴国村委会".into();
            }
            rows.push(row);
        }
    }
    rows
}

fn texts(store: &Store, sql: &'static str, at: Option<i64>) -> Vec<String> {
    let values: Vec<qb_store::Value<'_>> = at.map(Into::into).into_iter().collect();
    store.read::<_, StoreError>(|conn| conn.query(sql, &values, |row| row.text(0))).unwrap()
}

/// Places and memberships as they were known at an instant.
fn known_at(store: &Store, instant: i64) -> Vec<String> {
    let sql = "select 'm ' || cast(id as text) || ' ' || cast(household_id as text) || ' ' || \
        coalesce(relation, '-') || ' ' || member_from || ' -' from person \
        where household_id is not null and member_recorded_at <= $1 \
        union all select 'm ' || cast(person_id as text) || ' ' || cast(household_id as text) \
        || ' ' || coalesce(relation, '-') || ' ' || valid_from || ' ' || coalesce(valid_to, '-') \
        from membership_history where recorded_at <= $1 \
        and (superseded_at is null or superseded_at > $1) \
        union all select 'h ' || cast(id as text) || ' ' || area_code from household \
        where recorded_at <= $1 union all select 'h ' || cast(id as text) || ' ' || area_code \
        from household_history where recorded_at <= $1 and superseded_at > $1 \
        union all select 'p ' || cast(household_id as text) || ' ' || area_code || ' ' || \
        valid_from || ' ' || coalesce(valid_to, '-') from household_place \
        where recorded_at <= $1 and (superseded_at is null or superseded_at > $1) order by 1";
    texts(store, sql, Some(instant))
}

/// Households that have members and not exactly one head.
const NOT_ONE_HEAD: &str = "select cast(household_id as text) from person \
    where household_id is not null group by household_id \
    having sum(case when relation = 'HEAD' then 1 else 0 end) <> 1";

/// What was known after each turn, by the instant.
type Past = Vec<(i64, Vec<String>)>;

fn play(store: &Store, pack: &Pack, turns: &[Turn]) -> Vec<Vec<String>> {
    let inbox = scratch_dir("sequences");
    std::fs::create_dir_all(&inbox).unwrap();
    let mut past: Past = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        match turn {
            Turn::Roster(roster) => {
                let path = inbox.join(format!("{at}.csv"));
                let text = format!("第{at}次\n{}", csv(&rows(roster)));
                std::fs::write(&path, text).unwrap();
                let today = format!("2017-01-{:02}", 1 + at);
                let today = qb_base::PartialDate::from_iso(&today).map(|day| day.date);
                let options = qb_intake::ImportOptions { today, ..files::options() };
                import(store, pack, &[path], &options, &mut |_| {}).unwrap();
            }
            Turn::Decide(how, which) => decide(store, pack, *how, *which),
        }
        assert_eq!(texts(store, NOT_ONE_HEAD, None), Vec::<String>::new(), "after turn {at}");
        for (instant, known) in &past {
            assert_eq!(&known_at(store, *instant), known, "what was known stays, turn {at}");
        }
        let now = qb_base::env::now().0;
        past.push((now, known_at(store, now)));
        // The next turn is later by the clock's own step.
        while qb_base::env::now().0 <= now + 1 {
            std::hint::spin_loop();
        }
    }
    let _ = std::fs::remove_dir_all(&inbox);
    past.into_iter().map(|(_, known)| known).collect()
}

/// Takes a step with an event; what cannot be done any more is refused and changes nothing.
fn decide(store: &Store, pack: &Pack, how: u8, which: usize) {
    let wanted = Wanted { limit: 100, ..Wanted::default() };
    let found =
        store.read::<_, StoreError>(|conn| events::list(conn, &Scope::system(), wanted)).unwrap();
    let fits = |state| (state == EventState::Applied) == (how == 2);
    let open: Vec<_> = found.iter().filter(|event| fits(event.state)).collect();
    let Some(event) = (!open.is_empty()).then(|| open[which % open.len()]) else { return };
    let who = Decider { actor: "tester".into(), role: None, scope: Scope::system() };
    let step = [Step::Accept, Step::Reject, Step::Undo][usize::from(how)];
    let _ = events::take(store, pack, (event.id, step), (&who, "as it may be"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_rosters_and_decisions_keep_one_head_and_what_was_known(
        turns in prop::collection::vec(turn(), 2..7)
    ) {
        let pack = files::pack();
        let lite = play(&TestStore::sqlite().store, &pack, &turns);
        if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
            let postgres = play(&TestStore::postgres(&server).store, &pack, &turns);
            prop_assert_eq!(lite, postgres, "both stores agree");
        }
    }
}
