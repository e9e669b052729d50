//! The words of a review's lines, in French and English. What surrounds the lines in a workbook has its own table.

use jiff::civil::Date;

use super::advice::{Advice, Precision, Reason, Verdict};
use super::config::Rule;
use super::line::{Delta, Line};
use super::peers::Rarity;
use super::reviewers::Basis;
use crate::lang::Lang;
use crate::snapshot::schema::{DECLARATION, Decision};

/// Words that stand alone.
pub struct Words {
    /// Choices of the drop-down, as they are stored in the cell.
    pub keep: &'static str,
    pub revoke: &'static str,
    pub modify: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub unknown: &'static str,
    pub nobody: &'static str,
    pub no_owner: &'static str,
    pub owner: &'static str,
    pub candidate: &'static str,
    pub disabled: &'static str,
    pub maybe_enabled: &'static str,
    pub locked: &'static str,
    pub no_right: &'static str,
    pub undescribed: &'static str,
    pub direct: &'static str,
    pub indirect: &'static str,
    pub via: &'static str,
    pub no_login_known: &'static str,
    pub no_earlier_decision: &'static str,
    pub nothing_found: &'static str,
    pub nothing_found_login_unknown: &'static str,
}

static FR: Words = Words {
    keep: "Conserver",
    revoke: "Révoquer",
    modify: "Modifier",
    yes: "Oui",
    no: "Non",
    unknown: "Inconnu",
    nobody: "Personne non identifiée",
    no_owner: "Sans propriétaire déclaré",
    owner: "Propriétaire : ",
    candidate: "(lien à confirmer)",
    disabled: "(désactivé)",
    maybe_enabled: "(actif ou non : inconnu)",
    locked: "(verrouillé)",
    no_right: "Aucun droit connu : le compte lui-même",
    undescribed: "(droit que sa source ne décrit pas)",
    direct: "Direct",
    indirect: "Indirect",
    via: "Via ",
    no_login_known: "Non connue",
    no_earlier_decision: "—",
    nothing_found: "Rien d'anormal relevé",
    nothing_found_login_unknown: "Rien d'anormal relevé, mais dernière connexion non connue",
};

static EN: Words = Words {
    keep: "Keep",
    revoke: "Revoke",
    modify: "Modify",
    yes: "Yes",
    no: "No",
    unknown: "Unknown",
    nobody: "Nobody identified",
    no_owner: "No declared owner",
    owner: "Owner: ",
    candidate: "(link to be confirmed)",
    disabled: "(disabled)",
    maybe_enabled: "(enabled or not: unknown)",
    locked: "(locked)",
    no_right: "No known right: the account itself",
    undescribed: "(right that its source does not describe)",
    direct: "Direct",
    indirect: "Indirect",
    via: "Via ",
    no_login_known: "Not known",
    no_earlier_decision: "—",
    nothing_found: "Nothing unusual found",
    nothing_found_login_unknown: "Nothing unusual found, but last login not known",
};

impl Words {
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        lang.pick(&FR, &EN)
    }

    /// Yes, no, or unknown: three values, three words.
    #[must_use]
    pub fn tristate(&self, value: Option<bool>) -> &'static str {
        match value {
            Some(true) => self.yes,
            Some(false) => self.no,
            None => self.unknown,
        }
    }

    /// An earlier decision, as the `decisions` table writes it.
    #[must_use]
    pub fn decision<'w>(&self, word: &'w str) -> &'w str {
        match word {
            "keep" => self.keep,
            "revoke" => self.revoke,
            "modify" => self.modify,
            other => other,
        }
    }
}

/// Where an earlier decision comes from: a campaign's name, or a declaration and its day.
#[must_use]
pub fn campaign(decision: &Decision<'_>, lang: Lang) -> String {
    let declared = decision.campaign_id.strip_prefix(DECLARATION).filter(|_| decision.campaign_kind == DECLARATION);
    let Some(day) = declared else { return super::clean::text(&decision.campaign_id) };
    match (day.trim().parse::<Date>(), lang) {
        (Ok(day), Lang::Fr) => format!("déclaré le {}", lang.date(day)),
        (Ok(day), Lang::En) => format!("declared on {}", lang.date(day)),
        (Err(_no_date), _) => lang.pick("déclaré", "declared").to_owned(),
    }
}

/// Kind of an account that is no one's own.
#[must_use]
pub fn kind(word: &str, lang: Lang) -> &'static str {
    match word {
        "service" => lang.pick("Compte de service", "Service account"),
        "shared" => lang.pick("Compte partagé", "Shared account"),
        "system" => lang.pick("Compte système", "System account"),
        "break_glass" => lang.pick("Compte de secours", "Break-glass account"),
        _ => lang.pick("Compte de nature inconnue", "Account of unknown kind"),
    }
}

#[must_use]
pub fn delta(delta: Delta, lang: Lang) -> &'static str {
    match delta {
        Delta::NoBaseline => lang.pick("Pas de revue antérieure", "No earlier review"),
        Delta::NewAccount => lang.pick("Nouveau compte", "New account"),
        Delta::NewRight => lang.pick("Nouveau droit", "New right"),
        Delta::Changed => lang.pick("Droit modifié", "Changed right"),
        Delta::Unchanged => lang.pick("Inchangé", "Unchanged"),
        Delta::StillThere => lang.pick("Toujours présent malgré la décision", "Still there despite the decision"),
    }
}

