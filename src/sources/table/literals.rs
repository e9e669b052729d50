//! The small things a mapping is written with: columns, literals, one or many; and the short and long form of a field.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, de};

use super::config::{FieldSpec, FieldTable};

/// A column by header name, JSON path, or 1-based position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnName {
    Position(usize),
    Name(String),
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(at) => write!(f, "number {at}"),
            Self::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A literal of a mapping.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for FieldSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

/// By hand, so that a misspelt key is named instead of "did not match any variant".
struct FieldVisitor;

impl<'de> de::Visitor<'de> for FieldVisitor {
    type Value = FieldSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column name, a position from 1, a list of aliases, or a table such as { column = \"…\", date = \"…\" }")
    }
    fn visit_str<E: de::Error>(self, name: &str) -> Result<FieldSpec, E> {
        Ok(FieldSpec::Column(ColumnName::Name(name.to_owned())))
    }
    fn visit_i64<E: de::Error>(self, at: i64) -> Result<FieldSpec, E> {
        usize::try_from(at)
            .ok()
            .filter(|&at| at > 0)
            .map(|at| FieldSpec::Column(ColumnName::Position(at)))
            .ok_or_else(|| E::custom("a position counts from 1"))
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<FieldSpec, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(FieldSpec::Aliases)
    }
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<FieldSpec, A::Error> {
        FieldTable::deserialize(MapAccessDeserializer::new(map)).map(|table| FieldSpec::Table(Box::new(table)))
    }
}
