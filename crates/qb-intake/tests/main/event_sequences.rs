//! Whatever rosters come one after the other and whoever splits or joins households: one head,
//! nobody in two households, and what was known on a day stays what it was.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use qb_access::Scope;
use qb_base::PartialDate;
use qb_intake::import;
use qb_policy::Pack;
use qb_registry::events::{self, Decider, EventState, Placing, Stated, Stating, Step, Wanted};
use qb_store::testing::{TestStore, scratch_dir};
use qb_store::{Store, StoreError};

use crate::files::{self, MEMBER_COUNT, RELATION, Row, VILLAGE, csv, person};

/// Members a household of these rosters may have.
const MEMBERS: u32 = 4;
const HOUSEHOLDS: u32 = 2;

/// One household as a roster states it: its village, who of its members are named, and which of
/// them is head.
#[derive(Clone, Debug)]
struct Household {
    other_village: bool,
    named: Vec<u32>,
    head: usize,
}

/// What happens to the register.
#[derive(Clone, Debug)]
enum Turn {
    /// A roster of both households.
    Roster(Vec<Household>),
    /// Somebody decides about one of the events.
    Decide(u8, usize),
    /// Some members of a household begin another, chosen by the bits of a number, each side under
    /// one of its members; it is taken back at once, or stays.
    Split(usize, u8, usize, bool),
    /// A household joins another.
    Merge(usize, usize, bool),
}

fn stated() -> impl Strategy<Value = Household> {
    let members: Vec<u32> = (0..MEMBERS).collect();
    let named = proptest::sample::subsequence(members, 1..=MEMBERS as usize);
    (any::<bool>(), named, 0..MEMBERS as usize).prop_map(|(other_village, named, head)| Household {
        other_village,
        named,
        head,
    })
}

fn roster() -> impl Strategy<Value = Turn> {
    prop::collection::vec(stated(), HOUSEHOLDS as usize).prop_map(Turn::Roster)
}

fn turn() -> impl Strategy<Value = Turn> {
    let rosters = roster();
    let decisions = (0_u8..3, 0_usize..8).prop_map(|(how, at)| Turn::Decide(how, at));
    let splits = (0_usize..4, 0_u8..16, 0_usize..4, any::<bool>())
        .prop_map(|(of, who, head, back)| Turn::Split(of, who, head, back));
    let merges = (0_usize..4, 0_usize..4, any::<bool>())
        .prop_map(|(of, into, back)| Turn::Merge(of, into, back));
    prop_oneof![3 => rosters, 2 => decisions, 3 => splits, 2 => merges]
}

fn rows(roster: &[Household]) -> Vec<Row> {
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
        where recorded_at <= $1 and (superseded_at is null or superseded_at > $1) \
        union all select 'l ' || cast(household_id as text) || ' ' || coalesce(began_on, '-') \
        || ' ' || coalesce(ended_on, '-') || ' ' || cast(coalesce(from_id, into_id) as text) \
        from household_life where recorded_at <= $1 \
        and (superseded_at is null or superseded_at > $1) order by 1";
    texts(store, sql, Some(instant))
}

/// Households that have members and not exactly one head.
const NOT_ONE_HEAD: &str = "select cast(household_id as text) from person \
    where household_id is not null group by household_id \
    having sum(case when relation = 'HEAD' then 1 else 0 end) <> 1";

/// Members of households that are over, and households that are over and go on.
const OVER: &str = "select cast(p.id as text) from person p join household_life l \
    on l.household_id = p.household_id where l.superseded_at is null and l.ended_on is not null \
    union all select cast(household_id as text) from household_life where superseded_at is null \
    group by household_id having count(*) > 1";
/// Days on which somebody was of two households, or of one twice.
const OVERLAPS: &str = "select cast(a.person_id as text) from membership_history a \
    join membership_history b on b.person_id = a.person_id and b.superseded_at is null \
    and (b.household_id <> a.household_id or b.valid_from <> a.valid_from) \
    and b.valid_from < a.valid_to and a.valid_from < b.valid_to where a.superseded_at is null \
    union all select cast(p.id as text) from person p join membership_history m \
    on m.person_id = p.id and m.superseded_at is null and m.valid_to > p.member_from";
/// Who is where now, with what every household says of itself.
const STANDING: &str = "select cast(p.id as text) || ' ' || cast(p.household_id as text) || ' ' || \
    coalesce(p.relation, '-') || ' ' || p.member_from || ' ' || p.member_reason_in from person p \
    where p.household_id is not null union all select 'h ' || cast(h.id as text) || ' ' || \
    h.area_code || ' ' || coalesce(cast(h.member_count as text), '-') from household h where \
    not exists (select 1 from household_life l where l.household_id = h.id \
    and l.superseded_at is null and l.ended_on is not null) \
    union all select 'm ' || cast(person_id as text) || ' ' || valid_from || ' ' || valid_to \
    from membership_history where superseded_at is null order by 1";

/// Steps that one turn may take at the most: stated, accepted, undone, and one to spare.
const STEPS_OF_A_TURN: i64 = 4;

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
                let today = PartialDate::from_iso(&today).map(|day| day.date);
                let options = qb_intake::ImportOptions { today, ..files::options() };
                import(store, pack, &[path], &options, &mut |_| {}).unwrap();
            }
            Turn::Decide(how, which) => decide(store, pack, *how, *which),
            Turn::Split(of, who, head, back) => {
                let stated = split(store, pack, (*of, *who, *head), at);
                accept(store, pack, stated, *back);
            }
            Turn::Merge(of, into, back) => {
                let stated = merge(store, pack, (*of, *into), at);
                accept(store, pack, stated, *back);
            }
        }
        assert_eq!(texts(store, OVER, None), Vec::<String>::new(), "after turn {at}");
        assert_eq!(texts(store, OVERLAPS, None), Vec::<String>::new(), "after turn {at}");
        assert_eq!(texts(store, NOT_ONE_HEAD, None), Vec::<String>::new(), "after turn {at}");
        for (instant, known) in &past {
            assert_eq!(&known_at(store, *instant), known, "what was known stays, turn {at}");
        }
        // Steps within one thousandth of a second are kept one after the other, the last of them
        // a little later than the clock says.
        let now = qb_base::env::now().0 + STEPS_OF_A_TURN;
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
    let _ = qb_intake::events::take(store, pack, (event.id, step), (&who, "as it may be"));
}

