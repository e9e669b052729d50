//! Compiling the `[fields]` of a mapping against the catalog of targets.

use super::catalog::{Kind, RecordSpec, Target};
use super::columns::{Columns, Slot};
use super::condition::Condition;
use super::config::{ColumnName, FieldSpec, FieldTable, Literal, Mapping, OneOrMany};
use super::convert::{Converter, NO, Value, YES};
use super::field::{Field, Origin, Piece, Unlisted};
use super::numbers::{Writing, seconds_in};
use super::plan::{ConfigError, dates, regex, zone};

/// Compiles every field, in the order of the catalog.
pub(super) fn compile(config: &Mapping, record: &'static RecordSpec, columns: &mut Columns) -> Result<Vec<Field>, ConfigError> {
    for name in config.fields.keys() {
        if !record.targets.iter().any(|target| target.name == name) {
            let known: Vec<&str> = record.targets.iter().map(|target| target.name).collect();
            return Err(ConfigError::new(
                format!("fields.{name}"),
                format!("{} have no such field; known are {}", record.name, known.join(", ")),
            ));
        }
    }
    let mut fields = Vec::new();
    for target in record.targets {
        match config.fields.get(target.name) {
            Some(spec) => fields.push(field(target, &table(spec), config, columns)?),
            None if target.required => {
                return Err(ConfigError::new(
                    format!("fields.{}", target.name),
                    format!("{} need it: say which column it is in, or give a constant with {{ const = … }}", record.name),
                ));
            }
            None => {}
        }
    }
    Ok(fields)
}

/// The short forms, said long.
fn table(spec: &FieldSpec) -> FieldTable {
    match spec {
        FieldSpec::Column(name) => FieldTable { column: Some(OneOrMany::One(name.clone())), ..FieldTable::default() },
        FieldSpec::Aliases(names) => FieldTable { column: Some(OneOrMany::Many(names.clone())), ..FieldTable::default() },
        FieldSpec::Table(table) => (**table).clone(),
    }
}

fn field(target: &'static Target, table: &FieldTable, config: &Mapping, columns: &mut Columns) -> Result<Field, ConfigError> {
    let key = format!("fields.{}", target.name);
    let literal = |literal: &Literal, at: &str| {
        Converter::literal(target.kind, literal).map_err(|why| ConfigError::new(format!("{key}.{at}"), why))
    };
    let mut cases = Vec::new();
    for case in table.cases.iter().flatten() {
        cases.push((Condition::compile(&case.when, columns, &format!("{key}.when"))?, literal(&case.value, "cases")?));
    }
    let values = table
        .values
        .as_ref()
        .map(|values| {
            values
                .iter()
                .map(|(word, value)| Ok((word.trim().to_lowercase(), item(literal(value, &format!("values.{word}"))?, target))))
                .collect()
        })
        .transpose()?;
    let default = match &table.default {
        None => Unlisted::Error,
        Some(Literal::Text(word)) if word == "error" => Unlisted::Error,
        Some(Literal::Text(word)) if word == "null" => Unlisted::Null,
        Some(Literal::Text(word)) if word == "keep" => Unlisted::Keep,
        Some(other) => Unlisted::Value(item(literal(other, "default")?, target)),
    };
    if table.default.is_some() && table.values.is_none() {
        return Err(ConfigError::new(
            format!("{key}.default"),
            "a default is for words that `values` does not list; use `empty` for empty cells",
        ));
    }
    if table.split.as_deref() == Some("") || (table.split.is_some() && !target.kind.is_list()) {
        return Err(ConfigError::new(format!("{key}.split"), "only a list can be split, and by something"));
    }
    Ok(Field {
        target,
        origin: origin(target, table, columns, &key)?,
        cases,
        extract: table.extract.as_ref().map(|pattern| regex(pattern, &format!("{key}.extract"))).transpose()?,
        split: table.split.clone(),
        values,
        default,
        empty: table.empty.as_ref().map(|value| literal(value, "empty")).transpose()?,
        nulls: table.null.iter().flatten().map(|word| word.trim().to_lowercase()).collect(),
        required: target.required || table.required.unwrap_or(false),
        convert: converter(target, table, config, &key)?,
    })
}

