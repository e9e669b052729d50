//! Letters from a session: drafts beside the workbooks, and letters sent, each recorded before it goes.

mod journal;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::failure::Failure;
use super::held::{self, HEAD, LOG};
use super::session::Session;
use crate::context::Context;
use crate::lanes;
use crate::lang::Lang;
use crate::outputs::files;
use crate::review::mail::log::What;
use crate::review::mail::message::{self, Outgoing, Post, Workbook};
use crate::review::mail::smtp::{Postman, SendError};
use crate::review::mail::template::{self, Template};
use crate::review::mail::{Ask, MailConfig, Plan, Stage, Wanted, plan};
use crate::review::record::campaign::{Campaign, Head};
use crate::review::record::decisions::Log;
use crate::review::record::item::{Reviewer, Sent};
use crate::review::underway::status::status;
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
        let (campaign, log, folder) = held::named(session, id)?;
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

fn attached<'a>(book: &'a Sent, bytes: &'a [u8]) -> Workbook<'a> {
    Workbook { name: book.file.rsplit('/').next().unwrap_or(&book.file), bytes }
}

/// Writes a draft beside each workbook of the opening; returns the names of the reviewers whose draft has no address.
pub(super) fn drafts(session: &Session, head: &Head, folder: &Path) -> Result<Vec<String>, Failure> {
    let mail = session.config.file.mail.as_ref();
    let invitation = |lang| letter_text(session, Stage::Invitation, lang);
    let (french, english) = (invitation(Lang::Fr)?, invitation(Lang::En)?);
    let reviewers: Vec<&Reviewer> = head.reviewers.iter().filter(|reviewer| reviewer.workbook.is_some()).collect();
    let one = |reviewer: &&Reviewer| {
        let letter = (reviewer.lang.pick(&french, &english), head.opened_at, DRAFT);
        let addressed = write_draft(mail, (head, reviewer), folder, letter)?;
        Ok::<_, Failure>((!addressed).then(|| reviewer.name.clone()))
    };
    Ok(lanes::each(&reviewers, Context::processors(), |reviewer| reviewer.lines, one)?.into_iter().flatten().collect())
}

/// Writes the draft that carries a reviewer's workbook; whether it has an address.
pub(super) fn draft(
    session: &Session,
    head: &Head,
    folder: &Path,
    (reviewer, at, letter): (&Reviewer, Timestamp, &str),
) -> Result<bool, Failure> {
    let text = letter_text(session, Stage::Invitation, reviewer.lang)?;
    write_draft(session.config.file.mail.as_ref(), (head, reviewer), folder, (&text, at, letter))
}

fn write_draft(
    mail: Option<&MailConfig>,
    (head, reviewer): (&Head, &Reviewer),
    folder: &Path,
    (text, at, letter): (&Template, Timestamp, &str),
) -> Result<bool, Failure> {
    let Some(book) = &reviewer.workbook else { return Ok(true) };
    let bytes = read(&folder.join(&book.file))?;
    let to = reviewer.email.as_deref().filter(|text| message::is_address(text));
    let workbook = attached(book, &bytes);
    let facts = message::common(head, reviewer, workbook.name);
    let text = text.fill(&facts);
    let post = Post {
        draft: true,
        from: mail.map(|mail| mail.from.as_str()),
        reply_to: mail.and_then(|mail| mail.reply_to.as_deref()),
        to,
        copy: None,
        date: at,
        identity: [&head.id, letter],
    };
    let draft = message::message(&text, &post, reviewer, &[workbook])?;
    let name = Path::new(&book.file).with_extension("eml");
    files::write(folder, &name.to_string_lossy(), &draft.bytes)?;
    Ok(to.is_some())
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
    held::still_open(campaign, &opened.log)?;
    let mut store = if sending.dry_run { None } else { Some(session.store()?) };
    let now = session.context.now();
    let (mut journal, mut history) = Journal::open(session, &opened.folder, sending.dry_run)?;
    for name in sending.again {
        let reviewer = held::reviewer(campaign, "--again", name)?;
        let invitation = sending.ask == Ask::Invite;
        let of_this_kind = |letter: &&str| letter.starts_with(Stage::Invitation.word()) == invitation;
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
    // Every template is read before the first letter goes out.
    for wanted in &letters {
        letter_text(session, wanted.stage, wanted.reviewer.lang)?;
    }
    let mut postman = if journal.is_rehearsal() { None } else { Some(Postman::new(server::server(session, config)?)) };
    let mut done = vec![];
    let mut broken: Option<String> = None;
    for wanted in letters {
        let (outgoing, workbook) = compose(session, opened, &wanted, config)?;
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
    let (id, letter, lang) = (&wanted.reviewer.person_id, &wanted.letter, journal.lang());
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
        Err(error @ SendError::Unreachable { .. }) => Fate::Unreachable(error.say(lang)),
        Err(error) => {
            // What had not begun needs no line to be undone; what is in doubt stays so.
            if let SendError::Refused(answer) = &error
                && begun
            {
                journal.add(id, letter, What::Refused { answer: answer.clone() })?;
            }
            Fate::Failed(error.say(lang))
        }
    })
}

/// The message of a letter, and the digests of the workbooks that it carries.
fn compose(
    session: &Session,
    opened: &Opened,
    wanted: &Wanted<'_>,
    config: &MailConfig,
) -> Result<(Outgoing, Option<String>), Failure> {
    let (reviewer, head) = (wanted.reviewer, &opened.campaign.head);
    // Who has begun to answer must not be given an empty workbook.
    let carried = if wanted.returned { &[] } else { wanted.books.as_slice() };
    let mut contents = vec![];
    for book in carried {
        let bytes = read(&opened.folder.join(&book.file))?;
        if digest::hex(&bytes) != book.sha256 {
            return Err(Failure::new(format!(
                "{} is not the workbook that was made (its SHA-256 is not the one in {HEAD} or {LOG}): restore it from a copy of the store",
                book.file
            )));
        }
        contents.push((*book, bytes));
    }
    let workbooks: Vec<Workbook<'_>> = contents.iter().map(|(book, bytes)| attached(book, bytes)).collect();
    let names: Vec<&str> = wanted.books.iter().map(|book| attached(book, &[]).name).collect();
    let facts = message::facts(head, wanted, &names.join(", "));
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
    let outgoing = message::message(&letter, &post, reviewer, &workbooks)?;
    let digests: Vec<&str> = contents.iter().map(|(book, _)| book.sha256.as_str()).collect();
    Ok((outgoing, (!digests.is_empty()).then(|| digests.join(" "))))
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