fn operator() -> Decider {
    Decider { actor: "tester".into(), role: None, scope: Scope::system() }
}

/// The households that go on, with their members by id.
fn households(store: &Store) -> Vec<(i64, String, Vec<i64>)> {
    let sql = "select h.id, h.household_no, coalesce(p.id, 0) from household h left join person p \
               on p.household_id = h.id where not exists (select 1 from household_life l \
               where l.household_id = h.id and l.superseded_at is null \
               and l.ended_on is not null) order by h.id, p.id";
    let rows = store.read::<_, StoreError>(|conn| {
        conn.query(sql, &[], |row| Ok((row.int(0)?, row.text(1)?, row.int(2)?)))
    });
    let mut found: Vec<(i64, String, Vec<i64>)> = Vec::new();
    for (id, number, person) in rows.unwrap() {
        if found.last().is_none_or(|last| last.0 != id) {
            found.push((id, number, Vec::new()));
        }
        let members = &mut found.last_mut().unwrap().2;
        members.extend(Some(person).filter(|person| *person > 0));
    }
    found
}

/// States an event on the day of its turn; none where it is refused.
fn state(
    store: &Store,
    pack: &Pack,
    (kind, household, number): (&str, i64, &str),
    (members, at): (&[Placing], usize),
) -> Option<i64> {
    let day = PartialDate::from_iso(&format!("2017-01-{:02}", 1 + at)).unwrap().date;
    let values = [("household_no".to_owned(), number.to_owned())];
    let stating = Stating {
        kind,
        household,
        person: None,
        area: None,
        happened_on: day,
        values: &values,
        members,
        paper: "P7",
        reason: "as it may be",
    };
    match qb_intake::events::state(store, pack, &stating, &operator()).unwrap() {
        Stated::Kept(event) => Some(event.id),
        Stated::Refused(_) => None,
    }
}

fn split(
    store: &Store,
    pack: &Pack,
    (of, who, head): (usize, u8, usize),
    at: usize,
) -> Option<i64> {
    let found = households(store);
    let (household, _, members) = found.get(of % found.len().max(1))?;
    let placed = |(place, person): (usize, &i64)| {
        let relation = "OTHER".to_owned();
        Placing { person: *person, goes: (who >> (place % 4)) & 1 == 1, relation }
    };
    let mut members: Vec<Placing> = members.iter().enumerate().map(placed).collect();
    // Each side gets a head in most cases; what has none is refused.
    for goes in [true, false] {
        let mut side: Vec<&mut Placing> =
            members.iter_mut().filter(|one| one.goes == goes).collect();
        let chosen = head % side.len().max(1);
        if let Some(one) = side.get_mut(chosen)
            && head != 3
        {
            one.relation = "HEAD".to_owned();
        }
    }
    let number = format!("N{}", at % 3);
    state(store, pack, ("split", *household, &number), (&members, at))
}

fn merge(store: &Store, pack: &Pack, (of, into): (usize, usize), at: usize) -> Option<i64> {
    let found = households(store);
    let (household, _, members) = found.get(of % found.len().max(1))?;
    let (_, number, _) = found.get(into % found.len())?;
    let placed = |(place, person): (usize, &i64)| {
        let relation = if place % 2 == 0 { "OTHER" } else { "" }.to_owned();
        Placing { person: *person, goes: true, relation }
    };
    let members: Vec<Placing> = members.iter().enumerate().map(placed).collect();
    state(store, pack, ("merge", *household, number), (&members, at))
}

/// Accepts what was stated, and takes it back, after which everything is as it was.
fn accept(store: &Store, pack: &Pack, stated: Option<i64>, is_taken_back: bool) {
    let Some(id) = stated else { return };
    let step =
        |step| qb_intake::events::take(store, pack, (id, step), (&operator(), "as it may be"));
    let before = texts(store, STANDING, None);
    // What was stated just now fits, whatever came before.
    step(Step::Accept).unwrap();
    if is_taken_back {
        step(Step::Undo).unwrap();
        assert_eq!(texts(store, STANDING, None), before, "undone it is as it was");
    } else {
        REGROUPED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Splits and merges that were accepted and stayed.
static REGROUPED: AtomicUsize = AtomicUsize::new(0);
/// Sequences that are tried.
const CASES: u32 = 24;

#[test]
fn any_rosters_and_decisions_keep_one_head_and_what_was_known() {
    let config = ProptestConfig { cases: CASES, ..ProptestConfig::default() };
    let turns = (roster(), prop::collection::vec(turn(), 1..8))
        .prop_map(|(first, then)| [vec![first], then].concat());
    proptest!(config, |(turns in turns)| {
        let pack = files::pack();
        let lite = play(&TestStore::sqlite().store, &pack, &turns);
        if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
            let postgres = play(&TestStore::postgres(&server).store, &pack, &turns);
            prop_assert_eq!(lite, postgres, "both stores agree");
        }
    });
    assert!(REGROUPED.load(Ordering::Relaxed) > 5, "households split and join in them");
}
