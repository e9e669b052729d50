//! What `probant sources test` finds out: who answers, what this identity can read, and what a harvest would ask.

use std::collections::BTreeMap;

use ldap3::Scope;

use super::asks::{self, Tells};
use super::ber::Entry;
use super::config::LdapConfig;
use super::fault::Fault;
use super::met::Question;
use super::plan::Plan;
use super::root::Root;
use super::session::{Ask, End, Found, Session};
use super::settings;
use crate::lang::Lang;
use crate::sources::Request;
use crate::sources::directory::Flavour;

/// Entries that are looked at in each base.
const SAMPLE: i32 = 200;

/// What is known of an attribute that tells an account's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// An entry carried it.
    Readable,
    /// No entry carried it: absent, or not to be read. Only an account known to have it can tell.
    NotSeen,
}

/// One such attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub attribute: &'static str,
    pub tells: Tells,
    pub sight: Sight,
}

/// One base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub base: String,
    /// Entries seen, [`SAMPLE`] at most.
    pub entries: u64,
    /// Why no more, when that was not our own wish.
    pub refusal: Option<String>,
}

/// An account that the configuration names to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    pub dn: String,
    /// Attributes of its state that came; `Err`: it could not be read at all, and why.
    pub seen: Result<Vec<&'static str>, String>,
}

/// Everything found out.
#[derive(Debug, Clone)]
pub struct Facts {
    pub endpoint: String,
    pub identity: String,
    pub product: Option<String>,
    pub flavour: Flavour,
    pub because: String,
    pub root_readable: bool,
    pub question: Question,
    pub looked: Vec<Looked>,
    pub attributes: Vec<Told>,
    pub probed: Vec<Probed>,
    /// Active Directory's password settings objects apply and cannot be read.
    pub settings_hidden: bool,
}

impl LdapConfig {
    /// Connects, binds and looks. Nothing is harvested.
    pub fn probe(&self, request: &Request) -> Result<Facts, Fault> {
        super::runtime()?.block_on(self.look(request))
    }

    async fn look(&self, request: &Request) -> Result<Facts, Fault> {
        let plan = Plan::new(self, request)?;
        let mut session = plan.open().await?;
        let root = Root::read(&mut session).await?;
        let (mut question, because) = self.asked(&root)?;
        let mut seen = BTreeMap::new();
        let mut looked = vec![];
        let mut settings_hidden = false;
        for base in &question.bases {
            looked.push(sample(&mut session, &question, base, plan.proof.who(), &mut seen).await?);
            settings_hidden |= question.flavour == Flavour::Ad && settings::are_hidden(&mut session, base).await?;
        }
        question.attributes.extend(settings_hidden.then(|| settings::RESULTANT.to_owned()));
        let mut probed = vec![];
        for dn in &self.probe {
            probed.push(account(&mut session, &question, &dn.0, plan.proof.who(), &mut seen).await?);
        }
        session.close().await;
        let attributes = asks::telling(question.flavour).iter().map(|(attribute, tells)| {
            let sight = if seen.contains_key(*attribute) { Sight::Readable } else { Sight::NotSeen };
            Told { attribute, tells: *tells, sight }
        });
        Ok(Facts {
            endpoint: self.url.to_string(),
            identity: plan.proof.who().to_owned(),
            product: root.product(),
            flavour: question.flavour,
            because,
            root_readable: root.is_readable(),
            attributes: attributes.collect(),
            question,
            looked,
            probed,
            settings_hidden,
        })
    }
}

