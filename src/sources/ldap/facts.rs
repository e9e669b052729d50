//! What a try at a directory found out, for people in both languages and for programs.

use serde_json::{Value, json};

use super::asks::Tells;
use super::probe::{Facts, Looked, Probed, SAMPLE, Sight, Walked};
use crate::lang::Lang;
use crate::sources::Look;

/// States without which an access review is blind. Groups are also read from their members.
const NEEDED: [Tells; 4] = [Tells::Id, Tells::Lock, Tells::Login, Tells::Password];

impl Facts {
    /// For the command line.
    #[must_use]
    pub fn look(&self) -> Look {
        Look::new(self.json(), |lang| self.lines(lang), |lang| self.wanting(lang))
    }

    /// Why a harvest would not be whole, or would not tell the state of accounts. Only accounts known to have an attribute tell "may
    /// not be read" from "is not there": without `probe` an attribute that no entry showed is no more than a remark.
    #[must_use]
    pub fn wanting(&self, lang: Lang) -> Vec<String> {
        let mut wanting: Vec<String> = self.looked.iter().filter_map(|looked| looked.refusal.clone()).collect();
        for looked in self.looked.iter().filter(|looked| looked.refusal.is_none() && looked.entries == 0) {
            let (base, who) = (&looked.base, &self.identity);
            wanting.push(lang.pick(
                format!("{base} : aucune entrée visible ; vérifier `base`, `filter` et les droits de {who}"),
                format!("{base}: no entry can be seen; check `base`, `filter` and the rights of {who}"),
            ));
        }
        for Probed { dn, seen } in &self.probed {
            if let Err(why) = seen {
                wanting.push(lang.pick(format!("`probe` {dn} : {why}"), format!("`probe` {dn}: {why}")));
            }
        }
        if !self.probed.is_empty() {
            wanting.extend(NEEDED.iter().filter_map(|tells| self.unreadable(*tells, lang)));
        }
        let known = wanting.clone();
        let incomplete = self.walked.iter().flat_map(|walked| &walked.incomplete);
        wanting.extend(incomplete.filter(|reason| !known.contains(reason)).cloned());
        wanting
    }

    /// That no attribute of a kind could be read anywhere, not even on the accounts named for it.
    fn unreadable(&self, tells: Tells, lang: Lang) -> Option<String> {
        let all: Vec<_> = self.attributes.iter().filter(|told| told.tells == tells).collect();
        if all.is_empty() || all.iter().any(|told| told.sight == Sight::Readable) {
            return None;
        }
        let names = all.iter().map(|told| told.attribute).collect::<Vec<_>>().join(", ");
        let (who, what) = (&self.identity, tells.word(lang));
        Some(lang.pick(
            format!(
                "{who} ne lit pas {names} ({what}), pas même sur les comptes nommés dans `probe` : demander à l'administrateur de l'annuaire le droit de lecture sur ces attributs"
            ),
            format!(
                "{who} cannot read {names} ({what}), not even on the accounts named in `probe`: ask the directory's administrator for the right to read these attributes"
            ),
        ))
    }

