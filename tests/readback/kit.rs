//! A campaign, its workbooks, and how they come back.
#![allow(unreachable_pub, reason = "shared by the modules of one test")]

use jiff::Timestamp;
use probant::lang::Lang;
use probant::review::collecting::collect::{Collecting, collect};
use probant::review::open;
use probant::review::readback::{Reading, Returned};
use probant::review::record::campaign::Campaign;
use probant::review::record::decisions::{Log, Standing};
use probant::review::record::item::Item;

use crate::review_world::edit::Package;
use crate::review_world::{World, book_of, config, frozen};

pub struct Kit {
    pub campaign: Campaign,
    pub world: World,
}

pub fn kit() -> Kit {
    let world = World::agency();
    let config = config();
    let campaign = frozen(&world, &open(&config, &world.records()).unwrap(), &config);
    Kit { campaign, world }
}

pub fn now() -> Timestamp {
    "2026-12-10T09:00:00Z".parse().unwrap()
}

pub fn how() -> Collecting<'static> {
    Collecting { now: now(), by: "camille", threads: 2 }
}

impl Kit {
    pub fn sent(&self, employee: &str, lang: Lang) -> Package {
        let config = config();
        let review = open(&config, &self.world.records()).unwrap();
        Package::open(&self.world.workbook(&review, book_of(&review, employee), lang))
    }

    pub fn name(&self, employee: &str) -> String {
        self.campaign.reviewer(&format!("rh:{employee}")).unwrap().name.clone()
    }

    /// Decided on every line, and signed.
    pub fn filled(&self, employee: &str) -> Package {
        let mut package = self.sent(employee, Lang::Fr);
        package.decide_all("Conserver").sign(&self.name(employee));
        package
    }

    pub fn items(&self, employee: &str) -> Vec<&Item> {
        let id = format!("rh:{employee}");
        self.campaign.items.iter().filter(|item| item.reviewer.as_deref() == Some(&id)).collect()
    }

    /// Collects one file into a new log.
    pub fn read(&self, package: &Package) -> (Reading, Log) {
        self.read_bytes("retour.xlsx", &package.save())
    }

    pub fn read_bytes(&self, name: &str, bytes: &[u8]) -> (Reading, Log) {
        let mut log = Log::default();
        let mut readings = collect(&self.campaign, &mut log, &[Returned { name, bytes }], how());
        (readings.remove(0), log)
    }
}

pub fn codes(reading: &Reading) -> Vec<&str> {
    let mut codes: Vec<&str> = reading.notes.iter().map(|note| note.code.as_str()).collect();
    codes.dedup();
    codes
}

pub fn decided(log: &Log) -> usize {
    log.standings().values().filter(|s| matches!(s, Standing::Decided(..))).count()
}
