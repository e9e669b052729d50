//! What a table is: its columns, its rows, and the macro that makes both from one declaration.

use super::value::{Kind, Value};

/// One column as documented and as stored.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    pub doc: &'static str,
}

/// One table as documented and as stored.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    pub doc: &'static str,
    pub columns: &'static [Column],
}

impl Table {
    /// Position of a column by name.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// Ends with the collection its rows came from, which the sink adds.
    #[must_use]
    pub fn has_collection(&self) -> bool {
        self.columns.last().is_some_and(|last| last.name == COLLECTION_ID.name)
    }
}

/// The column that the sink adds to every table but `collections`.
pub const COLLECTION_ID: Column =
    Column { name: "collection_id", kind: Kind::Text, nullable: false, doc: "The collection this row came from." };

/// A row of one of the tables.
pub trait Row {
    /// Which table it belongs to.
    fn table(&self) -> &'static Table;
    /// Its cells, in the order of the table's columns (`collection_id` left out).
    fn cells(&self, each: &mut impl FnMut(Value<'_>));
}

/// A record that can be read back from its table.
pub trait Stored: Sized {
    const TABLE: &'static Table;
    /// Takes the cells in the order of the columns (`collection_id` left out).
    fn stored(next: &mut dyn FnMut() -> Value<'static>) -> Self;
}

/// The Rust type behind a kind word; `?` makes it optional.
macro_rules! field {
    (text) => { Cow<'a, str> };
    (list) => { Vec<Cow<'a, str>> };
    (bool) => { bool };
    (int) => { i64 };
    (real) => { f64 };
    (time) => { Micros };
    (date) => { Days };
    ($kind:tt ?) => { Option<field!($kind)> };
}

macro_rules! kind {
    (text $($opt:tt)?) => {
        Kind::Text
    };
    (list) => {
        Kind::List
    };
    (bool $($opt:tt)?) => {
        Kind::Bool
    };
    (int $($opt:tt)?) => {
        Kind::Int
    };
    (real $($opt:tt)?) => {
        Kind::Real
    };
    (time $($opt:tt)?) => {
        Kind::Time
    };
    (date $($opt:tt)?) => {
        Kind::Date
    };
}

/// A list is nullable without saying so: an empty one is null.
macro_rules! nullable {
    (list) => {
        true
    };
    ($kind:tt) => {
        false
    };
    ($kind:tt ?) => {
        true
    };
}

macro_rules! tables {
    ($( $(#[doc = $doc:literal])+ $record:ident $name:literal $(+ $added:ident)? {
        $( $field:ident : [$($kind:tt)+] $about:literal, )+
    } )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Default, PartialEq)]
            pub struct $record<'a> { $( #[doc = $about] pub $field: field!($($kind)+), )+ }

            impl $record<'_> {
                pub const TABLE: &'static Table = &Table {
                    name: $name,
                    doc: concat!($($doc),+),
                    columns: &[
                        $( Column { name: stringify!($field), kind: kind!($($kind)+), nullable: nullable!($($kind)+), doc: $about }, )+
                        $( $added )?
                    ],
                };
            }

            impl Stored for $record<'static> {
                const TABLE: &'static Table = $record::TABLE;
                fn stored(next: &mut dyn FnMut() -> Value<'static>) -> Self {
                    Self { $( $field: Cell::take(next()), )+ }
                }
            }

            impl Row for $record<'_> {
                fn table(&self) -> &'static Table { Self::TABLE }
                fn cells(&self, each: &mut impl FnMut(Value<'_>)) { $( each(self.$field.cell()); )+ }
            }
        )+

        /// A row of any table.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Record<'a> { $( $record($record<'a>), )+ }

        $( impl<'a> From<$record<'a>> for Record<'a> {
            fn from(row: $record<'a>) -> Self { Self::$record(row) }
        } )+

        impl Record<'static> {
            /// Makes a row of a table named; `None` when there is no such table.
            pub fn stored(table: &str, next: &mut dyn FnMut() -> Value<'static>) -> Option<Self> {
                $( if table == $name { return Some(Self::$record(Stored::stored(next))); } )+
                None
            }
        }

        impl Row for Record<'_> {
            fn table(&self) -> &'static Table { match self { $( Self::$record(row) => row.table(), )+ } }
            fn cells(&self, each: &mut impl FnMut(Value<'_>)) { match self { $( Self::$record(row) => row.cells(each), )+ } }
        }

        #[derive(Clone, Copy)]
        enum Position { $( $record ),+ }

        impl Record<'_> {
            /// Position of its table in [`TABLES`].
            #[must_use]
            pub fn position(&self) -> usize { match self { $( Self::$record(_) => Position::$record as usize, )+ } }
        }

        /// Every table, in the order of the documentation.
        pub const TABLES: &[&Table] = &[$( $record::TABLE ),+];
    };
}

pub(super) use {field, kind, nullable, tables};
