//! A letter and its workbook as one message (RFC 5322, RFC 2045). The same letter gives the same bytes.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::config::mailbox;
use super::plan::Wanted;
use super::template::{Letter, one_line};
use crate::review::record::campaign::Head;
use crate::review::record::decisions::Tally;
use crate::review::record::item::Reviewer;
use crate::store::digest;

/// Office Open XML workbook, ISO/IEC 29500.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook to attach.
#[derive(Debug, Clone, Copy)]
pub struct Workbook<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// What is known of a message besides its words.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// Outlook opens a draft ready to be sent (X-Unsent).
    pub draft: bool,
    /// Only a draft may have none: its mail program fills it in.
    pub from: Option<&'a str>,
    pub reply_to: Option<&'a str>,
    /// The same for the reviewer's address.
    pub to: Option<&'a str>,
    pub copy: Option<&'a str>,
    pub date: Timestamp,
    /// Makes the message's id its own: campaign and letter.
    pub identity: [&'a str; 2],
}

/// A message ready to go.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub id: String,
    pub from: Option<Address>,
    /// The reviewer first, then who gets a copy.
    pub to: Vec<Address>,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("`{text}` is no e-mail address: {why}")]
    Address { text: String, why: String },
    #[error("the message cannot be put together: {0}")]
    Build(String),
}

/// What the letters to a reviewer name.
#[must_use]
pub fn facts(head: &Head, wanted: &Wanted<'_>, file: &str) -> BTreeMap<&'static str, String> {
    let lang = wanted.reviewer.lang;
    let mut facts = common(head, wanted.reviewer, file);
    let missing = wanted.tally.items - wanted.tally.decided;
    let returned = match (wanted.returned, wanted.tally) {
        (false, _) => lang.pick(
            "Aucun classeur n'est revenu de votre part ; le voici de nouveau, à ne prendre que si vous n'avez pas commencé le premier.",
            "No workbook has come back from you; here it is again, to be used only if you have not begun the first one.",
        ),
        (true, Tally { items, decided, .. }) if items == decided => lang.pick(
            "Toutes vos décisions sont reçues : il ne manque que la feuille Signature remplie.",
            "All your decisions have been received: only the Signature sheet, filled in, is missing.",
        ),
        (true, _) => lang.pick(
            "Une partie est revenue : terminez le classeur que vous avez commencé, ou celui qui vous a été renvoyé à corriger.",
            "Part of it has come back: finish the workbook that you began, or the one that was sent back to you to be corrected.",
        ),
    };
    facts.extend([
        ("undecided", missing.to_string()),
        ("lines", wanted.lines.to_string()),
        ("days", wanted.days.to_string()),
        ("return", returned.to_owned()),
    ]);
    facts
}

/// What an invitation names.
#[must_use]
pub fn common(head: &Head, reviewer: &Reviewer, file: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("name", one_line(&reviewer.name)),
        ("organisation", one_line(&head.organisation)),
        ("campaign", one_line(&head.id)),
        ("due", reviewer.lang.date(head.due)),
        ("lines", reviewer.lines.to_string()),
        ("undecided", reviewer.lines.to_string()),
        ("days", String::new()),
        ("file", one_line(file)),
        ("contact", one_line(&head.contact)),
        ("return", String::new()),
    ])
}

