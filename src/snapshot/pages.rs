//! The page of tables and columns, generated from the schema.

use std::fmt::Write as _;

use super::schema::TABLES;

/// Every table and column, as Markdown.
#[must_use]
pub fn columns() -> String {
    let mut page = String::from(
        "# Tables of a snapshot\n\n\
         One Parquet file a table (zstd). Times are UTC microseconds, dates are dates; null means that the source cannot tell, and is\n\
         neither yes nor no. Generated from the schema by `probant sources schema`.\n",
    );
    for table in TABLES {
        // Writing to a String cannot fail.
        let _ =
            write!(page, "\n## {}\n\n{}\n\n| column | type | null | meaning |\n|---|---|---|---|\n", table.name, table.doc.trim());
        for column in table.columns {
            let null = if column.nullable { "yes" } else { "" };
            let _ = writeln!(page, "| `{}` | {} | {null} | {} |", column.name, column.kind.word(), column.doc.trim());
        }
    }
    page
}
