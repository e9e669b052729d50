//! Letters from a session: drafts beside the workbooks, and letters sent, each recorded before it goes.

mod journal;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::campaigns;
use super::failure::Failure;
use super::session::Session;
use super::workbooks::all;
use crate::lang::Lang;
use crate::outputs::files;
use crate::review::campaign::{Campaign, Head, Reviewer};
use crate::review::decisions::Log;
use crate::review::mail::log::What;
use crate::review::mail::message::{self, Outgoing, Post, Workbook};
use crate::review::mail::sent::{self, SentBook};
use crate::review::mail::smtp::{Postman, SendError};
use crate::review::mail::template::{self, Template};
use crate::review::mail::{Ask, MailConfig, Plan, Stage, Wanted, plan};
use crate::review::status::status;
use crate::store::digest;
use journal::Journal;

/// The letter that lies beside a workbook until someone sends it by hand.
const DRAFT: &str = "draft";

/// What became of one letter.
pub(super) enum Fate {
    Sent {
        answer: String,
        copy_refused: Vec<String>,
    },
    /// Nothing was tried: a dry run.
    Would,
    Failed(String),
    /// No connection: neither this one nor those after it were sent.
    Unreachable(String),
}

/// An open campaign.
pub(super) struct Opened {
    pub(super) campaign: Campaign,
    pub(super) log: Log,
    folder: PathBuf,
}

impl Opened {
    /// The campaign named, or the configuration's.
    pub(super) fn read(session: &Session, id: Option<&str>) -> Result<Self, Failure> {
        let (campaign, log, folder) = campaigns::read_named(session, id)?;
        Ok(Self { campaign, log, folder })
    }
}

/// A letter and what became of it.
pub(super) struct Done<'c> {
    pub(super) wanted: Wanted<'c>,
    pub(super) bytes: usize,
    /// Whether the escalation contact gets a copy.
    pub(super) copied: bool,
    pub(super) fate: Fate,
}

/// Template of a letter: the organisation's if there is one, else Probant's.
fn letter_text(session: &Session, stage: Stage, lang: Lang) -> Result<Template, Failure> {
    let name = template::file_name(stage, lang);
    let folder = session.config.file.mail.as_ref().and_then(|mail| mail.templates.as_ref());
    let path = folder.map(|folder| session.config.base.join(folder).join(&name)).filter(|path| path.exists());
    let Some(path) = path else { return Ok(Template::parse(&name, template::own(stage, lang))?) };
    let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    Ok(Template::parse(&path.display().to_string(), &text)?)
}

fn attached<'a>(book: &'a SentBook, bytes: &'a [u8]) -> Workbook<'a> {
    Workbook { name: book.file.rsplit('/').next().unwrap_or(&book.file), bytes }
}

/// Writes a draft beside each workbook; returns the names of the reviewers whose draft has no address.
pub(super) fn drafts(session: &Session, head: &Head, folder: &Path, books: &[SentBook]) -> Result<Vec<String>, Failure> {
    let mail = session.config.file.mail.as_ref();
    let invitation = |lang| letter_text(session, Stage::Invitation, lang);
    let (french, english) = (invitation(Lang::Fr)?, invitation(Lang::En)?);
    let one = |book: &SentBook| -> Result<Option<String>, Failure> {
        let Some(reviewer) = head.reviewer(&book.reviewer) else { return Ok(None) };
        let bytes = read(&folder.join(&book.file))?;
        let to = reviewer.email.as_deref().filter(|text| message::is_address(text));
        let workbook = attached(book, &bytes);
        let facts = message::common(head, reviewer, workbook.name);
        let letter = reviewer.lang.pick(&french, &english).fill(&facts);
        let post = Post {
            draft: true,
            from: mail.map(|mail| mail.from.as_str()),
            reply_to: mail.and_then(|mail| mail.reply_to.as_deref()),
            to,
            copy: None,
            date: head.opened_at,
            identity: [&head.id, DRAFT],
        };
        let draft = message::message(&letter, &post, reviewer, Some(workbook))?;
        let name = Path::new(&book.file).with_extension("eml");
        files::write(folder, &name.to_string_lossy(), &draft.bytes)?;
        Ok(to.is_none().then(|| reviewer.name.clone()))
    };
    Ok(all(books, |book| book.bytes, one)?.into_iter().flatten().collect())
}