/// Puts a message together.
pub fn message(
    letter: &Letter,
    post: &Post<'_>,
    reviewer: &Reviewer,
    workbooks: &[Workbook<'_>],
) -> Result<Outgoing, MessageError> {
    let from = post.from.map(mailbox_of).transpose()?;
    let to = post.to.map(mailbox_of).transpose()?.map(|to| Mailbox::new(Some(one_line(&reviewer.name)), to.email));
    let copy = post.copy.map(mailbox_of).transpose()?;
    let seed = digest::hex([post.identity.as_slice(), &[&reviewer.person_id]].concat().join("\u{0}").as_bytes());
    let seed = seed.get(..32).unwrap_or(&seed);
    let id = format!("<{seed}.{}@{}>", post.date.as_second(), from.as_ref().map_or(NOWHERE, |from| from.email.domain()));

    // lettre asks for a sender and a recipient; what a draft lacks is taken out again below.
    let nobody = Address::new("nobody", NOWHERE).map_err(build)?;
    let mut builder = Message::builder()
        .from(from.clone().unwrap_or_else(|| nobody.clone().into()))
        .date(UNIX_EPOCH + Duration::from_secs(u64::try_from(post.date.as_second()).unwrap_or(0)))
        .message_id(Some(id.clone()))
        .subject(one_line(&letter.subject))
        .raw_header(header("Content-Language", reviewer.lang.code()))
        .raw_header(if post.draft { header("X-Unsent", "1") } else { header("Auto-Submitted", "auto-generated") })
        .to(to.clone().unwrap_or_else(|| nobody.into()));
    if let Some(copy) = &copy {
        builder = builder.cc(copy.clone());
    }
    if let Some(reply_to) = post.reply_to.map(mailbox_of).transpose()? {
        builder = builder.reply_to(reply_to);
    }
    let mut parts = MultiPart::mixed().boundary(format!("probant-{seed}")).singlepart(SinglePart::plain(letter.text.clone()));
    for workbook in workbooks {
        let kind = ContentType::parse(XLSX).map_err(build)?;
        parts = parts.singlepart(Attachment::new(one_line(workbook.name)).body(workbook.bytes.to_vec(), kind));
    }
    let mut message = builder.multipart(parts).map_err(build)?;
    for (name, missing) in [("From", from.is_none()), ("To", to.is_none())] {
        if missing {
            message.headers_mut().remove_raw(name);
        }
    }
    let all = to.into_iter().chain(copy).map(|mailbox| mailbox.email).collect();
    Ok(Outgoing { id, from: from.map(|from| from.email), to: all, bytes: message.formatted() })
}

/// A domain that never is one (RFC 2606).
const NOWHERE: &str = "probant.invalid";

/// Whether a text is one e-mail address.
#[must_use]
pub fn is_address(text: &str) -> bool {
    mailbox(text).is_ok()
}

fn mailbox_of(text: &str) -> Result<Mailbox, MessageError> {
    mailbox(text).map_err(|why| MessageError::Address { text: text.to_owned(), why })
}

fn build(error: impl std::fmt::Display) -> MessageError {
    MessageError::Build(error.to_string())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::lang::Lang;

    fn reviewer(name: &str) -> Reviewer {
        Reviewer { person_id: "rh:1".into(), name: name.into(), email: None, lang: Lang::Fr, lines: 3, workbook: None }
    }

    fn post<'a>(to: Option<&'a str>, from: Option<&'a str>) -> Post<'a> {
        let date = "2026-12-01T08:00:00Z".parse().unwrap();
        Post { draft: from.is_none(), from, reply_to: None, to, copy: None, date, identity: ["2026-T4", "invitation"] }
    }

    fn headers(message: &Outgoing) -> Vec<String> {
        let text = String::from_utf8(message.bytes.clone()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn names_and_subjects_never_make_a_header_of_their_own() {
        let letter = Letter { subject: "Sujet\r\nBcc: x@y.fr\u{0}é".into(), text: "Texte\n".into() };
        let name = "Zoé \"M\"\r\nBcc: voleur@exemple.org\r\n\r\n<corps>";
        let sent = message(&letter, &post(Some("zoe@exemple.fr"), Some("Sécurité <s@exemple.fr>")), &reviewer(name), &[]).unwrap();
        let headers = headers(&sent);
        assert!(!headers.iter().any(|h| h.to_lowercase().starts_with("bcc")), "{headers:#?}");
        let names: Vec<&str> = headers.iter().filter_map(|h| h.split_once(':')).map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["From", "Date", "Message-ID", "Subject", "Content-Language", "Auto-Submitted", "To", "MIME-Version", "Content-Type"]
        );
        assert!(sent.bytes.is_ascii());
        assert!(matches!(
            message(&letter, &post(Some("a@b.fr\r\nBcc: c@d.fr"), Some("s@exemple.fr")), &reviewer("A"), &[]),
            Err(MessageError::Address { .. })
        ));
    }

    #[test]
    fn a_file_name_never_leaves_its_quotes() {
        let letter = Letter { subject: "S".into(), text: "T\n".into() };
        let workbook = Workbook { name: "a\"; x=\"\r\nX-Evil: 1\r\né.xlsx", bytes: b"PK" };
        let sent = message(&letter, &post(Some("a@b.fr"), Some("s@b.fr")), &reviewer("A"), &[workbook]).unwrap();
        assert!(!String::from_utf8(sent.bytes).unwrap().contains("\r\nX-Evil"));
    }

    #[test]
    fn a_draft_needs_neither_sender_nor_address_and_the_same_letter_gives_the_same_bytes() {
        let letter = Letter { subject: "S".into(), text: "T\n".into() };
        let made = || message(&letter, &post(None, None), &reviewer("A"), &[Workbook { name: "a.xlsx", bytes: b"PK" }]).unwrap();
        let headers = headers(&made());
        assert!(headers.contains(&"X-Unsent: 1".to_owned()), "{headers:?}");
        assert!(!headers.iter().any(|h| h.starts_with("From") || h.starts_with("To")), "{headers:?}");
        assert_eq!(made().bytes, made().bytes);
    }
}