/// The value of one item of a list target.
fn item(value: Value<'static>, target: &Target) -> Value<'static> {
    match value {
        Value::List(mut items) if target.kind.is_list() && items.len() == 1 => items.pop().map_or(Value::Null, Value::Text),
        other => other,
    }
}

fn origin(target: &Target, table: &FieldTable, columns: &mut Columns, key: &str) -> Result<Origin, ConfigError> {
    let optional = table.optional.unwrap_or(false);
    let mut found = Vec::new();
    if let Some(names) = &table.columns {
        found.push(Origin::Joined(each(names, optional, columns, key), table.join.clone().unwrap_or_else(|| " ".to_owned())));
    }
    if let Some(names) = &table.first_of {
        // Exports leave out columns that are empty throughout; one of several is enough, none is a changed export.
        found.push(Origin::FirstOf(each(names, true, columns, key)));
        columns.add(names, optional, key);
    }
    if let Some(text) = &table.template {
        found.push(Origin::Template(template(text, optional, columns, key)?));
    }
    if let Some(flags) = &table.flags {
        if !target.kind.is_list() {
            return Err(ConfigError::new(format!("{key}.flags"), "flags make a list; this target is not one"));
        }
        let named = |column: &String| ColumnName::Name(column.clone());
        found.push(Origin::Flags(
            flags.iter().map(|(column, name)| (columns.add(&[named(column)], optional, key), name.clone())).collect(),
        ));
    }
    if let Some(names) = &table.column {
        found.push(Origin::Column(columns.add(names.as_slice(), optional, key)));
    }
    if let Some(literal) = &table.constant {
        let value = Converter::literal(target.kind, literal).map_err(|why| ConfigError::new(format!("{key}.const"), why))?;
        found.push(Origin::Constant(value));
    }
    match (found.pop(), found.is_empty()) {
        (Some(origin), true) => Ok(origin),
        (None, _) if table.cases.is_some() => Ok(Origin::Nothing),
        _ => Err(ConfigError::new(key, "say exactly one origin: column, columns, first_of, template, const or flags")),
    }
}

/// One slot a column.
fn each(names: &[ColumnName], optional: bool, columns: &mut Columns, key: &str) -> Vec<Slot> {
    names.iter().map(|name| columns.add(std::slice::from_ref(name), optional, key)).collect()
}

/// `{column}` and literal text.
fn template(text: &str, optional: bool, columns: &mut Columns, key: &str) -> Result<Vec<Piece>, ConfigError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').ok_or_else(|| {
            ConfigError::new(format!("{key}.template"), format!("\"{text}\" opens a brace that it does not close"))
        })?;
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        let column = name.parse().map_or_else(|_| ColumnName::Name(name.to_owned()), ColumnName::Position);
        pieces.push(Piece::Column(columns.add(&[column], optional, key)));
        rest = next;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    Ok(pieces)
}

fn converter(target: &Target, table: &FieldTable, config: &Mapping, key: &str) -> Result<Converter, ConfigError> {
    let words = |own: &Option<Vec<String>>, usual: &[&str]| match own {
        Some(words) => words.iter().map(|word| word.trim().to_lowercase()).collect(),
        None => usual.iter().map(ToString::to_string).collect(),
    };
    if table.date.is_some() && !matches!(target.kind, Kind::Time | Kind::Date) {
        return Err(ConfigError::new(format!("{key}.date"), "this target is not a date"));
    }
    let numbers = Writing {
        decimal_comma: table.decimal_comma.or(config.read.decimal_comma).unwrap_or(false),
        thousands: table.thousands.clone(),
        unit: table.unit.clone(),
        binary: table.binary.unwrap_or(false),
    };
    if let Some(unit) = &table.unit {
        let known = match target.kind {
            Kind::Minutes => seconds_in(unit).is_some(),
            Kind::Bytes => numbers.factor(unit).is_some(),
            _ => return Err(ConfigError::new(format!("{key}.unit"), "only durations and sizes have a unit")),
        };
        if !known {
            return Err(ConfigError::new(format!("{key}.unit"), format!("\"{unit}\" is not a unit of this target")));
        }
    }
    Ok(Converter {
        kind: target.kind,
        dates: dates(table.date.as_ref(), key)?,
        zone: zone(table.zone.as_ref(), key)?,
        yes: words(&table.yes, YES),
        no: words(&table.no, NO),
        numbers,
    })
}
