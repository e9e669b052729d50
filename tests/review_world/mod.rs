//! A small made-up agency for the tests of reviews and workbooks: people, accounts, rights and what goes wrong with them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "shared by tests, each of which uses a part"
)]

pub mod edit;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use probant::lang::Lang;
use probant::outputs::workbook::{ReviewerBook, SourceFacts, write};
use probant::review::opening::freeze::{self, Frozen, Opening};
use probant::review::record::campaign::{Campaign, Kind};
use probant::review::record::item::write_items;
use probant::review::{Book, Flag, Records, Review, ReviewConfig};
use probant::snapshot::schema::{Account, Asset, Collection, Decision, Entitlement, Grant, Person, Remediation};
use probant::snapshot::value::{Days, Micros};
use probant::store::digest;

#[derive(Debug)]
pub struct World {
    pub people: Vec<Person<'static>>,
    pub accounts: Vec<Account<'static>>,
    pub entitlements: Vec<Entitlement<'static>>,
    pub grants: Vec<Grant<'static>>,
    pub assets: Vec<Asset<'static>>,
    pub decisions: Vec<Decision<'static>>,
    pub remediations: Vec<Remediation<'static>>,
    pub flags: BTreeMap<String, Vec<Flag>>,
    pub collections: Vec<Collection<'static>>,
    pub zone: TimeZone,
    pub as_of: Micros,
}

pub const GIVEN: [&str; 12] =
    ["Élodie", "François", "Zoé", "Gaël", "Hélène", "Jérôme", "Maïa", "Noël", "Inès", "Loïc", "Chloé", "Théo"];
pub const FAMILY: [&str; 10] =
    ["Lefèvre", "Bénard", "D'Hervé", "Nuñez", "Müller", "Garçon", "Le Goff", "Saïd", "Œuvrard", "Côté-Roussel"];
const UNITS: [&str; 3] = ["Direction des affaires régionales", "Service paie et carrières", "Pôle systèmes d'information"];

pub fn config() -> ReviewConfig {
    toml::from_str(
        "campaign = \"2026-T4\"\ndue = 2026-12-18\ncontact = \"Équipe SSI, ssi@agence.example, poste 4242\"\n\
         fallback_reviewer = \"P001\"\nrules = [\"application_owner\", \"line_manager\", \"technical_owner\"]",
    )
    .unwrap()
}

pub fn at(day: Date) -> Micros {
    Micros::from(TimeZone::get("Europe/Paris").unwrap().to_timestamp(day.at(9, 30, 0, 0)).unwrap())
}

pub fn person(id: &str, name: &str) -> Person<'static> {
    Person {
        person_id: format!("rh:{id}").into(),
        employee_id: id.to_owned().into(),
        display_name: name.to_owned().into(),
        emails: vec![format!("{}@agence.example", id.to_lowercase()).into()],
        status: "active".into(),
        ..Person::default()
    }
}

pub fn account(system: &str, local: &str, login: &str) -> Account<'static> {
    Account {
        account_id: format!("{system}:{local}").into(),
        system: system.to_owned().into(),
        login: login.to_owned().into(),
        kind: "human".into(),
        enabled: Some(true),
        last_login_precision: "none".into(),
        link_status: "none".into(),
        attributes: "{}".into(),
        ..Account::default()
    }
}

pub fn grant(account: &str, right: &str) -> Grant<'static> {
    Grant { account_id: account.to_owned().into(), entitlement_id: right.to_owned().into(), direct: true, via: None }
}

pub fn right(system: &str, name: &str, description: &str, privileged: Option<bool>) -> Entitlement<'static> {
    Entitlement {
        entitlement_id: format!("{system}:{name}").into(),
        system: system.to_owned().into(),
        resource: system.to_owned().into(),
        name: name.to_owned().into(),
        description: Some(description.to_owned().into()),
        privileged,
        owner_id: None,
    }
}

impl World {
    pub fn empty() -> Self {
        Self {
            people: vec![],
            accounts: vec![],
            entitlements: vec![],
            grants: vec![],
            assets: vec![],
            decisions: vec![],
            remediations: vec![],
            flags: BTreeMap::new(),
            collections: vec![],
            zone: TimeZone::get("Europe/Paris").unwrap(),
            as_of: at(date(2026, 11, 23)),
        }
    }

    /// Sixty people under six managers, three tools, and one of each thing that a review must show.
    pub fn agency() -> Self {
        let mut world = Self::empty();
        world.roster();
        world.rights();
        for index in 0..60 {
            world.accounts_of(index);
        }
        world.services();
        world.past_and_flags();
        world.sources();
        world
    }