/// What `review send` was asked.
pub(super) struct Sending<'a> {
    pub(super) ask: Ask,
    pub(super) dry_run: bool,
    /// Employee numbers or ids of reviewers whose letter goes out although it did before.
    pub(super) again: &'a [String],
}

/// What a sending came to.
pub(super) struct Outcome<'c> {
    pub(super) done: Vec<Done<'c>>,
    pub(super) plan: Plan<'c>,
}

/// Sends the letters of today, under the store's lock.
pub(super) fn send<'c>(session: &Session, opened: &'c Opened, sending: &Sending<'_>) -> Result<Outcome<'c>, Failure> {
    let config = session.config.file.mail.as_ref().ok_or_else(|| no_mail(session))?;
    let campaign = &opened.campaign;
    if opened.log.closed().is_some() {
        return Err(Failure::new(format!("campaign {} is closed: there is nothing left to send", campaign.head.id)));
    }
    let mut store = if sending.dry_run { None } else { Some(session.store()?) };
    let now = session.context.now();
    let (mut journal, mut history) = Journal::open(session, &opened.folder, sending.dry_run)?;
    for name in sending.again {
        let reviewer = named(campaign, name)?;
        let invitation = sending.ask == Ask::Invite;
        let of_this_kind = |letter: &&str| (*letter == Stage::Invitation.word()) == invitation;
        let letters: Vec<String> = history.letters(&reviewer.person_id).filter(of_this_kind).map(str::to_owned).collect();
        for letter in letters {
            history.add(&journal.add(&reviewer.person_id, &letter, What::Again)?);
        }
    }
    let zone = TimeZone::get(&campaign.head.zone).unwrap_or(TimeZone::UTC);
    let status = status(campaign, &opened.log, zone.to_datetime(now).date());
    let mut plan = plan(campaign, &status, &history, config, sending.ask);
    let letters = std::mem::take(&mut plan.letters);
    let done = deliver_all(session, opened, letters, &mut journal)?;
    if let Some(store) = &mut store
        && let Some(mail_sha256) = journal.digest()?
    {
        let sent = done.iter().filter(|done| matches!(done.fate, Fate::Sent { .. })).count();
        let data = serde_json::json!({
            "campaign": campaign.head.id, "letters": done.len(), "sent": sent, "protection": config.tls.word(), "mail_sha256": mail_sha256,
        });
        store.note("campaign-mail", now, data)?;
    }
    Ok(Outcome { done, plan })
}

fn deliver_all<'c>(
    session: &Session,
    opened: &Opened,
    letters: Vec<Wanted<'c>>,
    journal: &mut Journal<'_>,
) -> Result<Vec<Done<'c>>, Failure> {
    let config = session.config.file.mail.as_ref().ok_or_else(|| no_mail(session))?;
    if letters.is_empty() {
        return Ok(vec![]);
    }
    let books = sent::from_file(&read(&opened.folder.join(sent::FILE))?)?;
    // Every template is read before the first letter goes out.
    for wanted in &letters {
        letter_text(session, wanted.stage, wanted.reviewer.lang)?;
    }
    let mut postman = if journal.is_rehearsal() { None } else { Some(Postman::new(server::server(session, config)?)) };
    let mut done = vec![];
    let mut broken: Option<String> = None;
    for wanted in letters {
        let (outgoing, workbook) = compose(session, opened, &wanted, &books, config)?;
        let fate = match (&mut postman, &broken) {
            (None, _) => Fate::Would,
            (Some(_), Some(why)) => Fate::Unreachable(why.clone()),
            (Some(postman), None) => deliver(postman, journal, &wanted, &outgoing, (workbook, config))?,
        };
        if let Fate::Unreachable(why) = &fate {
            broken = Some(why.clone());
        }
        done.push(Done { bytes: outgoing.bytes.len(), copied: outgoing.to.len() > 1, wanted, fate });
    }
    if let Some(postman) = postman {
        postman.close();
    }
    Ok(done)
}

