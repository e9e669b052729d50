//! The `attributes` column: one JSON object, keys sorted, written straight into a text that is used again.

use std::fmt::Write as _;

/// One value.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    Text(&'a str),
    Owned(String),
    /// One value is written as text, several as an array.
    Texts(Vec<&'a str>),
    List(Vec<&'a str>),
    Owneds(Vec<String>),
    Number(i64),
    True,
}

/// The object being collected.
#[derive(Debug, Default)]
pub struct Object<'a>(Vec<(&'static str, Item<'a>)>);

impl<'a> Object<'a> {
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(16))
    }

    pub fn put(&mut self, key: &'static str, item: Item<'a>) {
        self.0.push((key, item));
    }

    pub fn text(&mut self, key: &'static str, text: Option<&'a str>) {
        if let Some(text) = text {
            self.put(key, Item::Text(text));
        }
    }

    pub fn texts(&mut self, key: &'static str, texts: Vec<&'a str>) {
        if !texts.is_empty() {
            self.put(key, Item::Texts(texts));
        }
    }

    /// An array, even of one.
    pub fn list(&mut self, key: &'static str, texts: Vec<&'a str>) {
        if !texts.is_empty() {
            self.put(key, Item::List(texts));
        }
    }

    pub fn flag(&mut self, key: &'static str, set: bool) {
        if set {
            self.put(key, Item::True);
        }
    }

    /// Writes the object into `out` (cleared first).
    pub fn write(mut self, out: &mut String) {
        self.0.sort_by_key(|(key, _)| *key);
        out.clear();
        out.push('{');
        for (i, (key, item)) in self.0.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            quote(key, out);
            out.push(':');
            write_item(item, out);
        }
        out.push('}');
    }
}

fn write_item(item: &Item<'_>, out: &mut String) {
    match item {
        Item::Text(text) => quote(text, out),
        Item::Owned(text) => quote(text, out),
        Item::Texts(texts) if texts.len() == 1 => texts.iter().for_each(|text| quote(text, out)),
        Item::Texts(texts) | Item::List(texts) => array(texts.iter().copied(), out),
        Item::Owneds(texts) => array(texts.iter().map(String::as_str), out),
        Item::Number(number) => out.push_str(&number.to_string()),
        Item::True => out.push_str("true"),
    }
}

fn array<'t>(texts: impl Iterator<Item = &'t str>, out: &mut String) {
    out.push('[');
    for (i, text) in texts.enumerate() {
        if i > 0 {
            out.push(',');
        }
        quote(text, out);
    }
    out.push(']');
}

/// A JSON string (RFC 8259 section 7).
fn quote(text: &str, out: &mut String) {
    out.push('"');
    // Without a way out of the loop, many bytes are looked at once.
    let special = text.bytes().fold(false, |any, b| any | matches!(b, 0..0x20 | b'"' | b'\\'));
    if special {
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c < ' ' => {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
    } else {
        out.push_str(text);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn the_object_is_sorted_and_reads_back() {
        let mut object = Object::new();
        object.text("upn", Some("jo@x"));
        object.text("dn", Some("cn=\"a\\b\"\n\u{1}é"));
        object.texts("spn", vec!["a", "b"]);
        object.texts("one", vec!["a"]);
        object.flag("no_preauth", true);
        object.put("admin_count", Item::Number(1));
        let mut out = "old".to_owned();
        object.write(&mut out);
        let keys: Vec<_> = out.match_indices(':').map(|(at, _)| at).collect();
        assert!(out.starts_with(r#"{"admin_count":1,"dn":"#) && keys.len() >= 6, "{out}");
        let back: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(back["dn"], "cn=\"a\\b\"\n\u{1}é");
        assert_eq!(back["spn"], serde_json::json!(["a", "b"]));
        assert_eq!((&back["one"], &back["no_preauth"]), (&serde_json::json!("a"), &serde_json::json!(true)));
    }
}
