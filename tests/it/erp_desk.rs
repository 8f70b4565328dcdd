//! A gateway with a folder of sources and a desk, and the ERP of the stories behind it.

use std::path::PathBuf;

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::service::sync::{self, Source, Wanted, Went};
use uuid::Uuid;

use crate::admin_seed::party;
use crate::erp_stand::{Erp, MAP, erp};
use crate::import::clock;
use crate::support_desk::Desk;
use crate::support_store::{TestStore, stores};

/// By what the ERP signs its messages, where the source's file names it.
pub const HOOK_SECRET: &str = "hook-Secret1";

/// The desk of one supplier whose ERP is the one of the stories.
pub struct House {
    pub desk: Desk,
    pub tenant_id: Uuid,
    pub erp: Erp,
    folder: PathBuf,
}

/// A house on each database; `more` is added to the source's file.
pub async fn houses(more: &str) -> Vec<House> {
    houses_of(MAP, more).await
}

/// The same with another mapping.
pub async fn houses_of(map: &str, more: &str) -> Vec<House> {
    let mut houses = Vec::new();
    for test in stores(&clock()).await {
        houses.push(House::open(test, map, more).await);
    }
    houses
}

impl House {
    async fn open(test: TestStore, map: &str, more: &str) -> House {
        let erp = erp().await;
        let id = Clock::system().new_id().simple().to_string();
        let folder = std::env::temp_dir().join(format!("punchgate-test-erp-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("own.map"), map).unwrap();
        std::fs::write(folder.join("password"), "secret\n").unwrap();
        std::fs::write(folder.join("hook"), HOOK_SECRET).unwrap();
        std::fs::write(folder.join("erp.toml"), setting(&erp, more)).unwrap();
        let mut config = Config::default();
        config.server.bind = "127.0.0.1:0".to_owned();
        config.server.workers = 1;
        config.erp.dir = folder.display().to_string();
        let desk = Desk::open_with(test, &clock(), config).await;
        let (tenant_id, ..) = party(&desk.gateway, "nw").await;
        House {
            desk,
            tenant_id,
            erp,
            folder,
        }
    }

    /// The source as its file says.
    pub fn source(&self) -> Source {
        let found = sync::find(&self.desk.gateway, self.tenant_id, "erp");
        found.unwrap_or_else(|| panic!("{:?}", Source::load(&self.folder.join("erp.toml")).err()))
    }

    /// The source with other settings.
    pub fn source_with(&self, more: &str) -> Source {
        std::fs::write(self.folder.join("erp.toml"), setting(&self.erp, more)).unwrap();
        self.source()
    }

    /// One round of the source, as a running gateway does it.
    pub async fn round(&self) {
        let source = self.source();
        sync::of_source(&self.desk.gateway, self.tenant_id, &source)
            .await
            .unwrap();
    }

    /// One run of some entities.
    pub async fn run(&self, entities: &[&str]) -> Vec<Went> {
        let wanted = Wanted {
            entities: entities.iter().map(|name| (*name).to_owned()).collect(),
            ..Wanted::default()
        };
        let source = self.source();
        sync::run(&self.desk.gateway, self.tenant_id, &source, &wanted)
            .await
            .unwrap()
    }

    pub fn pass(&self, seconds: i64) {
        self.desk
            .gateway
            .clock
            .advance(jiff::SignedDuration::from_secs(seconds));
    }
}

fn setting(erp: &Erp, more: &str) -> String {
    format!(
        "code = \"erp\"\nmap = \"own.map\"\nurl = \"{}\"\nuser = \"me\"\npassword_file = \"password\"\n{more}",
        erp.url
    )
}

impl Drop for House {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