    /// The facts as lines for people.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let product = self.product.as_deref().unwrap_or(self.flavour.word());
        let mut lines = vec![
            format!("{} {} {}", self.endpoint, lang.pick("en tant que", "as"), self.identity),
            format!("{} {product} ({}, {})", lang.pick("annuaire :", "directory:"), self.flavour.word(), self.because),
        ];
        if !self.root_readable {
            let text = lang.pick(
                "l'entrée racine n'est pas lisible : écrire `flavour` et `base`",
                "the root entry cannot be read: write `flavour` and `base`",
            );
            lines.push(text.to_owned());
        }
        lines.extend(self.looked.iter().map(|looked| base_line(looked, lang)));
        lines.extend(self.walked.iter().flat_map(|walked| walked.lines(lang)));
        for told in &self.attributes {
            let sight = match told.sight {
                Sight::Readable => lang.pick("lisible", "readable"),
                Sight::NotSeen => lang.pick(
                    "vu sur aucune entrée : absent, ou illisible pour ce compte (nommer dans `probe` un compte qui l'a sûrement)",
                    "seen on no entry: absent, or not to be read by this account (name in `probe` an account that surely has it)",
                ),
            };
            lines.push(format!("{} ({}){} {sight}", told.attribute, told.tells.word(lang), lang.pick(" :", ":")));
        }
        lines.extend(self.probed.iter().map(|probed| probe_line(probed, lang)));
        if self.settings_hidden {
            let text = lang.pick(
                "des objets de paramètres de mot de passe (PSO) s'appliquent et ne sont pas lisibles : l'expiration des mots de passe de leurs comptes restera inconnue ; faire déléguer la lecture de CN=Password Settings Container,CN=System",
                "password settings objects (PSO) apply and cannot be read: whether the passwords of their accounts expire will stay unknown; have reading CN=Password Settings Container,CN=System delegated",
            );
            lines.push(text.to_owned());
        }
        lines.extend(self.would_ask(lang));
        lines
    }

    fn would_ask(&self, lang: Lang) -> [String; 2] {
        let pages = self.question.pages.first().map_or_else(
            || lang.pick("sans pagination", "without paging").to_owned(),
            |size| lang.pick(format!("par pages de {size}"), format!("in pages of {size}")),
        );
        let colon = lang.pick(" :", ":");
        [
            format!(
                "{} {} {}, {pages}{colon} {}",
                lang.pick("une collecte demanderait", "a harvest would ask for"),
                self.question.filter,
                lang.pick("sous", "below"),
                self.question.bases.join("; ")
            ),
            format!("{} {}", lang.pick("attributs :", "attributes:"), self.question.attributes.join(", ")),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "endpoint": self.endpoint,
            "identity": self.identity,
            "product": self.product,
            "flavour": self.flavour.word(),
            "flavour_because": self.because,
            "root_readable": self.root_readable,
            "bases": self.looked.iter().map(|l| json!({ "base": l.base, "entries_seen": l.entries, "refusal": l.refusal })).collect::<Vec<_>>(),
            // Not seen is not the same as unreadable: null, not false.
            "attributes": self.attributes.iter().map(|told| json!({
                "attribute": told.attribute, "tells": told.tells.code(), "readable": (told.sight == Sight::Readable).then_some(true),
            })).collect::<Vec<_>>(),
            "probe": self.probed.iter().map(|probed| json!({
                "dn": probed.dn, "attributes": probed.seen.as_ref().ok(), "error": probed.seen.as_ref().err(),
            })).collect::<Vec<_>>(),
            "password_settings_hidden": self.settings_hidden,
            "whole": self.walked.as_ref().map(|walked| json!({
                "entries": walked.entries, "page_size": walked.page_size, "branches_cut": walked.branches_cut,
                "references": walked.references, "limits_met": walked.limits, "incomplete": walked.incomplete,
            })),
            "would_ask": {
                "bases": self.question.bases, "filter": self.question.filter, "attributes": self.question.attributes,
                "page_sizes": self.question.pages, "retries": self.question.retries,
            },
        })
    }
}

fn base_line(looked: &Looked, lang: Lang) -> String {
    let most = u64::try_from(SAMPLE).unwrap_or_default();
    let count = if looked.entries >= most {
        lang.pick(format!("au moins {most} entrées"), format!("{most} entries at least"))
    } else {
        lang.pick(format!("{} entrées", looked.entries), format!("{} entries", looked.entries))
    };
    let refusal = looked.refusal.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
    format!("{}{} {count}{refusal}", looked.base, lang.pick(" :", ":"))
}

fn probe_line(probed: &Probed, lang: Lang) -> String {
    let colon = lang.pick(" :", ":");
    match &probed.seen {
        Ok(names) if names.is_empty() => {
            format!("{}{colon} {}", probed.dn, lang.pick("lu, aucun attribut d'état", "read, no attribute of its state"))
        }
        Ok(names) => format!("{}{colon} {}", probed.dn, names.join(", ")),
        Err(why) => format!("{}{colon} {why}", probed.dn),
    }
}

impl Walked {
    fn lines(&self, lang: Lang) -> Vec<String> {
        let Self { entries, page_size, branches_cut, references, .. } = self;
        let pages = match page_size {
            0 => lang.pick("sans pagination", "without paging").to_owned(),
            size => lang.pick(format!("par pages de {size}"), format!("in pages of {size}")),
        };
        let mut line = lang.pick(
            format!("parcours sans attributs : {entries} entrées, {pages}"),
            format!("walked over without attributes: {entries} entries, {pages}"),
        );
        if *branches_cut > 0 {
            line += &lang.pick(format!(", {branches_cut} branches découpées"), format!(", {branches_cut} branches cut"));
        }
        if *references > 0 {
            line += &lang.pick(format!(", {references} renvois"), format!(", {references} references"));
        }
        let met = |text: &String| format!("{} {text}", lang.pick("limite rencontrée et contournée :", "limit met and got past:"));
        std::iter::once(line).chain(self.limits.iter().map(met)).collect()
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

    /// For programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Lock => "state",
            Self::Login => "last_login",
            Self::Password => "password",
            Self::Groups => "groups",
        }
    }
}