/// With a sign of its own, so that colour is never needed.
#[must_use]
pub fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    match verdict {
        Verdict::Keep => lang.pick("✓ Conserver", "✓ Keep"),
        Verdict::Examine => lang.pick("? Examiner", "? Examine"),
        Verdict::Revoke => lang.pick("✗ Révoquer", "✗ Revoke"),
    }
}

/// How far a date can be trusted.
#[must_use]
pub fn precision(precision: Precision, lang: Lang) -> &'static str {
    match precision {
        Precision::Exact => lang.pick("date exacte", "exact date"),
        Precision::Days14 => lang.pick("à 14 jours près", "within 14 days"),
        Precision::Coarse => lang.pick("date approximative", "approximate date"),
        Precision::None => lang.pick("précision inconnue", "unknown precision"),
    }
}

/// Every reason, or that there is none. `clean` makes a text of a source safe.
#[must_use]
pub fn reasons(line: &Line<'_>, advice: &Advice<'_>, lang: Lang) -> String {
    let words = Words::of(lang);
    if advice.reasons.is_empty() {
        let known = line.last_login.is_some();
        return if known { words.nothing_found } else { words.nothing_found_login_unknown }.to_owned();
    }
    advice.reasons.iter().map(|r| reason(r, lang)).collect::<Vec<_>>().join("\n")
}

fn reason(reason: &Reason<'_>, lang: Lang) -> String {
    match reason {
        Reason::Left(Some(day)) => {
            format!("{} {}", lang.pick("Personne partie le", "Left on"), lang.date(*day))
        }
        Reason::DecidedOtherwise { campaign, modify } => {
            let decided = match modify {
                true => lang.pick("Devait être modifié", "Was to be modified"),
                false => lang.pick("Devait être révoqué", "Was to be revoked"),
            };
            format!("{decided} ({})", super::clean::text(campaign))
        }
        Reason::CameBack(back) => {
            let campaign = super::clean::text(back.campaign);
            match (back.observed_on.map(|day| lang.date(day)), lang) {
                (Some(day), Lang::Fr) => format!("Avait été retiré ({campaign}, suivi au {day}) et est revenu"),
                (Some(day), Lang::En) => format!("Seen gone on {day} ({campaign}), and is back"),
                (None, Lang::Fr) => format!("Avait été retiré ({campaign}) et est revenu"),
                (None, Lang::En) => format!("Was removed ({campaign}) and is back"),
            }
        }
        Reason::Dormant { since, precision: p } => {
            let begin = lang.pick("Aucune connexion depuis le", "No login since");
            format!("{begin} {} ({})", lang.date(*since), precision(*p, lang))
        }
        Reason::Outlier(Rarity { holders, accounts }) => match lang {
            Lang::Fr => format!("Droit rare dans son unité : {holders} compte(s) sur {accounts}"),
            Lang::En => format!("Rare in the person's unit: {holders} of {accounts} accounts"),
        },
        plain => plain_reason(plain, lang).to_owned(),
    }
}

fn plain_reason(reason: &Reason<'_>, lang: Lang) -> &'static str {
    match reason {
        Reason::Left(_) => lang.pick("Personne partie", "The person has left"),
        Reason::Disabled => lang.pick("Compte désactivé qui garde ce droit", "Disabled account that keeps this right"),
        Reason::Orphan => {
            lang.pick("Personne de l'annuaire RH ne correspond à ce compte", "Nobody in the HR roster explains this account")
        }
        Reason::Candidate => lang.pick("Rattachement à cette personne incertain", "The link to this person is uncertain"),
        Reason::Ownerless => lang.pick("Aucun propriétaire déclaré", "No declared owner"),
        Reason::OwnerLeft => lang.pick("Son propriétaire est parti", "Its owner has left"),
        Reason::Unjustified => lang.pick("Privilégié, sans justification connue", "Privileged, without a justification on record"),
        Reason::JustifyAgain => lang.pick("Privilégié : à justifier de nouveau", "Privileged: to be justified again"),
        _ => lang.pick("Relevé par un contrôle (voir Alertes)", "Found by a check (see Flags)"),
    }
}

/// Why someone is asked to review.
#[must_use]
pub fn basis(basis: Basis, lang: Lang) -> String {
    let rule = match basis.rule {
        Some(Rule::ApplicationOwner) => lang.pick("propriétaire de l'application", "owner of the application"),
        Some(Rule::LineManager) => lang.pick("responsable hiérarchique de la personne", "line manager of the person"),
        Some(Rule::TechnicalOwner) => {
            lang.pick("responsable technique ou propriétaire du compte", "technical owner, or owner of the account")
        }
        Some(Rule::RightOwner) => lang.pick("propriétaire du droit", "owner of the right"),
        None => lang.pick("relecteur de recours", "fallback reviewer"),
    };
    if !basis.escalated {
        return rule.to_owned();
    }
    match lang {
        Lang::Fr => format!("à la place de : {rule} (son propre accès, ou parti)"),
        Lang::En => format!("in place of: {rule} (own access, or left)"),
    }
}

/// The labels of the signature sheet, in its order: name, role, date, and the two declarations.
#[must_use]
pub fn sign_labels(lang: Lang) -> [&'static str; 5] {
    [
        lang.pick("Nom et prénom", "Name"),
        lang.pick("Fonction", "Role"),
        lang.pick("Date (jj/mm/aaaa)", "Date (yyyy-mm-dd)"),
        lang.pick("J'ai examiné moi-même chaque ligne de ce classeur.", "I examined each line of this workbook myself."),
        lang.pick(
            "Je n'ai revu aucun de mes propres accès, quel que soit le compte.",
            "I reviewed none of my own accesses, by whatever account.",
        ),
    ]
}