/// Notes which of the telling attributes an entry carries.
fn note(flavour: Flavour, body: &[u8], seen: &mut BTreeMap<&'static str, u64>) -> Result<Vec<&'static str>, Fault> {
    let entry = Entry::new(body)?;
    let mut here = vec![];
    for (name, _) in asks::telling(flavour) {
        let carried = entry
            .attributes()
            .any(|attribute| attribute.name.eq_ignore_ascii_case(name.as_bytes()) && attribute.values().next().is_some());
        if carried {
            here.push(*name);
            *seen.entry(*name).or_default() += 1;
        }
    }
    Ok(here)
}

async fn sample(
    session: &mut Session,
    question: &Question,
    base: &str,
    who: &str,
    seen: &mut BTreeMap<&'static str, u64>,
) -> Result<Looked, Fault> {
    let mut entries = 0;
    let ask = Ask { base, scope: Scope::Subtree, filter: &question.filter, attributes: &question.attributes, size: SAMPLE };
    let end = session
        .search(ask, &mut |found| {
            if let Found::Entry(body) = found {
                entries += 1;
                note(question.flavour, body, seen)?;
            }
            Ok::<(), Fault>(())
        })
        .await?;
    let refusal = match end {
        // Our own limit.
        End::Refused(refusal) if refusal.rc == 4 && entries >= u64::try_from(SAMPLE).unwrap_or_default() => None,
        End::Refused(refusal) => Some(refusal.explain(base, who)),
        End::Whole { .. } => None,
    };
    Ok(Looked { base: base.to_owned(), entries, refusal })
}

async fn account(
    session: &mut Session,
    question: &Question,
    dn: &str,
    who: &str,
    seen: &mut BTreeMap<&'static str, u64>,
) -> Result<Probed, Fault> {
    let mut carried = None;
    let ask = Ask { base: dn, scope: Scope::Base, filter: "(objectClass=*)", attributes: &question.attributes, size: 0 };
    let end = session
        .search(ask, &mut |found| {
            if let Found::Entry(body) = found {
                carried = Some(note(question.flavour, body, seen)?);
            }
            Ok::<(), Fault>(())
        })
        .await?;
    let seen = match (carried, end) {
        (Some(names), _) => Ok(names),
        (None, End::Refused(refusal)) => Err(refusal.explain(dn, who)),
        (None, End::Whole { .. }) => Err("it is not there, or may not be read".to_owned()),
    };
    Ok(Probed { dn: dn.to_owned(), seen })
}

impl Facts {
    /// Whether a harvest would get everything that was looked at.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.looked.iter().all(|looked| looked.refusal.is_none() && looked.entries > 0)
            && self.attributes.iter().all(|told| told.sight == Sight::Readable)
            && self.probed.iter().all(|probed| probed.seen.is_ok())
            && !self.settings_hidden
    }

    /// The facts as lines for people.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![
            format!("{} {} {}", self.endpoint, lang.pick("en tant que", "as"), self.identity),
            format!(
                "{} {} ({})",
                lang.pick("annuaire :", "directory:"),
                self.product.as_deref().unwrap_or(self.flavour.word()),
                self.because
            ),
        ];
        if !self.root_readable {
            lines.push(
                lang.pick(
                    "l'entrée racine n'est pas lisible : écrire `flavour` et `base`",
                    "the root entry cannot be read: write `flavour` and `base`",
                )
                .to_owned(),
            );
        }
        for looked in &self.looked {
            let most = u64::try_from(SAMPLE).unwrap_or_default();
            let count = if looked.entries >= most {
                lang.pick(format!("au moins {most} entrées"), format!("{most} entries at least"))
            } else {
                lang.pick(format!("{} entrées", looked.entries), format!("{} entries", looked.entries))
            };
            lines.push(format!(
                "{}: {count}{}",
                looked.base,
                looked.refusal.as_ref().map(|why| format!("; {why}")).unwrap_or_default()
            ));
        }
        for told in &self.attributes {
            let sight = match told.sight {
                Sight::Readable => lang.pick("lisible", "readable"),
                Sight::NotSeen => lang.pick(
                    "vu sur aucune entrée : absent, ou illisible pour ce compte (nommer dans `probe` un compte qui l'a sûrement)",
                    "seen on no entry: absent, or not to be read by this account (name in `probe` an account that surely has it)",
                ),
            };
            lines.push(format!("{} ({}): {sight}", told.attribute, told.tells.word(lang)));
        }
        for probed in &self.probed {
            lines.push(match &probed.seen {
                Ok(names) if names.is_empty() => {
                    format!("{}: {}", probed.dn, lang.pick("lu, aucun attribut d'état", "read, no attribute of its state"))
                }
                Ok(names) => format!("{}: {}", probed.dn, names.join(", ")),
                Err(why) => format!("{}: {why}", probed.dn),
            });
        }
        if self.settings_hidden {
            lines.push(
                lang.pick(
                    "des objets de paramètres de mot de passe (PSO) s'appliquent et ne sont pas lisibles : l'expiration des mots de passe de leurs comptes restera inconnue ; faire déléguer la lecture de CN=Password Settings Container,CN=System",
                    "password settings objects (PSO) apply and cannot be read: whether the passwords of their accounts expire will stay unknown; have reading CN=Password Settings Container,CN=System delegated",
                )
                .to_owned(),
            );
        }
        let pages = self.question.pages.first().map_or_else(
            || lang.pick("sans pagination", "without paging").to_owned(),
            |size| lang.pick(format!("par pages de {size}"), format!("in pages of {size}")),
        );
        lines.push(format!(
            "{} {} {}, {pages}: {}",
            lang.pick("une collecte demanderait", "a harvest would ask for"),
            self.question.filter,
            lang.pick("sous", "below"),
            self.question.bases.join("; ")
        ));
        lines.push(format!("{} {}", lang.pick("attributs :", "attributes:"), self.question.attributes.join(", ")));
        lines
    }
}

impl Tells {
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Id => lang.pick("identifiant immuable", "immutable id"),
            Self::Lock => lang.pick("état", "state"),
            Self::Login => lang.pick("dernière connexion", "last login"),
            Self::Password => lang.pick("mot de passe", "password"),
            Self::Groups => lang.pick("groupes", "groups"),
        }
    }
}
