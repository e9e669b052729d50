//! `probant review reassign` and `abandon`: what changed hands, and what is given up.

use super::Exit;
use crate::cli::args::{AbandonReview, ReassignReview};
use crate::cli::handing::{self, Asked};
use crate::cli::session::Session;
use crate::cli::summary;

/// Lines named on a screen, of those that could not be moved.
const SHOWN: usize = 20;

/// `probant review reassign`.
pub(super) fn reassign(session: &Session, args: &ReassignReview) -> Exit {
    let asked = Asked { from: args.from.as_deref(), to: &args.to, reason: &args.reason, systems: &args.system, lines: &args.line };
    let given = handing::reassign(session, &asked)?;
    let console = &session.console;
    let own: Vec<&str> = given.own.iter().map(|(id, _)| id.as_str()).collect();
    console.json(&serde_json::json!({
        "schema": "probant.reassign.v1", "campaign": given.campaign, "to": given.to.person_id, "lines": given.items, "own_access": own,
        "decided": given.decided, "workbook": given.workbook, "addressed": given.addressed,
    }))?;
    let from = given.from.unwrap_or_else(|| console.pick("(sans relecteur)", "(no reviewer)").to_owned());
    console.say(console.pick(
        format!("{} ligne(s) de {from} confiée(s) à {}", given.items.len(), given.to.name),
        format!("{} line(s) of {from} given to {}", given.items.len(), given.to.name),
    ));
    console.say(summary::shown(&given.workbook, &session.context.folder));
    if given.decided > 0 {
        console.say(console.pick(
            format!("{} ligne(s) décidée(s) gardent leur décision", given.decided),
            format!("{} decided line(s) keep their decision", given.decided),
        ));
    }
    if !given.own.is_empty() {
        console.say(console.pick(
            format!(
                "! {} ligne(s) restent où elles étaient : ce sont des accès de {}. Confiez-les à quelqu'un d'autre",
                own.len(),
                given.to.name
            ),
            format!(
                "! {} line(s) stay where they were: they are accesses of {}'s own. Give them to someone else",
                own.len(),
                given.to.name
            ),
        ));
        for (id, title) in given.own.iter().take(SHOWN) {
            console.say(format!("    {id}  {title}"));
        }
    }
    console.note(if given.addressed {
        console.pick(
            "À côté du classeur, un brouillon de courriel (.eml) à ouvrir et envoyer ; ou `probant review send`",
            "Beside the workbook, a draft e-mail (.eml) to open and send; or `probant review send`",
        )
    } else {
        console.pick(
            "Sans adresse dans l'annuaire RH : complétez le brouillon (.eml) à côté du classeur, ou remettez le classeur en main propre",
            "No address in the HR roster: complete the draft (.eml) beside the workbook, or hand the workbook over",
        )
    });
    Ok(0)
}

/// `probant review abandon`.
pub(super) fn abandon(session: &Session, args: &AbandonReview) -> Exit {
    handing::abandon(session, &args.campaign, &args.reason)?;
    let (console, id) = (&session.console, &args.campaign);
    console.json(&serde_json::json!({ "schema": "probant.abandon.v1", "campaign": id, "reason": args.reason.trim() }))?;
    console.say(console.pick(
        format!("Campagne {id} abandonnée : rien n'est effacé, et plus rien n'agit sur elle. Donnez un autre nom à la suivante dans [review] campaign"),
        format!("Campaign {id} abandoned: nothing is erased, and nothing acts on it any more. Give the next one another name in [review] campaign"),
    ));
    Ok(0)
}
