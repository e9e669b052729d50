//! One target's way from cells to a value: origin, null words, extraction, value map, conversion.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use regex::Regex;

use super::catalog::Target;
use super::cell::Cell;
use super::columns::Slot;
use super::condition::{Condition, Look, is_null};
use super::convert::{Converter, Value};

/// A compiled field.
#[derive(Debug)]
pub(super) struct Field {
    pub target: &'static Target,
    pub origin: Origin,
    pub cases: Vec<(Vec<Condition>, Value<'static>)>,
    pub extract: Option<Regex>,
    pub split: Option<String>,
    /// Lower-case word = value.
    pub values: Option<BTreeMap<String, Value<'static>>>,
    pub default: Unlisted,
    pub empty: Option<Value<'static>>,
    /// Lower-case null words of this field alone.
    pub nulls: Vec<String>,
    pub required: bool,
    pub convert: Converter,
}

/// Where a field's text comes from.
#[derive(Debug)]
pub(super) enum Origin {
    Column(Slot),
    Joined(Vec<Slot>, String),
    FirstOf(Vec<Slot>),
    Template(Vec<Piece>),
    Constant(Value<'static>),
    Flags(Vec<(Slot, String)>),
    /// Only cases.
    Nothing,
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Piece {
    Literal(String),
    Column(Slot),
}

/// What becomes of a word that the value map does not list.
#[derive(Debug)]
pub(super) enum Unlisted {
    Error,
    Null,
    Keep,
    Value(Value<'static>),
}

impl Field {
    /// The value for one row, or why there is none.
    pub(super) fn value<'r>(&'r self, look: Look<'r>, zone: &TimeZone) -> Result<Value<'r>, String> {
        let value = self.unchecked(look, zone).map_err(|why| format!("{}: {why}", self.target.name))?;
        let value = match (&value, &self.empty) {
            (Value::Null, Some(literal)) => literal.clone(),
            _ => value,
        };
        if self.required && value == Value::Null {
            return Err(format!("{} is empty", self.target.name));
        }
        Ok(value)
    }

    fn unchecked<'r>(&'r self, look: Look<'r>, zone: &TimeZone) -> Result<Value<'r>, String> {
        if let Some((_, value)) = self.cases.iter().find(|(tests, _)| tests.iter().all(|test| test.holds(look))) {
            return Ok(value.clone());
        }
        match &self.origin {
            Origin::Nothing => Ok(Value::Null),
            Origin::Constant(value) => Ok(value.clone()),
            Origin::Column(slot) if self.target.kind.is_list() => self.list(look.cells(*slot)),
            Origin::Column(slot) => self.scalar(look.cell(*slot), zone),
            Origin::FirstOf(slots) if self.target.kind.is_list() => {
                let first = slots.iter().copied().find(|&slot| look.cells(slot).next().is_some());
                self.list(first.into_iter().flat_map(|slot| look.cells(slot)))
            }
            Origin::FirstOf(slots) => self.scalar(self.first(slots, look), zone),
            Origin::Joined(slots, _) if self.target.kind.is_list() => self.list(slots.iter().flat_map(|&slot| look.cells(slot))),
            Origin::Joined(slots, join) => {
                let texts: Vec<String> = slots.iter().filter_map(|&slot| look.text(slot)).collect();
                self.scalar(Cell::Text(Cow::Owned(texts.join(join))), zone)
            }
            Origin::Template(pieces) => self.scalar(Cell::Text(Cow::Owned(fill(pieces, look))), zone),
            Origin::Flags(flags) => self.flags(flags, look),
        }
    }

    fn first<'r>(&self, slots: &[Slot], look: Look<'r>) -> Cell<'r> {
        slots
            .iter()
            .flat_map(|&slot| look.cells(slot))
            .find(|cell| !is_null(cell.text().trim(), &self.nulls))
            .unwrap_or(Cell::Empty)
    }

    fn flags<'r>(&'r self, flags: &'r [(Slot, String)], look: Look<'r>) -> Result<Value<'r>, String> {
        let mut names = Vec::new();
        for (slot, name) in flags {
            if self.convert.truth(&look.cell(*slot))? == Some(true) {
                names.push(Cow::Borrowed(name.as_str()));
            }
        }
        Ok(if names.is_empty() { Value::Null } else { Value::List(names) })
    }

