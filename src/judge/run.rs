//! Runs one check: its three queries, its arithmetic, and the status that follows.

use std::collections::BTreeMap;

use super::check::Check;
use super::engine::{Engine, EngineError};
use super::finding::{Accepted, Counts, Finding, Need, Status, Subject, Text};
use super::params::Param;

/// A derogation as the snapshot holds it. Dates are ISO texts, which compare as dates do.
#[derive(Debug, Clone)]
pub(super) struct Derogation {
    pub(super) id: String,
    pub(super) check: String,
    pub(super) subject: String,
    pub(super) approver: String,
    pub(super) approved_on: String,
    pub(super) expires_on: String,
    pub(super) reason: String,
}

/// What is the same for every check of an assessment.
pub(super) struct Circumstances<'a> {
    /// `as_of` as an ISO date in the organisation's zone.
    pub(super) today: String,
    pub(super) derogations: &'a [Derogation],
}

struct Answers {
    columns: Vec<String>,
    population: u64,
    exceptions: Vec<Subject>,
    undetermined: Vec<Subject>,
}

/// Judges one check. A check that cannot run, or whose answers contradict each other, is a finding that says `broken`.
pub(super) fn judge(
    engine: &mut Engine,
    check: &Check,
    params: &BTreeMap<String, Param>,
    needs: Vec<Need>,
    now: &Circumstances<'_>,
) -> Finding {
    let mut finding = Finding {
        check_id: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity,
        controls: check.controls.clone(),
        status: Status::Broken,
        reason: Text::default(),
        rationale: check.rationale.clone(),
        remediation: check.remediation.clone(),
        counts: Counts::default(),
        columns: vec![],
        exceptions: vec![],
        accepted: vec![],
        undetermined: vec![],
        expired_exceptions: vec![],
        needs,
        params: params.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        check_sha256: check.sha256.clone(),
    };
    if let Some(need) = finding.needs.iter().find(|need| need.status == Status::NotCollected) {
        finding.status = Status::NotCollected;
        finding.reason = Text {
            fr: format!("Aucune collecte n'a fourni la table « {} ».", need.table),
            en: format!("No collection provided the table `{}`.", need.table),
        };
        return finding;
    }
    match engine.set_params(params).and_then(|()| answers(engine, check)) {
        Ok(answers) => conclude(&mut finding, answers, now),
        Err(error) => {
            finding.reason = Text {
                fr: format!("Le contrôle n'a pas pu s'exécuter : {error}"),
                en: format!("The check could not run: {error}"),
            };
        }
    }
    finding
}

fn answers(engine: &mut Engine, check: &Check) -> Result<Answers, EngineError> {
    let keys = engine.keys(&check.population.sql)?;
    let (columns, exceptions) = engine.subjects(&check.exceptions.sql)?;
    let undetermined = match &check.undetermined {
        Some(query) => engine.subjects(&query.sql)?.1,
        None => vec![],
    };
    let mut all: Vec<&Subject> = exceptions.iter().chain(&undetermined).collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    if let Some([first, _]) = all.array_windows().find(|[a, b]| a.key == b.key) {
        return Err(EngineError::Sql(format!(
            "`{}` is judged twice (exceptions and undetermined must be disjoint, keys unique)",
            first.key
        )));
    }
    if let Some(contradiction) = keys.contradiction(&all)? {
        return Err(EngineError::Sql(contradiction));
    }
    Ok(Answers { columns, population: keys.len() as u64, exceptions, undetermined })
}

fn conclude(finding: &mut Finding, answers: Answers, now: &Circumstances<'_>) {
    let of_check = || now.derogations.iter().filter(|d| d.check == finding.check_id);
    let in_force: BTreeMap<&str, &Derogation> =
        of_check().filter(|d| d.approved_on <= now.today && now.today <= d.expires_on).map(|d| (d.subject.as_str(), d)).collect();
    let mut exceptions = vec![];
    let mut accepted = vec![];
    for subject in answers.exceptions {
        match in_force.get(subject.key.as_str()) {
            Some(d) => accepted.push(Accepted {
                subject,
                exception_id: d.id.clone(),
                approver: d.approver.clone(),
                expires_on: d.expires_on.clone(),
                reason: d.reason.clone(),
            }),
            None => exceptions.push(subject),
        }
    }
    finding.expired_exceptions = of_check()
        .filter(|d| d.expires_on < now.today && exceptions.iter().any(|subject| subject.key == d.subject))
        .map(|d| format!("{} ({}, {})", d.id, d.subject, d.expires_on))
        .collect();
    let judged = (exceptions.len() + accepted.len() + answers.undetermined.len()) as u64;
    finding.counts = Counts {
        population: answers.population,
        conform: answers.population.saturating_sub(judged),
        exceptions: exceptions.len() as u64,
        accepted: accepted.len() as u64,
        undetermined: answers.undetermined.len() as u64,
    };
    finding.columns = answers.columns;
    finding.exceptions = exceptions;
    finding.accepted = accepted;
    finding.undetermined = answers.undetermined;
    (finding.status, finding.reason) = status(finding);
}

/// The worst of what the subjects say and what the evidence is worth.
fn status(finding: &Finding) -> (Status, Text) {
    let counts = finding.counts;
    let weak = finding.needs.iter().filter(|need| need.status != Status::Satisfied).max_by_key(|need| need.status);
    let tables = |status: Status| {
        let names: Vec<&str> = finding.needs.iter().filter(|n| n.status == status).map(|n| n.table.as_str()).collect();
        names.join(", ")
    };
    let also = match weak.map(|need| need.status) {
        Some(Status::Incomplete) => Text {
            fr: format!(" La preuve est incomplète ({}).", tables(Status::Incomplete)),
            en: format!(" The evidence is incomplete ({}).", tables(Status::Incomplete)),
        },
        Some(Status::Stale) => Text {
            fr: format!(" La preuve est périmée ({}).", tables(Status::Stale)),
            en: format!(" The evidence is stale ({}).", tables(Status::Stale)),
        },
        _ => Text::default(),
    };
    let (status, fr, en) = if counts.exceptions > 0 {
        (
            Status::NotSatisfied,
            format!("{} écart(s) sur {} sujet(s) examiné(s).", counts.exceptions, counts.population),
            format!("{} exception(s) among {} subject(s) judged.", counts.exceptions, counts.population),
        )
    } else if let Some(need) = weak {
        (
            need.status,
            "Aucun écart visible, mais on ne peut pas conclure.".into(),
            "No exception in sight, but nothing can be concluded.".into(),
        )
    } else if counts.undetermined > 0 {
        (
            Status::Incomplete,
            format!("Aucun écart, mais {} sujet(s) sur {} restent indéterminés.", counts.undetermined, counts.population),
            format!("No exception, but {} of {} subject(s) remain undetermined.", counts.undetermined, counts.population),
        )
    } else if counts.population == 0 {
        (
            Status::NothingToJudge,
            "Rien à examiner : la population est vide.".into(),
            "Nothing to judge: the population is empty.".into(),
        )
    } else {
        (
            Status::Satisfied,
            format!("Aucun écart sur {} sujet(s) examiné(s).", counts.population),
            format!("No exception among {} subject(s) judged.", counts.population),
        )
    };
    (status, Text { fr: fr + &also.fr, en: en + &also.en })
}
