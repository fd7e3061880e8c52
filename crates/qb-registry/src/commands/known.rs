//! What the register already holds, by hashed number: complete in memory for large imports, asked
//! for one by one otherwise.

use std::collections::HashSet;

use qb_base::BlindIndex;
use qb_store::{Conn, StoreError, Tx};

use super::records::RecordSet;
use crate::draft::{HouseholdDraft, RegisterBatch};
use crate::hash::{self, HashIndex};

/// What the writer must know of a household while a file passes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct House {
    pub(crate) id: i64,
    pub(crate) digest: i64,
    /// The twelve digits of its village as a number.
    pub(crate) area: u64,
    pub(crate) declared: u16,
    /// Accepted members and heads, of all files.
    pub(crate) members: u16,
    pub(crate) heads: u16,
    /// Refused rows of the file `file`.
    pub(crate) refused: u16,
    pub(crate) file: u32,
    pub(crate) row: u32,
    /// The file of the store that its version came with; none of one that this import brings.
    pub(crate) from_file: i64,
    /// Where its number lies among the numbers in memory.
    pub(super) number_start: u32,
    pub(super) number_len: u16,
}

/// Persons and households by hashed number. Hashes have 63 bits: among ten million numbers two
/// agree with a chance of 10⁻⁵. So a hit is a guess: the number of a household is compared here,
/// that of a person by the writer, with the store's. Of an identity number the index itself is
/// compared where a row would be refused for it.
#[derive(Debug, Default)]
pub struct Known {
    people: HashIndex,
    blinds: HashIndex,
    households: HashIndex,
    houses: Vec<House>,
    /// The numbers of the households, one behind the other.
    numbers: Vec<u8>,
    /// The rows of the dataset that is being written.
    pub(crate) records: RecordSet,
    /// Where each person lives, by id, as the digits of the village; read when a dataset asks.
    homes: Option<Vec<u64>>,
    /// Whether a miss means that the store has no such row.
    complete: bool,
    /// The newest file of the store that is known of: a newer one was written by somebody else.
    newest_file: i64,
    /// The newest instant at which a household began or ended by an event, which no file tells.
    newest_life: i64,
    /// Households that went into another, or never were.
    over: HashSet<i64>,
}

const NEWEST_LIFE: &str =
    "select cast(coalesce(max(recorded_at), 0) as bigint) from household_life";
const OVER: &str = "select household_id from household_life where superseded_at is null \
    and ended_on is not null";
const PEOPLE: &str = "select id, person_no, id_blind from person";
const HOUSEHOLDS: &str = "select h.id, h.household_no, h.area_code, h.member_count, h.row_digest, \
    count(m.id), cast(coalesce(sum(case when m.relation = 'HEAD' then 1 else 0 end), 0) \
    as bigint), h.source_file_id \
    from household h left join person m on m.household_id = h.id \
    group by h.id, h.household_no, h.area_code, h.member_count, h.row_digest, h.source_file_id";
const HOMES: &str = "select p.id, h.area_code from person p \
    join household h on h.id = p.household_id";
const HOME: &str = "select h.area_code from person p join household h on h.id = p.household_id \
    where p.id = $1";
const PERSON_BY_NO: &str = "select id from person where person_no = $1";
const PERSON_BY_BLIND: &str = "select id from person where id_blind = $1";
const HOUSEHOLD_BY_NO: &str = "select h.id, h.household_no, h.area_code, h.member_count, \
    h.row_digest, \
    count(m.id), cast(coalesce(sum(case when m.relation = 'HEAD' then 1 else 0 end), 0) \
    as bigint), h.source_file_id \
    from household h left join person m on m.household_id = h.id \
    where h.household_no = $1 group by h.id, h.household_no, h.area_code, h.member_count, \
    h.row_digest, h.source_file_id";