    fn scalar<'r>(&'r self, cell: Cell<'r>, zone: &TimeZone) -> Result<Value<'r>, String> {
        let cell = match cell {
            Cell::Fault(why) => return Err(why.into_owned()),
            Cell::List(mut items) if items.len() <= 1 => items.pop().map_or(Cell::Empty, Cell::Text),
            Cell::List(items) => Cell::Text(Cow::Owned(items.join(", "))),
            other => other,
        };
        // A sheet's own dates and numbers need no format; anything that is looked up or cut is text.
        if self.values.is_none() && self.extract.is_none() && !matches!(cell, Cell::Text(_)) {
            return self.convert.typed(&cell, zone);
        }
        match self.narrow(owned_text(cell)) {
            None => Ok(Value::Null),
            Some(text) => self.map(text, zone),
        }
    }

    /// Trimmed and extracted text, unless it is as good as empty.
    fn narrow<'r>(&self, text: Cow<'r, str>) -> Option<Cow<'r, str>> {
        let text = trim(text);
        if is_null(&text, &self.nulls) {
            return None;
        }
        let Some(pattern) = &self.extract else { return Some(text) };
        let found = pattern.captures(&text)?;
        let group = found.get(1).or_else(|| found.get(0)).map_or("", |group| group.as_str()).trim().to_owned();
        (!is_null(&group, &self.nulls)).then_some(Cow::Owned(group))
    }

    fn map<'r>(&'r self, text: Cow<'r, str>, zone: &TimeZone) -> Result<Value<'r>, String> {
        let Some(values) = &self.values else { return self.convert.text(text, zone) };
        if let Some(value) = values.get(&text.to_lowercase()) {
            return Ok(value.clone());
        }
        match &self.default {
            Unlisted::Null => Ok(Value::Null),
            Unlisted::Value(value) => Ok(value.clone()),
            Unlisted::Keep => self.convert.text(text, zone),
            Unlisted::Error => {
                let known: Vec<&str> = values.keys().map(String::as_str).take(20).collect();
                Err(format!(
                    "\"{}\" is not among the values listed ({}); add it to fields.{}.values, or say a default",
                    super::cell::shorten(&text),
                    known.join(", "),
                    self.target.name
                ))
            }
        }
    }

    fn list<'r>(&'r self, cells: impl Iterator<Item = Cell<'r>>) -> Result<Value<'r>, String> {
        let mut items: Vec<Cow<'r, str>> = Vec::new();
        for cell in cells {
            match cell {
                Cell::Fault(why) => return Err(why.into_owned()),
                Cell::List(many) => many.into_iter().try_for_each(|one| self.item(one, &mut items))?,
                other => match &self.split {
                    None => self.item(owned_text(other), &mut items)?,
                    Some(separator) => {
                        let text = owned_text(other);
                        text.split(separator.as_str()).try_for_each(|one| self.item(Cow::Owned(one.to_owned()), &mut items))?;
                    }
                },
            }
        }
        Ok(if items.is_empty() { Value::Null } else { Value::List(items) })
    }

    fn item<'r>(&'r self, text: Cow<'r, str>, items: &mut Vec<Cow<'r, str>>) -> Result<(), String> {
        let Some(text) = self.narrow(text) else { return Ok(()) };
        // Items are texts: their conversion needs no zone.
        match self.map(text, &TimeZone::UTC)? {
            Value::Text(item) if !items.contains(&item) => items.push(item),
            Value::List(many) => items.extend(many.into_iter().filter(|item| !item.is_empty())),
            _ => {}
        }
        Ok(())
    }
}

fn owned_text(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) => text,
        other => Cow::Owned(other.text().into_owned()),
    }
}

fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => {
            let trimmed = text.trim();
            if trimmed.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(trimmed.to_owned()) }
        }
    }
}

/// A template's text; nothing when all of its columns are empty.
fn fill(pieces: &[Piece], look: Look<'_>) -> String {
    let mut out = String::new();
    let mut told = false;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Column(slot) => {
                let text = look.text(*slot);
                told |= text.is_some();
                out.push_str(text.as_deref().unwrap_or_default());
            }
        }
    }
    if told { out } else { String::new() }
}