    fn roster(&mut self) {
        for index in 0..60 {
            let (given, family) = (GIVEN[index % 12], FAMILY[(index * 7) % 10]);
            let mut someone = person(&format!("P{index:03}"), &format!("{given} {family}"));
            someone.given_name = Some(given.into());
            someone.family_name = Some(family.into());
            someone.org_unit = Some(UNITS[index % 3].into());
            // P000 leads; P001 to P006 manage; the others follow.
            someone.manager_id = match index {
                0 => None,
                1..=6 => Some("rh:P000".into()),
                _ => Some(format!("rh:P{:03}", 1 + index % 6).into()),
            };
            if index == 20 {
                someone.status = "left".into();
                someone.left_on = Some(Days::from(date(2026, 9, 30)));
            }
            self.people.push(someone);
        }
    }

    fn rights(&mut self) {
        self.entitlements = vec![
            right("annuaire", "G_Utilisateurs", "Accès au poste de travail et à la messagerie", Some(false)),
            right("annuaire", "Admins du domaine", "Administration complète de l'annuaire et de tous les postes", Some(true)),
            right("paie", "GESTIONNAIRE", "Saisie des éléments variables et des primes", Some(false)),
            right("paie", "VALIDEUR", "Validation de la paie avant virement bancaire", Some(true)),
            right("dossiers", "R12_LECT", "Lecture des dossiers des bénéficiaires de la région", None),
        ];
        self.assets = vec![
            Asset {
                asset_id: "actifs:1".into(),
                application: "Paie".into(),
                system: Some("paie".into()),
                owner_id: Some("rh:P002".into()),
                technical_owner_id: Some("rh:P005".into()),
                ..Asset::default()
            },
            Asset {
                asset_id: "actifs:2".into(),
                application: "Annuaire".into(),
                system: Some("annuaire".into()),
                technical_owner_id: Some("rh:P005".into()),
                ..Asset::default()
            },
        ];
    }

    fn accounts_of(&mut self, index: usize) {
        let (id, name) = (format!("P{index:03}"), self.people[index].display_name.clone());
        for system in ["annuaire", "paie", "dossiers"].into_iter().take(1 + index % 3) {
            let mut one = account(system, &id, &format!("{}{index:02}", &system[..3]));
            one.person_id = Some(format!("rh:{id}").into());
            one.display_name = Some(name.clone());
            one.link_status = "definite".into();
            one.last_login_precision = ["days_14", "exact", "coarse"][index % 3].into();
            one.last_login_at = (!index.is_multiple_of(7)).then(|| at(day_of(index)));
            let right = match system {
                "annuaire" => "annuaire:G_Utilisateurs",
                "paie" if index.is_multiple_of(5) => "paie:VALIDEUR",
                "paie" => "paie:GESTIONNAIRE",
                _ => "dossiers:R12_LECT",
            };
            self.grants.push(grant(&one.account_id, right));
            if system == "annuaire" && index.is_multiple_of(9) {
                let nested = Some("GG_Equipe_Serveurs > GG_Support_N2".into());
                self.grants.push(Grant { direct: false, via: nested, ..grant(&one.account_id, "annuaire:Admins du domaine") });
            }
            self.accounts.push(one);
        }
    }

    fn services(&mut self) {
        let mut backup = account("annuaire", "svc-1", "svc_sauvegarde");
        backup.kind = "service".into();
        backup.owner_id = Some("rh:P005".into());
        backup.display_name = Some("Sauvegarde NetBackup".into());
        self.grants.push(grant(&backup.account_id, "annuaire:Admins du domaine"));
        let mut shared = account("dossiers", "acc-1", "accueil");
        shared.kind = "shared".into();
        shared.enabled = None;
        self.grants.push(grant(&shared.account_id, "dossiers:R12_LECT"));
        let mut orphan = account("paie", "orph", "=cmd|' /C calc'!A0");
        orphan.enabled = Some(false);
        orphan.display_name = Some("@SUM(1+1)".into());
        self.grants.push(grant(&orphan.account_id, "paie:GESTIONNAIRE"));
        self.grants.push(grant(&orphan.account_id, "paie:inconnu"));
        let bare = account("dossiers", "nu", "sans_droit");
        self.accounts.extend([backup, shared, orphan, bare]);
    }

    fn past_and_flags(&mut self) {
        let decided = |account: &str, right: &str, decision: &str, why: Option<&str>| Decision {
            campaign_kind: "full".into(),
            system: account.split_once(':').unwrap().0.to_owned().into(),
            privileged: None,
            campaign_id: "2025-T4".into(),
            item_id: "2025-T4-1".into(),
            reviewer_id: "rh:P002".into(),
            account_id: account.to_owned().into(),
            entitlement_id: Some(right.to_owned().into()),
            decision: decision.to_owned().into(),
            justification: why.map(|text| text.to_owned().into()),
            decided_at: Some(at(date(2025, 11, 28))),
        };
        self.decisions = vec![
            decided("paie:P005", "paie:VALIDEUR", "keep", Some("Valide la paie en l'absence du chef de service")),
            decided("paie:P007", "paie:GESTIONNAIRE", "revoke", Some("A changé de poste")),
            decided("paie:P010", "paie:VALIDEUR", "modify", Some("Lecture seule suffit")),
            decided("annuaire:P003", "annuaire:G_Utilisateurs", "keep", None),
        ];
        let flag = |fr: &str, en: &str, serious| Flag { check_id: "x".into(), fr: fr.into(), en: en.into(), serious };
        self.flags.insert(
            "annuaire:svc-1".into(),
            vec![flag("Mot de passe privilégié qui n'expire jamais", "Privileged password that never expires", true)],
        );
        self.flags.insert("paie:P008".into(), vec![flag("Deux comptes de la même personne", "Two accounts of one person", false)]);
    }

