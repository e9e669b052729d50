//! The page: templates, style and script are part of the binary; Tera escapes every value, and the policy of the page
//! names the digests of the only style and script that may run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use super::ReportError;
use super::format::Format;
use super::texts::fill as fill_in;
use super::view::Report;

/// Names end in `.html`, which is what makes Tera escape.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    ("parts.html", include_str!("../../../templates/report/parts.html.tera")),
    ("symbols.html", include_str!("../../../templates/report/symbols.html.tera")),
    ("glance.html", include_str!("../../../templates/report/glance.html.tera")),
    ("controls.html", include_str!("../../../templates/report/controls.html.tera")),
    ("findings.html", include_str!("../../../templates/report/findings.html.tera")),
    ("reviews.html", include_str!("../../../templates/report/reviews.html.tera")),
    ("sources.html", include_str!("../../../templates/report/sources.html.tera")),
    ("appendix.html", include_str!("../../../templates/report/appendix.html.tera")),
    ("report.html", include_str!("../../../templates/report/report.html.tera")),
];

/// The style, in three sheets for the reader of this repository, in one element for the page.
const STYLE: &str = concat!(
    include_str!("../../../templates/report/base.css"),
    include_str!("../../../templates/report/parts.css"),
    include_str!("../../../templates/report/print.css")
);

/// Sorting, filtering and folding; all is readable without it.
const SCRIPT: &str = include_str!("../../../templates/report/report.js");

/// Lays the report out.
pub(super) fn fill(report: &Report<'_>, format: &Format) -> Result<String, ReportError> {
    let mut tera = Tera::new();
    register(&mut tera, format);
    tera.add_raw_templates(TEMPLATES.iter().copied())?;
    let mut context = Context::from_serialize(report)?;
    context.insert("lang", format.lang.code());
    context.insert("t", &format.texts.table);
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    context.insert("style_digest", &digest(STYLE));
    context.insert("script_digest", &digest(SCRIPT));
    Ok(tera.render("report.html", &context)?)
}

fn register(tera: &mut Tera, format: &Format) {
    let counting = format.clone();
    tera.register_filter("count", move |n: u64, options: Kwargs, _: &State| -> TeraResult<String> {
        Ok(counting.count(n, options.must_get::<&str>("unit")?))
    });
    tera.register_filter("date_and_time", |text: &str, _: Kwargs, _: &State| -> Vec<String> {
        date_and_time(text).map(str::to_owned).collect()
    });
    // `{{ t.x.y | fill(n=3) }}`: each argument goes where the words say `{n}`.
    tera.register_filter("fill", |words: &str, options: Kwargs, _: &State| -> TeraResult<String> {
        let mut values = Vec::new();
        for name in ["n", "zone", "what", "findings"] {
            if let Some(value) = options.get::<Value>(name)? {
                values.push((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
            }
        }
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Ok(fill_in(words, &values))
    });
}

/// The pieces of a cell that holds a date or an instant, each of which stays on one line: a narrow column would cut the date at
/// its hyphens. Nothing of any other cell.
fn date_and_time(cell: &str) -> impl Iterator<Item = &str> {
    let sign = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | ':' | NO_BREAK);
    let dated = cell.contains(['-', '/']) && cell.len() <= "2026-10-05\u{a0}08:00".len() && cell.chars().all(sign);
    cell.split(NO_BREAK).filter(move |_| dated)
}

/// Between a date and its time.
const NO_BREAK: char = '\u{a0}';

/// A digest as Content-Security-Policy writes it.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