impl Known {
    /// The store holds no household; as for the others, with the newest file it has.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn nothing(conn: &Conn, newest_file: i64) -> Result<Self, StoreError> {
        Ok(Self { complete: true, ..Self::lazy(conn, newest_file)? })
    }

    /// Numbers are asked for one by one.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn lazy(conn: &Conn, newest_file: i64) -> Result<Self, StoreError> {
        let newest_life = conn.query_one(NEWEST_LIFE, &[], |row| row.int(0))?;
        let over = conn.query(OVER, &[], |row| row.int(0))?.into_iter().collect();
        Ok(Self { newest_file, newest_life, over, ..Self::default() })
    }

    /// Turns to a new file, within its transaction: what somebody else wrote since the last one is
    /// read anew.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn turn(&mut self, tx: &Tx<'_>, file_id: i64) -> Result<(), StoreError> {
        let life = tx.query_one(NEWEST_LIFE, &[], |row| row.int(0))?;
        if self.newest_file + 1 != file_id || self.newest_life != life {
            let newest = file_id - 1;
            *self = if self.complete { Self::load(tx, newest)? } else { Self::lazy(tx, newest)? };
        }
        self.newest_file = file_id;
        Ok(())
    }

    /// Whether all numbers are in memory.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Reads all numbers of the store.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn load(conn: &Conn, newest_file: i64) -> Result<Self, StoreError> {
        let mut known = Self::nothing(conn, newest_file)?;
        conn.each::<StoreError>(PEOPLE, &[], |row| {
            let id = row.int(0)?;
            known.add_person(hash::of(row.text(1)?.as_bytes()), id);
            if let Some(blind) = row.blob_opt(2)? {
                let blind = <[u8; 16]>::try_from(blind.as_slice())
                    .map_err(|_| StoreError::Type { column: 2, expected: "a blind index" })?;
                known.insert(Index::Blinds, blind_key(BlindIndex(blind)), id);
            }
            Ok(())
        })?;
        conn.each::<StoreError>(HOUSEHOLDS, &[], |row| {
            let (number, house) = read_house(row)?;
            known.add_household(number.as_bytes(), house);
            Ok(())
        })?;
        Ok(known)
    }

    /// Brings into the processor's caches what some households of a batch and their people will be
    /// looked up by: asked for in one go, main memory answers many at a time.
    pub(crate) fn warm(&self, batch: &RegisterBatch, households: &[HouseholdDraft]) {
        let mut sum = 0;
        for household in households {
            let number = batch.arena.text(household.household_no);
            sum ^= self.households.peek(hash::of(number.as_bytes()));
            for person in &batch.people[household.people.clone()] {
                sum ^= self.people.peek(person.person_hash);
                if let Some(identity) = &person.identity {
                    sum ^= self.blinds.peek(blind_key(identity.blind));
                }
            }
        }
        std::hint::black_box(sum);
    }

    /// Adds a person by the hash of the number.
    pub(crate) fn add_person(&mut self, hash: u64, id: i64) {
        self.insert(Index::People, hash, id);
    }

    pub(crate) fn add_blind(&mut self, blind: &BlindIndex, id: i64) {
        self.insert(Index::Blinds, blind_key(*blind), id);
    }

    /// Notes an id under a hash. One beyond the 32 bits of the index is not held; a miss then no
    /// longer means that the store has no such row.
    fn insert(&mut self, index: Index, hash: u64, id: i64) {
        let Ok(id) = u32::try_from(id) else {
            self.complete = false;
            return;
        };
        match index {
            Index::People => self.people.insert(hash, id),
            Index::Blinds => self.blinds.insert(hash, id),
        };
    }

    pub(crate) fn add_household(&mut self, number: &[u8], mut house: House) -> usize {
        let at = self.houses.len();
        let start = u32::try_from(self.numbers.len());
        if let (Ok(start), Ok(len), Ok(at)) = (start, number.len().try_into(), u32::try_from(at)) {
            (house.number_start, house.number_len) = (start, len);
            self.numbers.extend_from_slice(number);
            self.households.insert(hash::of(number), at);
        } else {
            // Beyond what the index holds the store is asked.
            self.complete = false;
        }
        self.houses.push(house);
        at
    }

    fn number(&self, house: &House) -> &[u8] {
        let start = house.number_start as usize;
        &self.numbers[start..start + usize::from(house.number_len)]
    }

    /// The id of the person with this number, whose hash is given with it.
    pub(crate) fn person(
        &mut self,
        conn: &Conn,
        number: &str,
        hash: u64,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(id) = self.people.get(hash) {
            return Ok(Some(i64::from(id)));
        }
        if self.complete {
            return Ok(None);
        }
        let found = conn.query_opt(PERSON_BY_NO, &[number.into()], |row| row.int(0))?;
        if let Some(id) = found {
            self.add_person(hash, id);
        }
        Ok(found)
    }

    /// The id of the person with this identity number.
    pub(crate) fn blind(
        &mut self,
        conn: &Conn,
        blind: &BlindIndex,
    ) -> Result<Option<i64>, StoreError> {
        let key = blind_key(*blind);
        if let Some(id) = self.blinds.get(key) {
            return Ok(Some(i64::from(id)));
        }
        if self.complete {
            return Ok(None);
        }
        conn.query_opt(PERSON_BY_BLIND, &[blind.0.as_slice().into()], |row| row.int(0))
    }

    /// The village a person lives in, as its digits. Registers are in before anybody asks.
    pub(crate) fn home(&mut self, conn: &Conn, person: i64) -> Result<Option<u64>, StoreError> {
        if !self.complete {
            let code = conn.query_opt(HOME, &[person.into()], |row| row.text(0))?;
            return Ok(code.as_deref().map(area_number));
        }
        if self.homes.is_none() {
            let mut homes = Vec::new();
            conn.each::<StoreError>(HOMES, &[], |row| {
                let at = row.size(0)?;
                if at >= homes.len() {
                    homes.resize(at + 1, 0);
                }
                if let Some(slot) = homes.get_mut(at) {
                    *slot = area_number(&row.text(1)?);
                }
                Ok(())
            })?;
            self.homes = Some(homes);
        }
        let at = usize::try_from(person).ok();
        let home = at.and_then(|at| self.homes.as_ref()?.get(at).copied());
        Ok(home.filter(|digits| *digits > 0))
    }

    /// The household with this number, by its place in memory.
    pub(crate) fn household(
        &mut self,
        conn: &Conn,
        number: &str,
    ) -> Result<Option<usize>, StoreError> {
        let has_number = |house: &House| self.number(house) == number.as_bytes();
        if let Some(at) = self.households.get(hash::of(number.as_bytes())) {
            let at = at as usize;
            if self.houses.get(at).is_some_and(has_number) {
                return Ok(Some(at));
            }
            // Another number with the same hash: look at every one.
            if let Some(at) = self.houses.iter().position(has_number) {
                return Ok(Some(at));
            }
        }
        if self.complete {
            return Ok(None);
        }
        let found = conn.query_opt(HOUSEHOLD_BY_NO, &[number.into()], read_house)?;
        Ok(found.map(|(number, house)| self.add_household(number.as_bytes(), house)))
    }

    /// Whether a household went into another, or never was.
    pub(crate) fn is_over(&self, household: i64) -> bool {
        self.over.contains(&household)
    }

    pub(crate) fn house(&self, at: usize) -> House {
        self.houses[at]
    }

    pub(crate) fn house_mut(&mut self, at: usize) -> Option<&mut House> {
        self.houses.get_mut(at)
    }
}

