//! A small document of headings, paragraphs and tables, as Markdown and as HTML: the minutes, ready to print and sign.

use std::fmt::Write as _;

use crate::lang::Lang;

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Text(String),
    Table { heads: Vec<String>, rows: Vec<Vec<String>> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub lang: Lang,
    pub title: String,
    /// Printed across: for tables of many columns.
    pub wide: bool,
    pub blocks: Vec<Block>,
}

impl Page {
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", markdown(&self.title));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => {
                    let _ = writeln!(out, "## {}", markdown(text)); // writing to a String cannot fail
                }
                Block::Text(text) => {
                    let _ = writeln!(out, "{}", markdown(text));
                }
                Block::Table { heads, rows } => {
                    let line =
                        |cells: &[String]| format!("| {} |\n", cells.iter().map(|c| markdown(c)).collect::<Vec<_>>().join(" | "));
                    out.push_str(&line(heads));
                    out.extend(["|", &" --- |".repeat(heads.len()), "\n"]);
                    for row in rows {
                        out.push_str(&line(row));
                    }
                }
            }
        }
        out
    }

    #[must_use]
    pub fn html(&self) -> String {
        let title = html(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>{STYLE}{}</style>\n<h1>{title}</h1>\n",
            self.lang,
            if self.wide { "@page{size:A4 landscape}" } else { "" }
        );
        for block in &self.blocks {
            match block {
                Block::Heading(text) => out.extend(["<h2>", &html(text), "</h2>\n"]),
                Block::Text(text) => out.extend(["<p>", &self.text(text), "</p>\n"]),
                Block::Table { heads, rows } => {
                    let line = |tag: &str, cells: &[String]| {
                        let mut line = String::from("<tr>");
                        for cell in cells {
                            // Digests and ids break where they must; words do not.
                            let long = cell.split_whitespace().any(|word| word.chars().count() > LONG);
                            let class = if long { " class=\"long\"" } else { "" };
                            let _ = write!(line, "<{tag}{class}>{}</{tag}>", self.text(cell)); // as above
                        }
                        line + "</tr>\n"
                    };
                    out.extend(["<table>\n<thead>", &line("th", heads), "</thead>\n<tbody>\n"]);
                    out.extend(rows.iter().map(|row| line("td", row)));
                    out.push_str("</tbody>\n</table>\n");
                }
            }
        }
        out.push_str("</html>\n");
        out
    }

    /// A text for people: French signs of two parts never begin a line.
    fn text(&self, text: &str) -> String {
        let mut text = html(text);
        if self.lang == Lang::Fr {
            for sign in [":", ";", "?", "!", "»"] {
                text = text.replace(&format!(" {sign}"), &format!("\u{a0}{sign}"));
            }
            text = text.replace("« ", "«\u{a0}");
        }
        text
    }
}

/// Signs from which a word may be broken.
const LONG: usize = 24;

const STYLE: &str = "body{font:11pt/1.45 system-ui,sans-serif;color:#1f2a33;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:18pt}h2{font-size:13pt;margin-top:1.6em;border-bottom:1px solid #c9d1d9}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #c9d1d9;padding:.35em .5em;text-align:left;vertical-align:top}td.long{overflow-wrap:anywhere;min-width:9em}\
th{background:#f3f5f7}td:first-child:nth-last-child(2),th:first-child:nth-last-child(2){width:13em}\
@media print{body{margin:0;padding:0 1px 0 0;max-width:none;font-size:9.5pt}h2{break-after:avoid}}thead{display:table-header-group}tr{break-inside:avoid}td:empty{height:3.2em;min-width:6em}@page{size:A4;margin:16mm}";

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "<br>")
}

/// Signs that Markdown would read, and HTML inside it.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => out.extend(['\\', c]),
            '-' | '+' if out.is_empty() => out.extend(['\\', c]), // a list
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_stays_text_in_both_forms() {
        let cells = vec!["<script>alert(1)</script> | *x*".to_owned()];
        let page = Page {
            lang: Lang::Fr,
            title: "T".into(),
            wide: true,
            blocks: vec![Block::Table { heads: vec!["a".into()], rows: vec![cells] }],
        };
        assert!(page.html().contains("&lt;script&gt;") && !page.html().contains("<script>"));
        assert!(page.markdown().contains("| &lt;script&gt;alert(1)&lt;/script&gt; \\| \\*x\\* |"), "{}", page.markdown());
        assert!(page.markdown().contains("\n| --- |\n"));
        assert!(page.html().contains("size:A4 landscape"));
    }
}
