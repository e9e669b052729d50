//! What a reader must find in the report, and what must never get into it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod review;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use self::sample::{HOSTILE, assessment, subject};
use super::page::TEMPLATES;
use super::texts::{ENGLISH, FRENCH, Table, Texts, fill};
use super::view::{ROW_LIMIT, STATUSES};
use super::{ReportError, ReportLinks, render};
use crate::judge::finding::Assessment;
use crate::lang::Lang;

fn html(lang: Lang) -> String {
    render(&assessment(), lang, &ReportLinks::default()).unwrap()
}

/// Text as a reader sees it: no tags, no style or script, white space folded.
fn seen(html: &str) -> String {
    let body = &html[html.find("</style>").unwrap()..html.find("<script>").unwrap()];
    let text: String = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect();
    text.split(|c: char| c.is_whitespace() && c != '\u{202f}').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_arithmetic_of_a_finding_is_printed() {
    assert!(
        seen(&html(Lang::Fr))
            .contains("2\u{202f}614 population = 2\u{202f}600 conformes + 2 écarts + 2 acceptés + 10 sans réponse")
    );
    assert!(seen(&html(Lang::En)).contains("2,614 population = 2,600 conform + 2 exceptions + 2 accepted + 10 undetermined"));
}

#[test]
fn a_sum_that_does_not_tie_is_not_called_equal() {
    let mut a = assessment();
    a.findings[1].counts.conform = 1;
    a.collections[0].rows_rejected = 4;
    let text = seen(&render(&a, Lang::En, &ReportLinks::default()).unwrap());
    assert!(text.contains("2,614 population ≠ 1 conform"));
    assert!(text.contains("12,345 seen ≠ 12,340 kept + 4 rejected"));
    assert!(text.contains("2 sums that do not tie"));
}

#[test]
fn a_source_shows_its_arithmetic_and_what_it_lost() {
    let text = seen(&html(Lang::Fr));
    assert!(text.contains("12\u{202f}345 lues = 12\u{202f}340 gardées + 5 rejetées"));
    assert!(text.contains("Décompte indépendant : 12\u{202f}400, différent des 12\u{202f}345 lignes lues."));
    assert!(text.contains("Incomplète. sizeLimitExceeded"));
    assert!(html(Lang::Fr).contains("<td>impossible date</td><td class=\"n\">5</td>"));
    assert!(text.contains("05/10/2026 00:30, il y a 9 heures"), "in the organisation's zone, with its age");
    assert!(text.contains("une date trouvée dans le contenu"));
}

#[test]
fn sources_bear_their_titles_reasons_are_in_the_readers_language_and_checks_say_why() {
    let mut a = assessment();
    a.collections[0].reject_reasons = vec![("the same account came before: the first one is kept".to_owned(), 5)];
    a.collections[0].incomplete_reason = Some("ldapsearch counted 5 entries and 4 are in the export".to_owned());
    let titles = [("ad-siege".to_owned(), "Annuaire du siège".to_owned())].into();
    let links = ReportLinks { titles, ..Default::default() };
    let french = seen(&render(&a, Lang::Fr, &links).unwrap());
    for words in ["Annuaire du siège", "ad-siege", "ce compte est déjà venu", "a compté 5 entrées", "efface pas un compte."] {
        assert!(french.contains(words), "{words}");
    }
    assert!(!french.contains("came before") && !french.contains("counted"));
    let english = seen(&render(&a, Lang::En, &ReportLinks::default()).unwrap());
    assert!(english.contains("the same account came before") && english.contains("Leaving does not delete an account."));
}

#[test]
fn the_header_names_the_quarter_and_the_zone() {
    let text = seen(&html(Lang::Fr));
    assert!(text.contains("2026-T3, du 01/07/2026 au 30/09/2026 inclus"));
    assert!(text.contains("05/10/2026 10:00 heures de Europe/Paris"));
    let text = seen(&html(Lang::En));
    assert!(text.contains("2026-Q3, from 2026-07-01 to 2026-09-30 inclusive"));
    assert!(text.contains("2026-10-05 10:00 Europe/Paris time"));
}

#[test]
fn nothing_hostile_reaches_the_page_as_markup() {
    let mut a = assessment();
    a.findings[1].check_id = HOSTILE.to_owned();
    a.findings[1].columns[1] = HOSTILE.to_owned();
    a.findings[1].controls.push(HOSTILE.to_owned());
    a.collections[0].source = HOSTILE.to_owned();
    a.collections[0].collection_id = HOSTILE.to_owned();
    a.controls[0].id = HOSTILE.to_owned();
    a.controls[0].theme = HOSTILE.to_owned();
    a.organisation = HOSTILE.to_owned();
    a.period.label = HOSTILE.to_owned();
    a.outside_perimeter.insert(HOSTILE.to_owned(), 1);
    let links =
        ReportLinks { bundle: Some("l'été $(rm).asice".to_owned()), workbooks: vec![HOSTILE.to_owned()], ..Default::default() };
    let page = render(&a, Lang::En, &links).unwrap();
    assert_eq!(page.matches("<script").count(), 1, "only the page's own");
    assert!(!page.contains("\" onmouseover"), "no attribute can be opened");
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onmouseover=&quot;y"));
    assert!(page.contains("unzip -q &#39;l&#39;\\&#39;&#39;été $(rm).asice&#39; -d bundle"), "quoted for a shell, then for HTML");
}

#[test]
fn text_that_turns_around_or_swells_is_made_visible() {
    let mut a = assessment();
    a.findings[1].exceptions = vec![subject("ad:1", Some("fac\u{202e}gpj.exe"), Some(&"é".repeat(10_000)))];
    let text = seen(&render(&a, Lang::En, &ReportLinks::default()).unwrap());
    assert!(text.contains("fac[U+202E]gpj.exe"));
    assert!(text.contains("é… (9,600 more characters)"));
    assert!(!text.contains(&"é".repeat(401)));
}

#[test]
fn nothing_is_loaded_and_only_our_script_and_style_run() {
    let page = html(Lang::Fr);
    for loading in ["src=", "url(http", "@import", "http://", "https://", "<link", "<iframe", "<img", " style=", " onclick="] {
        assert!(!page.contains(loading), "{loading}");
    }
    let policy = "default-src 'none'; style-src 'sha256-";
    assert!(page.contains(policy) && page.contains("script-src 'sha256-") && !page.contains("unsafe-inline"));
}

#[test]
fn every_status_is_named_in_both_languages() {
    for (lang, source) in [(Lang::Fr, FRENCH), (Lang::En, ENGLISH)] {
        let table: Table = toml::from_str(source).unwrap();
        let page = html(lang);
        for status in STATUSES {
            let id = status.word();
            let word = &table["status"][id];
            assert!(page.contains(&format!("</svg>{word}</span>")), "{word}");
            assert!(page.contains(&format!("id=\"i-{id}\"")), "{id} has a symbol");
        }
    }
}

#[test]
fn the_worst_come_first_and_a_broken_check_is_loud() {
    let page = html(Lang::En);
    let place = |id: &str| page.find(&format!("id=\"finding-{id}\"")).unwrap();
    assert!(place("odd") < place("leaver") && place("leaver") < place("calm"));
    let text = seen(&page);
    assert!(text.contains("1 broken check: figures not to be used. Title odd"));
    assert!(text.contains("Broken check: the figures below are not to be used."));
    assert!(text.contains("1 incomplete source: rows are missing or counts do not tie. ad-siege"));
}

#[test]
fn subjects_are_shown_with_their_unknowns_and_derogations() {
    let page = html(Lang::Fr);
    assert!(page.contains("<td>ad:1</td><td>Zoé Kœnig</td><td><span class=\"nb\">31/07/2026</span></td>"));
    assert!(page.contains("<td>ad:4</td><td class=\"u\">inconnu</td><td class=\"u\">inconnu</td>"));
    assert!(page.contains("<td>ad:3</td><td>Łukasz</td><td class=\"u\">inconnu</td><td>C. Dubois</td><td><span class=\"nb\">31/12/2026</span></td><td>Migration</td><td>DER-7</td>"));
    assert!(page.contains("<code>DER-1</code>"));
    assert!(page.contains("9 de plus dans findings.json"), "ten undetermined are counted, one is listed");
}

#[test]
fn a_long_list_says_what_it_leaves_out() {
    let mut a = assessment();
    a.findings[1].exceptions = (0..ROW_LIMIT + 34).map(|n| subject(&format!("k{n:04}"), None, None)).collect();
    a.findings[1].counts.exceptions = 234;
    let page = render(&a, Lang::En, &ReportLinks::default()).unwrap();
    assert!(page.contains("34 more in findings.json: only the first 200 rows are printed here."));
    assert!(page.contains("<td>k0199</td>") && !page.contains("k0200"));
}

#[test]
fn controls_say_why_they_are_out_and_when_nothing_speaks_for_them() {
    let page = html(Lang::En);
    assert!(page.contains("<b>Not applicable</b>") && page.contains("<dt>Justification</dt><dd>Rien de tel ici.</dd>"));
    let text = seen(&page);
    assert!(text.contains("No check speaks for this control; there remain the documents and attestations attached to it."));
    assert!(text.contains("unknown-check no finding in this report"));
}

#[test]
fn same_input_same_bytes() {
    assert_eq!(html(Lang::Fr), html(Lang::Fr));
}

#[test]
fn an_empty_assessment_still_reads() {
    let mut a = assessment();
    (a.findings, a.controls, a.collections) = (Vec::new(), Vec::new(), Vec::new());
    (a.links, a.outside_perimeter, a.tables) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let text = seen(&render(&a, Lang::En, &ReportLinks::default()).unwrap());
    assert!(
        text.contains("No check was run.") && text.contains("No source was read.") && text.contains("No account in the snapshot.")
    );
}

#[test]
fn a_wrong_zone_or_instant_says_what_to_do() {
    let error = |change: fn(&mut Assessment)| {
        let mut a = assessment();
        change(&mut a);
        render(&a, Lang::Fr, &ReportLinks::default()).unwrap_err()
    };
    let zone = error(|a| a.zone = "Europe/Ponant".to_owned());
    assert!(
        matches!(zone, ReportError::Zone { .. })
            && zone.to_string().contains("Europe/Ponant")
            && zone.to_string().contains("[organisation]")
    );
    let instant = error(|a| a.period.end = "soon".to_owned());
    assert_eq!(
        instant.to_string(),
        "the assessment's `period.end` is `soon`, which is not an RFC 3339 instant; run `probant assess` again"
    );
}

#[test]
fn both_languages_have_the_same_words_and_the_templates_use_only_those() {
    let keys = |source| -> BTreeSet<String> {
        let table: Table = toml::from_str(source).unwrap();
        table.iter().flat_map(|(section, words)| words.keys().map(move |key| format!("{section}.{key}"))).collect()
    };
    let (fr, en) = (keys(FRENCH), keys(ENGLISH));
    assert_eq!(fr, en);
    let mut used = 0;
    for (name, source) in TEMPLATES {
        for piece in source.split("t.").skip(1) {
            let key: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).collect();
            if let Some((section, word)) = key.split_once('.')
                && !word.is_empty()
                && fr.iter().any(|k| k.starts_with(&format!("{section}.")))
            {
                assert!(fr.contains(&key), "{name} uses {key}");
                used += 1;
            }
        }
    }
    assert!(used > 100, "the templates' words were found ({used})");
}

#[test]
fn no_word_is_empty_and_no_placeholder_is_left() {
    for (lang, source) in [(Lang::Fr, FRENCH), (Lang::En, ENGLISH)] {
        let table: Table = toml::from_str(source).unwrap();
        assert!(table.values().flat_map(BTreeMap::values).all(|words| !words.trim().is_empty()));
        let text = seen(&html(lang));
        assert!(!text.contains('{') && !text.contains('}'), "a placeholder was left");
    }
    assert_eq!(fill("{a} {b} {", &[("a", "{b}")]), "{b} {b} {", "values are not searched again");
}

#[test]
fn french_spaces_and_plurals() {
    let texts = Texts::load(Lang::Fr).unwrap();
    assert!(texts.or_raw("alarm", "broken").contains("\u{a0}:"));
    assert_eq!((texts.unit("finding", 0), texts.unit("finding", 2)), ("constat".to_owned(), "constats".to_owned()));
    let texts = Texts::load(Lang::En).unwrap();
    assert_eq!((texts.unit("finding", 0), texts.unit("finding", 1)), ("findings".to_owned(), "finding".to_owned()));
}
