//! Which records a harvest has already made, so that a row that says the same thing twice makes one record, and two rows that
//! contradict each other are told.

use std::hash::{DefaultHasher, Hash, Hasher};

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};

use crate::snapshot::schema::{Record, Row};
use crate::snapshot::value::Value;

/// Ids and contents, as digests: a million rows must fit in memory. Looked up, never iterated.
#[derive(Default)]
pub(super) struct Seen {
    /// Digest of the id = digest of the record, and the row that brought it.
    main: HashMap<u128, (u64, u64)>,
    shared: HashSet<u128>,
}

/// What is known of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    New,
    Same,
    /// The row that said otherwise.
    Differs(u64),
}

impl Seen {
    /// Notes a row's own record.
    pub(super) fn main(&mut self, id: &str, record: &Record<'_>, row: u64) -> Known {
        let content = digest(record);
        match self.main.entry(wide(id)) {
            Entry::Vacant(entry) => {
                entry.insert((content, row));
                Known::New
            }
            Entry::Occupied(entry) => match *entry.get() {
                (known, _) if known == content => Known::Same,
                (_, first) => Known::Differs(first),
            },
        }
    }

    /// Notes a record that several rows can bring; true the first time.
    pub(super) fn shared(&mut self, key: &str) -> bool {
        self.shared.insert(wide(key))
    }
}

/// 128 bits: no two ids of one harvest collide by chance.
fn wide(key: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        key.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}

fn digest(record: &Record<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    record.cells(&mut |cell| match cell {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Text(text) => (1_u8, text).hash(&mut hasher),
        Value::Bool(value) => (2_u8, value).hash(&mut hasher),
        Value::Int(value) => (3_u8, value).hash(&mut hasher),
        Value::Real(value) => (4_u8, value.to_bits()).hash(&mut hasher),
        Value::Time(value) => (5_u8, value).hash(&mut hasher),
        Value::Date(value) => (6_u8, value).hash(&mut hasher),
    });
    hasher.finish()
}