    fn sources(&mut self) {
        let one = |source: &str, seen, kept, rejected, complete: bool| Collection {
            collection_id: format!("{source}@1").into(),
            source: source.to_owned().into(),
            system: source.to_owned().into(),
            kind: "ldif".into(),
            evidence_at: Some(at(date(2026, 11, 22))),
            evidence_at_basis: "content".into(),
            rows_seen: seen,
            rows_kept: kept,
            rows_rejected: rejected,
            complete,
            incomplete_reason: (!complete).then(|| "le fichier s'arrête au milieu d'une entrée".into()),
            ..Collection::default()
        };
        self.collections = vec![one("annuaire", 61, 61, 0, true), one("paie", 44, 42, 2, true), one("dossiers", 23, 22, 1, false)];
    }

    pub fn records(&self) -> Records<'_> {
        Records {
            people: &self.people,
            accounts: &self.accounts,
            entitlements: &self.entitlements,
            grants: &self.grants,
            assets: &self.assets,
            decisions: &self.decisions,
            remediations: &self.remediations,
            flags: &self.flags,
            as_of: self.as_of,
            zone: &self.zone,
            lang: Lang::Fr,
        }
    }

    pub fn facts(&self) -> Vec<SourceFacts> {
        let rejects = |c: &Collection<'_>| match c.rows_rejected {
            0 => vec![],
            n => vec![("matricule absent".to_owned(), u64::try_from(n).unwrap())],
        };
        self.collections.iter().map(|c| SourceFacts::new(c, &self.zone, rejects(c))).collect()
    }

    /// The workbook of one book, as bytes.
    pub fn workbook(&self, review: &Review<'_>, book: &Book<'_>, lang: Lang) -> Vec<u8> {
        let facts = self.facts();
        let book = ReviewerBook {
            organisation: "Agence régionale & associés",
            campaign: "2026-T4",
            due: date(2026, 12, 18),
            contact: "Équipe SSI, ssi@agence.example, poste 4242",
            snapshot_id: "2026-11-23T08:30:00Z",
            created: "2026-11-23T08:30:00Z".parse::<Timestamp>().unwrap(),
            zone: &self.zone,
            tool_version: "0.1.0",
            group_by: probant::review::GroupBy::Person,
            book,
            totals: &review.totals,
            sources: &facts,
        };
        let mut bytes = vec![];
        write(&book, lang, &mut bytes).unwrap();
        bytes
    }
}

/// Some day of 2026 before the review, the same one for the same index.
fn day_of(index: usize) -> Date {
    date(2026, i8::try_from(1 + index * 5 % 11).unwrap(), i8::try_from(1 + index % 22).unwrap())
}

/// The book of one reviewer.
pub fn book_of<'r, 'a>(review: &'r Review<'a>, employee: &str) -> &'r Book<'a> {
    review.books.iter().find(|b| b.reviewer.employee_id == employee).unwrap()
}

/// The campaign of a review, as it would be frozen when opened.
pub fn frozen(world: &World, review: &Review<'_>, config: &ReviewConfig) -> Campaign {
    let opened_at: Timestamp = "2026-11-23T08:30:00Z".parse().unwrap();
    let opening = Opening {
        kind: Kind::Full,
        organisation: "Agence régionale & associés",
        opened_by: "camille",
        opened_at,
        snapshot_id: "20261123T083000Z",
        no_answer: None,
        sources: vec![],
        waivers: vec![],
        baseline: None,
        since: None,
        removed: 0,
        tool_version: "0.1.0",
    };
    let records = world.records();
    let head = freeze::head(review, config, &records, &opening);
    let mut items = vec![];
    Frozen::of(review, config, &records).write(2, &mut items).unwrap();
    // As it comes back from the store.
    Campaign::from_files(&head.to_file(&digest::hex(&items)).unwrap(), &items, 1).unwrap()
}

/// A campaign as its two files.
pub fn files_of(campaign: &Campaign) -> (Vec<u8>, Vec<u8>) {
    let mut items = vec![];
    write_items(&campaign.items, 0, Clone::clone, &mut items).unwrap();
    (campaign.head.to_file(&digest::hex(&items)).unwrap(), items)
}
