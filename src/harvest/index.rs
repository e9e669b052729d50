//! Keys that lead to people. A roster of a million people has four million of them, and nearly every one leads to one person.

use hashbrown::HashMap;

/// Positions of the people that one key leads to: nearly always one.
#[derive(Debug)]
pub(super) enum Few {
    One(u32),
    Many(Vec<u32>),
}

impl Few {
    fn add(&mut self, at: u32) {
        match self {
            Self::One(known) if *known == at => {}
            Self::One(known) => *self = Self::Many(vec![*known, at]),
            Self::Many(all) if all.last() == Some(&at) => {}
            Self::Many(all) => all.push(at),
        }
    }

    fn all(&self) -> &[u32] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(all) => all,
        }
    }
}

/// People by one kind of key.
pub(super) type Index = HashMap<String, Few>;

/// Adds a person under a key, if there is one.
pub(super) fn add(index: &mut Index, key: Option<String>, at: u32) {
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        index.entry(key).and_modify(|few| few.add(at)).or_insert(Few::One(at));
    }
}

/// The people under a key.
pub(super) fn get<'i>(index: &'i Index, key: Option<&str>) -> &'i [u32] {
    key.and_then(|key| index.get(key)).map_or(&[], Few::all)
}