fn deliver(
    postman: &mut Postman,
    journal: &mut Journal<'_>,
    wanted: &Wanted<'_>,
    outgoing: &Outgoing,
    (workbook_sha256, config): (Option<String>, &MailConfig),
) -> Result<Fate, Failure> {
    let (id, letter) = (&wanted.reviewer.person_id, &wanted.letter);
    let mut sending = Some(What::Sending {
        to: wanted.to.to_owned(),
        copy: outgoing.to.get(1).map(ToString::to_string),
        message_id: outgoing.id.clone(),
        sha256: digest::hex(&outgoing.bytes),
        workbook_sha256,
        protection: config.tls.word().to_owned(),
    });
    let result = postman.send(outgoing, &mut || match sending.take() {
        Some(what) => journal.add(id, letter, what).map(|_event| ()),
        None => Ok(()),
    });
    let begun = sending.is_none();
    Ok(match result {
        Ok((answer, copy_refused)) => {
            journal.add(id, letter, What::Accepted { answer: answer.clone() })?;
            Fate::Sent { answer, copy_refused }
        }
        Err(SendError::Record(error)) => return Err(error.into()),
        Err(error @ SendError::Unreachable { .. }) => Fate::Unreachable(error.to_string()),
        Err(error) => {
            // What had not begun needs no line to be undone; what is in doubt stays so.
            if let SendError::Refused(answer) = &error
                && begun
            {
                journal.add(id, letter, What::Refused { answer: answer.clone() })?;
            }
            Fate::Failed(error.to_string())
        }
    })
}

/// The message of a letter, and the digest of its workbook when it carries one.
fn compose(
    session: &Session,
    opened: &Opened,
    wanted: &Wanted<'_>,
    books: &[SentBook],
    config: &MailConfig,
) -> Result<(Outgoing, Option<String>), Failure> {
    let (reviewer, head) = (wanted.reviewer, &opened.campaign.head);
    let book = books.iter().find(|book| book.reviewer == reviewer.person_id).ok_or_else(|| {
        Failure::new(format!("{} names no workbook for {}: restore it from a copy of the store", sent::FILE, reviewer.name))
    })?;
    // Who has begun to answer must not be given an empty workbook.
    let bytes = if wanted.returned { None } else { Some(read(&opened.folder.join(&book.file))?) };
    if let Some(bytes) = bytes.as_ref().filter(|bytes| digest::hex(bytes) != book.sha256) {
        return Err(Failure::new(format!(
            "{} is not the workbook that was made ({} bytes, not {}, or other ones): restore it from a copy of the store",
            book.file,
            bytes.len(),
            book.bytes
        )));
    }
    let workbook = bytes.as_deref().map(|bytes| attached(book, bytes));
    let facts = message::facts(head, wanted, attached(book, &[]).name);
    let letter = letter_text(session, wanted.stage, reviewer.lang)?.fill(&facts);
    let post = Post {
        draft: false,
        from: Some(&config.from),
        reply_to: config.reply_to.as_deref(),
        to: Some(wanted.to),
        copy: config.escalation.as_deref().filter(|_| wanted.stage == Stage::Late),
        date: session.context.now(),
        identity: [&head.id, &wanted.letter],
    };
    let outgoing = message::message(&letter, &post, reviewer, workbook)?;
    Ok((outgoing, workbook.map(|_| book.sha256.clone())))
}

fn named<'c>(campaign: &'c Campaign, name: &str) -> Result<&'c Reviewer, Failure> {
    let is = |r: &&Reviewer| {
        let number = r.person_id.rsplit(':').next();
        r.person_id == name || number == Some(name) || r.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(name))
    };
    let found: Vec<_> = campaign.head.reviewers.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one),
        _ => Err(Failure::new(format!(
            "--again {name}: {} reviewers of campaign {} are called so; write an employee number or an e-mail address",
            found.len(),
            campaign.head.id
        ))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn no_mail(session: &Session) -> Failure {
    Failure::new(format!(
        "{} has no [mail] section, so nothing can be sent from here: add one (server, from), or open the drafts (.eml) that lie beside \
         the workbooks in your mail program",
        session.config.path.display()
    ))
}