fn read_house(row: &qb_store::Row<'_>) -> Result<(String, House), StoreError> {
    // More members than a household can have are as wrong as the most.
    let small = |value: i64| u16::try_from(value).unwrap_or(u16::MAX);
    let house = House {
        id: row.int(0)?,
        digest: row.int(4)?,
        area: area_number(&row.text(2)?),
        // One that declares no number has nothing to compare, which 0 stands for.
        declared: small(row.int_opt(3)?.unwrap_or(0)),
        members: small(row.int(5)?),
        heads: small(row.int(6)?),
        from_file: row.int(7)?,
        ..House::default()
    };
    Ok((row.text(1)?, house))
}

/// The digits of an area code as a number.
pub(crate) fn area_number(code: &str) -> u64 {
    code.bytes().fold(0, |number, byte| number * 10 + u64::from(byte.wrapping_sub(b'0') % 10))
}

/// The two indices of persons.
#[derive(Clone, Copy)]
enum Index {
    People,
    Blinds,
}

/// The first half of a blind index: enough to tell a register's people apart.
const fn blind_key(BlindIndex([a, b, c, d, e, f, g, h, ..]): BlindIndex) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use qb_store::testing::on_each_store;
    use qb_store::{AuditEntry, Store};

    use super::*;

    /// A household of two, of whom one has left.
    fn fill(store: &Store) {
        let household = "insert into household (id, household_no, area_code, valid_from, \
                         recorded_at, source_file_id, source_row, row_digest) \
                         values (1, 'H1', '320321100202', '2016-01-01', 1, 1, 1, 1)";
        let person = "insert into person (id, person_no, name, name_key, valid_from, \
                      recorded_at, source_file_id, source_row, row_digest, household_id) \
                      values ($1, $2, '某', '某', '2016-01-01', 1, 1, 1, 1, $3)";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(household, &[])?;
                tx.execute(person, &[5.into(), "P5".into(), 1.into()])?;
                tx.execute(person, &[6.into(), "P6".into(), None::<i64>.into()])?;
                tx.audit(&AuditEntry {
                    actor: "tester",
                    action: "test.write",
                    object: "register",
                    before: None,
                    after: None,
                    reason: "a test",
                })
            })
            .unwrap();
    }

    #[test]
    fn homes_read_at_once_are_those_asked_for_one_by_one() {
        on_each_store(|store| {
            fill(store);
            let loaded = store.read(|conn| Known::load(conn, 1)).unwrap();
            for mut known in [loaded, Known::default()] {
                let mut home = |person: i64| store.read(|conn| known.home(conn, person)).unwrap();
                assert_eq!((home(5), home(6), home(7)), (Some(320_321_100_202), None, None));
            }
        });
    }
}
