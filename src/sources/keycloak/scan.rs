//! Realm exports read piece by piece: a realm with a hundred thousand users is never held whole.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::capture::{self, EXPORT, Line};

/// Longest user, and longest list of definitions, in bytes.
const MAX_PIECE: u64 = 128 << 20;
/// Fields of a realm that are lists of users.
const USERS: [&str; 2] = ["users", "federatedUsers"];

/// What this pass looks at. Users need the definitions that come after them, so a file is read twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Definitions,
    Users,
}

/// Something met on the way.
#[derive(Debug)]
pub(super) enum Piece {
    /// Another realm begins, or another part of one.
    Begin,
    /// A definition (first pass).
    Field(String, Value),
    /// A list of users stands here (first pass).
    HasUsers,
    /// A user (second pass). Captures name its realm, exports do not.
    User { realm: Option<String>, federated: bool, value: Value },
}

/// Takes pieces. `false` ends the reading.
pub(super) type Each<'a> = &'a mut dyn FnMut(Piece) -> bool;

/// Why a file could not be read to its end.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) line: u64,
    pub(super) message: String,
}

/// Refuses to go on when nothing has been understood for too long, however long the file is.
struct Budget<'c, R> {
    input: R,
    left: &'c Cell<u64>,
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "one object is longer than 128 MiB"));
        }
        let count = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}

/// Reads an export.
pub(super) fn export(input: &mut dyn BufRead, pass: Pass, each: Each<'_>) -> Result<(), Broken> {
    let left = Cell::new(MAX_PIECE);
    let mut json = serde_json::Deserializer::from_reader(Budget { input, left: &left });
    let mut stopped = false;
    let read = Top { pass, each, left: &left, stopped: &mut stopped }.deserialize(&mut json).and_then(|()| json.end());
    match read {
        Err(error) if !stopped => Err(Broken { line: error.line() as u64, message: error.to_string() }),
        _ => Ok(()),
    }
}

/// Reads a capture of exports.
pub(super) fn captured(input: &mut dyn BufRead, pass: Pass, each: Each<'_>) -> Result<(), Broken> {
    let mut take = |line: Line| -> bool {
        let (Some(what), Ok(body)) = (line.path.strip_prefix(EXPORT), line.outcome) else { return true };
        match (what.split_once('/'), body) {
            (None, Value::Object(fields)) if what == "realm" && pass == Pass::Definitions => {
                each(Piece::Begin)
                    && fields.into_iter().all(|(key, value)| match key.as_str() {
                        "users" => each(Piece::HasUsers),
                        _ => each(Piece::Field(key, value)),
                    })
            }
            (Some((list, realm)), value) if pass == Pass::Users && USERS.contains(&list) => {
                each(Piece::User { realm: Some(realm.to_owned()), federated: list == "federatedUsers", value })
            }
            _ => true,
        }
    };
    capture::lines(input, &mut take).map_err(|(line, message)| Broken { line, message })
}

struct Top<'a, 'e> {
    pass: Pass,
    each: Each<'e>,
    left: &'a Cell<u64>,
    stopped: &'a mut bool,
}

impl Top<'_, '_> {
    fn tell<E: serde::de::Error>(&mut self, piece: Piece) -> Result<(), E> {
        self.left.set(MAX_PIECE);
        if (self.each)(piece) {
            return Ok(());
        }
        *self.stopped = true;
        Err(E::custom("stopped"))
    }
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a realm export, or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.tell(Piece::Begin)?;
        while let Some(key) = map.next_key::<String>()? {
            self.left.set(MAX_PIECE);
            match (USERS.contains(&key.as_str()), self.pass) {
                (true, Pass::Definitions) => {
                    map.next_value_seed(Skip { left: self.left })?;
                    self.tell(Piece::HasUsers)?;
                }
                (true, Pass::Users) => map.next_value_seed(Users { top: &mut self, federated: key == "federatedUsers" })?,
                (false, Pass::Definitions) if wanted(&key) => {
                    let value = map.next_value()?;
                    self.tell(Piece::Field(key, value))?;
                }
                (false, _) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(()) =
            seq.next_element_seed(Top { pass: self.pass, each: &mut *self.each, left: self.left, stopped: &mut *self.stopped })?
        {
        }
        self.left.set(MAX_PIECE);
        Ok(())
    }
}

/// Fields worth holding: authentication flows, keys and the like are skipped unread.
fn wanted(key: &str) -> bool {
    !matches!(
        key,
        "authenticationFlows" | "authenticatorConfig" | "clientScopes" | "scopeMappings" | "clientScopeMappings" | "smtpServer"
    )
}

struct Users<'t, 'a, 'e> {
    top: &'t mut Top<'a, 'e>,
    federated: bool,
}

impl<'de> DeserializeSeed<'de> for Users<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Users<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of users")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element::<Value>()? {
            self.top.tell::<A::Error>(Piece::User { realm: None, federated: self.federated, value })?;
        }
        Ok(())
    }
}

/// Passes over users in the first pass, one at a time.
struct Skip<'a> {
    left: &'a Cell<u64>,
}

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of users")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {
            self.left.set(MAX_PIECE);
        }
        Ok(())
    }
}
