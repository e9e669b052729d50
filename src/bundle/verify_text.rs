//! `VERIFY.fr.md` and `VERIFY.en.md`: how to check the bundle without this program, with the commands to type.

use crate::bundle::fault::Lang;
use crate::bundle::keys::signer::Signer;
use crate::bundle::level::Level;
use crate::bundle::seal::SealRequest;

/// What the text says about the bundle it lies in.
#[derive(Debug)]
pub struct VerifyText<'a> {
    pub request: &'a SealRequest,
    pub signer: &'a Signer,
    pub level: Level,
}

#[must_use]
pub fn verify_text(lang: Lang, about: &VerifyText<'_>) -> String {
    let template = match lang {
        Lang::Fr => include_str!("../../templates/VERIFY.fr.md"),
        Lang::En => include_str!("../../templates/VERIFY.en.md"),
    };
    let template = keep_sections(template, about.level);
    let stamped = about.level >= Level::T;
    let anchors = match (lang, stamped) {
        (Lang::Fr, false) => " et `ca.pem`",
        (Lang::Fr, true) => ", `ca.pem` et `tsa.pem`",
        (Lang::En, false) => " and `ca.pem`",
        (Lang::En, true) => ", `ca.pem` and `tsa.pem`",
    };
    let seq = about.request.seq.to_string();
    let created =
        jiff::Timestamp::from_second(about.request.created.as_second()).map(|instant| instant.to_string()).unwrap_or_default();
    let subject = about.signer.subject();
    let values = [
        ("{{bundle_name}}", about.request.file_name.as_str()),
        ("{{bundle_id}}", &about.request.bundle_id),
        ("{{bundle_seq}}", &seq),
        ("{{organisation}}", &about.request.organisation),
        ("{{created}}", &created),
        ("{{signer}}", &subject),
        ("{{fingerprint}}", about.signer.fingerprint()),
        ("{{anchor_files}}", anchors),
        ("{{tsa_option}}", if stamped { " --tsa-anchor tsa.pem" } else { "" }),
        ("{{file_count}}", if about.level == Level::Lta { lang.pick("neuf", "nine") } else { lang.pick("sept", "seven") }),
    ];
    fill(&template, &values)
}

/// Leaves out what other levels have: sections open with a line `{{#T}}` (from level T on), `{{#B}}` (level B only) or `{{#-LT}}` (below
/// LT), and close with a line `{{/}}`.
fn keep_sections(template: &str, level: Level) -> String {
    let (mut kept, mut text) = (true, String::with_capacity(template.len()));
    for line in template.split_inclusive('\n') {
        match line.trim_end() {
            "{{#B}}" => kept = level == Level::B,
            "{{#T}}" => kept = level >= Level::T,
            "{{#LT}}" => kept = level >= Level::Lt,
            "{{#-LT}}" => kept = level < Level::Lt,
            "{{#LTA}}" => kept = level == Level::Lta,
            "{{/}}" => kept = true,
            _ if kept => text.push_str(line),
            _ => {}
        }
    }
    text
}

/// One pass from left to right, so that a value cannot smuggle in another placeholder.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        if let Some((after, value)) = values.iter().find_map(|(key, value)| Some((tail.strip_prefix(key)?, value))) {
            text.push_str(value);
            rest = after;
        } else {
            text.push_str("{{");
            rest = tail.get(2..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        let values = [("{{a}}", "{{b}}"), ("{{b}}", "B")];
        assert_eq!(fill("x {{a}} {{b}} {{c}} {{", &values), "x {{b}} B {{c}} {{");
    }

    #[test]
    fn the_templates_hold_known_placeholders_only() {
        let known = [
            "bundle_name",
            "bundle_id",
            "bundle_seq",
            "organisation",
            "created",
            "signer",
            "fingerprint",
            "anchor_files",
            "tsa_option",
            "file_count",
        ];
        for template in [include_str!("../../templates/VERIFY.fr.md"), include_str!("../../templates/VERIFY.en.md")] {
            for level in Level::ALL {
                let text = keep_sections(template, level);
                for part in text.split("{{").skip(1) {
                    let key = part.split("}}").next().unwrap_or_default();
                    assert!(known.contains(&key), "{key}");
                }
                assert_eq!(text.contains("-token_in"), level >= Level::T);
                assert_eq!(text.contains("ASiCArchiveManifest"), level == Level::Lta);
            }
        }
    }
}
