//! ERPs that are read without asking them: statements to a database with copies of their tables, files that they export.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use punchgate::erp::fault::Class;
use punchgate::service::sync::{self, Setting, Source, Wanted, Went};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::erp_recorded::{House, folder, houses};
use crate::support_store::{POSTGRES, tell};

fn source(map: &str, url: &str, settings: &serde_json::Value) -> Source {
    let setting = json!({"code": "erp", "map": map, "url": url, "settings": settings});
    let setting: Setting = serde_json::from_value(setting).unwrap();
    let text = std::fs::read_to_string(folder("src/erp/maps").join(format!("{map}.toml"))).unwrap();
    let mut mapping = sync::mapping(&text).unwrap_or_else(|wrong| panic!("{map}: {wrong:?}"));
    mapping.limits.questions_per_second = 1_000;
    mapping.limits.page_rows = 2;
    mapping.limits.tries = 1;
    mapping.limits.timeout_seconds = 5;
    Source::new(setting, mapping, std::path::Path::new(".")).unwrap()
}

/// Added, changed and deleted rows of the entities in which something happened.
fn happened(went: &BTreeMap<String, Went>) -> String {
    for went in went.values() {
        assert!(went.fault.is_none() && went.rejected == 0, "{went}");
    }
    let counts = went
        .values()
        .filter(|went| went.added + went.changed + went.deleted > 0);
    let counts = counts.map(|went| format!("{} {} {} {}", went.entity, went.added, went.changed, went.deleted));
    counts.collect::<Vec<_>>().join(", ")
}

async fn run(house: &House, source: &Source) -> String {
    happened(&house.run(source, &Wanted::default()).await)
}

/// A scratch schema on the server of the tests, which nothing else sees.
struct Scratch {
    connection: PgConnection,
    name: String,
    url: String,
}

impl Scratch {
    async fn new(tables: &str) -> Option<Scratch> {
        let Ok(server) = std::env::var(POSTGRES) else {
            tell("SQL mappings: not run (there is no PostgreSQL)");
            return None;
        };
        let name = format!("erp_{}", punchgate::clock::Clock::system().new_id().simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let url = format!("{server}?options=-csearch_path%3D{name}");
        let make = format!("CREATE SCHEMA {name}; SET search_path = {name}; {tables}");
        sqlx::raw_sql(AssertSqlSafe(make))
            .execute(&mut connection)
            .await
            .unwrap();
        Some(Scratch { connection, name, url })
    }

    async fn does(&mut self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.connection)
            .await;
        assert!(done.unwrap().rows_affected() > 0, "{sql}");
    }

    async fn gone(mut self) {
        let drop = format!("DROP SCHEMA {} CASCADE", self.name);
        sqlx::raw_sql(AssertSqlSafe(drop))
            .execute(&mut self.connection)
            .await
            .unwrap();
    }
}

const GP: &str = "
create table iv40202 (dex_row_id int, uomschdl char(11), uofm char(9), qtybsuom numeric(19,5));
create table iv40201 (uomschdl char(11), baseuofm char(9));
create table iv00101 (dex_row_id int, itemnmbr char(31), itemdesc char(101), uomschdl char(11), itemtype smallint, dex_row_ts timestamp);
create table iv40700 (locncode char(11), locndscr char(31));
create table rm00101 (dex_row_id int, custnmbr char(15), custname char(65), hold smallint, inactive smallint, pymtrmid char(21),
    prclevel char(11), crlmttyp smallint, crlmtamt numeric(19,5), dex_row_ts timestamp);
create table rm00103 (custnmbr char(15), custblnc numeric(19,5));
create table iv40800 (prclevel char(11));
create table iv00108 (dex_row_id int, itemnmbr char(31), curncyid char(15), prclevel char(11), uofm char(9), fromqty numeric(19,5), uomprice numeric(19,5));
create table iv00102 (dex_row_id int, itemnmbr char(31), locncode char(11), rcrdtype smallint, qtyonhnd numeric(19,5), atyalloc numeric(19,5));
insert into iv40202 values (1, 'EACH', 'EACH', 1), (2, 'EACH', 'CASE', 12), (3, 'PAIR', 'PAIR', 1);
insert into iv40201 values ('EACH', 'EACH'), ('PAIR', 'PAIR');
insert into iv00101 values (1, '100XLG', 'Green phone', 'EACH', 1, '2026-11-20 10:00:00'), (2, '128 SDRAM', 'Memory', 'EACH', 1, '2026-11-20 10:00:00'),
    (3, 'GLOVE', 'Glove', 'PAIR', 2, '2026-11-19 10:00:00');
insert into iv40700 values ('NORTH', 'North'), ('SOUTH', 'South'), ('WAREHOUSE', 'Main site');
insert into rm00101 values (1, 'AARONFIT0001', 'Aaron Fitz Electrical', 0, 0, 'Net 30', 'RETAIL', 2, 35000, '2026-11-20 10:00:00'),
    (2, 'ADAMPARK0001', 'Adam Park Resort', 1, 0, '', '', 0, 0, '2026-11-20 10:00:00'), (3, 'OLD', 'Old', 0, 1, '', '', 0, 0, '2026-11-20 10:00:00');
insert into rm00103 values ('AARONFIT0001', 1234.56);
insert into iv40800 values ('RETAIL');
insert into iv00108 values (1, '100XLG', 'USD', 'RETAIL', 'EACH', 0, 59.95), (2, '100XLG', 'USD', 'RETAIL', 'EACH', 10, 54.5), (3, '100XLG', 'CAD', 'RETAIL', 'EACH', 0, 80);
insert into iv00102 values (1, '100XLG', 'WAREHOUSE', 2, 40, 2), (2, '128 SDRAM', 'WAREHOUSE', 2, 7, 0), (3, '100XLG', '', 1, 40, 2);
";

#[tokio::test]
async fn dynamics_gp_is_read_by_statements() {
    for house in houses("USD").await {
        let Some(mut scratch) = Scratch::new(GP).await else {
            return;
        };
        let source = source("dynamics-gp", &scratch.url, &json!({"currency": "USD"}));
        let expect = "credit 1 0 0, customer 2 0 0, item 3 0 0, price 2 0 0, price_level 1 0 0, price_level_of_customer 1 0 0, site 3 0 0, \
                      stock 2 0 0, unit 3 0 0";
        assert_eq!(run(&house, &source).await, expect);
        let offer = |sku: &str, quantity: &str, unit| house.offer("AARONFIT0001", sku, quantity, unit, None);
        assert_eq!(offer("100XLG", "1", None), "59.95 USD / 1 EACH, 38");
        assert_eq!(offer("100XLG", "10", None), "54.5 USD / 1 EACH, 38");
        assert_eq!(offer("128 SDRAM", "1", Some("CASE")), "on request / 1 CASE, 0");
        house.clock.advance(SignedDuration::from_mins(10));
        assert_eq!(run(&house, &source).await, "", "nothing changed");
        scratch.does("update iv00101 set itemdesc = 'Memory, 128 MB', dex_row_ts = '2026-11-24 09:05:00' where dex_row_id = 2").await;
        scratch
            .does("update iv00101 set itemdesc = 'not seen by its moment' where dex_row_id = 3")
            .await;
        assert_eq!(run(&house, &source).await, "item 0 1 0");
        scratch.does("delete from iv00108 where dex_row_id = 1").await;
        house.clock.advance(SignedDuration::from_mins(90));
        assert_eq!(run(&house, &source).await, "price 0 0 1");
        assert_eq!(offer("100XLG", "1", None), "on request / 1 EACH, 38");

        // A statement only reads, whatever it says; a column that is gone is for a person.
        let mut writing = source_of(&source);
        let entity = writing
            .mapping
            .entity
            .iter_mut()
            .find(|entity| entity.name.get_ref() == "site")
            .unwrap();
        entity.from =
            "with gone as (delete from iv40700 returning locncode, '' locndscr) select * from gone limit {limit}"
                .to_owned();
        let went = house
            .run(
                &writing,
                &Wanted {
                    entities: vec!["site".into()],
                    ..Wanted::default()
                },
            )
            .await;
        let fault = went["site"].fault.clone().unwrap();
        assert!(
            fault.class == Class::Ask && fault.text.starts_with("the ERP's database: "),
            "{fault}"
        );
        scratch
            .does("alter table iv40700 rename column locndscr to place; select 1")
            .await;
        let went = house
            .run(
                &source,
                &Wanted {
                    entities: vec!["site".into()],
                    ..Wanted::default()
                },
            )
            .await;
        let fault = went["site"].fault.clone().unwrap();
        assert!(fault.class == Class::Ask && fault.text.contains("locndscr"), "{fault}");
        // One that takes too long is asked again another time.
        let mut slow = source_of(&source);
        slow.mapping.limits.timeout_seconds = 1;
        let entity = slow
            .mapping
            .entity
            .iter_mut()
            .find(|entity| entity.name.get_ref() == "site")
            .unwrap();
        entity.from = "select pg_sleep(30)::text locncode, '' locndscr limit {limit}".to_owned();
        let went = house
            .run(
                &slow,
                &Wanted {
                    entities: vec!["site".into()],
                    ..Wanted::default()
                },
            )
            .await;
        let fault = went["site"].fault.clone().unwrap();
        assert!(fault.class == Class::Retry && fault.text.contains("57014"), "{fault}");
        // A statement without a place to go on from is refused once its page is full.
        slow.mapping
            .entity
            .iter_mut()
            .find(|entity| entity.name.get_ref() == "site")
            .unwrap()
            .from = "select locncode, '' locndscr from iv40700 limit {limit}".to_owned();
        let went = house
            .run(
                &slow,
                &Wanted {
                    entities: vec!["site".into()],
                    ..Wanted::default()
                },
            )
            .await;
        let fault = went["site"].fault.clone().unwrap();
        assert!(fault.text.starts_with("the statement gives 2 rows or more"), "{fault}");
        scratch.gone().await;
    }
}

/// The same source once more, for a change of its mapping.
fn source_of(source: &Source) -> Source {
    Source {
        setting: source.setting.clone(),
        mapping: source.mapping.clone(),
        access: source.access.clone(),
        hook_secret: source.hook_secret.clone(),
    }
}

const SYTELINE: &str = "
create table u_m (u_m text, description text);
create table u_m_conv (rowpointer uuid, item text, from_u_m text, conv_factor numeric);
create table item (item text, description text, u_m text, stat text, site_ref text, recorddate timestamp);
create table whse (whse text, name text, site_ref text);
create table custaddr (cust_num text, cust_seq int, name text, curr_code text, site_ref text);
create table itemcustprice (rowpointer uuid, cust_num text, item text, effect_date date, expire_date date, brk_qty numeric, cont_price numeric, site_ref text);
create table itemwhse (item text, whse text, qty_on_hand numeric, qty_alloc_co numeric, site_ref text);
insert into u_m values ('EA', 'Each'), ('CS', 'Case'), ('LB', null);
insert into u_m_conv values ('00000000-0000-0000-0000-000000000001', 'FA-10000', 'CS', 24);
insert into item values ('FA-10000', 'Bicycle', 'EA', 'A', 'OH', '2026-11-20 10:00'), ('O''RING', 'Seal', 'EA', 'A', 'OH', '2026-11-20 10:00'),
    ('WB-50100', 'Frame', 'EA', 'O', 'OH', '2026-11-20 10:00'), ('OTHER', 'Of another site', 'EA', 'A', 'MI', '2026-11-20 10:00');
insert into whse values ('MAIN', 'Main', 'OH');
insert into custaddr values ('C000001', 0, 'Coordinated Bicycles', 'USD', 'OH'), ('C000001', 1, 'Gate', 'USD', 'OH');
insert into itemcustprice values ('00000000-0000-0000-0000-0000000000a1', 'C000001', 'FA-10000', '2026-01-01', null, 0, 210.5, 'OH'),
    ('00000000-0000-0000-0000-0000000000a2', 'C000001', 'FA-10000', '2026-01-01', '2026-12-31', 24, 199, 'OH');
insert into itemwhse values ('FA-10000', 'MAIN', 30, 6, 'OH'), ('O''RING', 'MAIN', 5, 0, 'OH');
";

#[tokio::test]
async fn syteline_is_read_by_statements() {
    for house in houses("USD").await {
        let Some(mut scratch) = Scratch::new(SYTELINE).await else {
            return;
        };
        let source = source("infor-syteline", &scratch.url, &json!({"site": "OH"}));
        let expect = "customer 1 0 0, customer_list 1 0 0, customer_list_of 1 0 0, customer_price 2 0 0, item 3 0 0, stock 2 0 0, unit 3 0 0, \
                      warehouse 1 0 0";
        assert_eq!(run(&house, &source).await, expect);
        let offer = |sku: &str, quantity: &str, unit| house.offer("C000001", sku, quantity, unit, None);
        assert_eq!(offer("FA-10000", "1", None), "210.5 USD / 1 EA, 24");
        assert_eq!(offer("FA-10000", "1", Some("CS")), "4776 USD / 1 CS, 1");
        assert_eq!(offer("OTHER", "1", None), "no such product");
        house.clock.advance(SignedDuration::from_mins(90));
        scratch
            .does(
                "update item set description = 'Bicycle, red', recorddate = '2026-11-24 10:00' where item = 'FA-10000'",
            )
            .await;
        scratch.does("delete from item where item = 'O''RING'").await;
        scratch.does("delete from itemwhse where item = 'O''RING'").await;
        assert_eq!(run(&house, &source).await, "item 0 1 1, stock 0 0 1");
        scratch.gone().await;
    }
}

struct Exports(PathBuf);

impl Exports {
    fn new() -> Exports {
        let id = punchgate::clock::Clock::system().new_id().simple().to_string();
        let path = std::env::temp_dir().join(format!("punchgate-test-exports-{id}"));
        std::fs::create_dir_all(&path).unwrap();
        Exports(path)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
        std::fs::write(self.0.join(format!("{name}.done")), "").unwrap();
    }
}

impl Drop for Exports {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

const ITEMS: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<EXPORT date=\"2026-11-24\"><GROUP>\
    <ITMMASTER><ITMREF>BMS001</ITMREF><ITMDES1>Caf\u{e9} &amp; more</ITMDES1><STU>UN</STU><SAU code=\"CAR\">12</SAU><ITMSTA>1</ITMSTA></ITMMASTER>\
    <ITMMASTER><ITMREF>BMS002</ITMREF><ITMDES1/><STU>UN</STU><SAU code=\"CAR\">6</SAU><ITMSTA>1</ITMSTA></ITMMASTER>\
    </GROUP><ITMMASTER><ITMREF>BMS003</ITMREF><ITMDES1>Kilo</ITMDES1><STU>KG</STU><ITMSTA>2</ITMSTA></ITMMASTER></EXPORT>";

#[tokio::test]
async fn sage_x3_is_read_from_its_exports() {
    for house in houses("EUR").await {
        let exports = Exports::new();
        let latin: Vec<u8> = ITEMS.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        exports.put("items.xml", "");
        std::fs::write(exports.0.join("items.xml"), &latin).unwrap();
        exports.put("customers.csv", "BPCNUM;BPCNAM;CUR\nFR001;Soci\u{e9}t\u{e9};EUR\n");
        exports.put("prices.jsonl", "{\"PLI\":\"T10\",\"PLILIN\":1,\"BPCNUM\":\"FR001\",\"ITMREF\":\"BMS001\",\"MINQTY\":0,\"PLISTRDAT\":\"2026-01-01\",\"PLIENDDAT\":null,\"PRI\":9.90}\n");
        exports.put("stock.csv", "ITMREF,STOFCY,PHYSTO,GLOALL\nBMS001,FR011,100,4\n");
        let source = source("sage-x3", &exports.0.display().to_string(), &json!({"currency": "EUR"}));
        let expect = "customer 1 0 0, item 3 0 0, price 1 0 0, price_assignment 1 0 0, price_list 1 0 0, sales_unit 1 0 0, site 1 0 0, stock 1 0 0, unit 2 0 0";
        assert_eq!(run(&house, &source).await, expect);
        assert_eq!(house.offer("FR001", "BMS001", "1", None, None), "9.9 EUR / 1 UN, 96");
        assert_eq!(
            house.offer("FR001", "BMS001", "1", Some("CAR"), None),
            "118.8 EUR / 1 CAR, 8"
        );
        let name = |sku: &str| {
            let goods = punchgate::service::product::goods(&house.gateway, house.tenant_id).unwrap();
            goods.product(sku).unwrap().name.to_string()
        };
        assert_eq!(
            (name("BMS001").as_str(), name("BMS002").as_str()),
            ("Caf\u{e9} & more", "without a name")
        );
        // Half a file changes nothing, and is told with its place.
        let head = house.head().await;
        std::fs::write(exports.0.join("items.xml"), &latin[..latin.len() - 40]).unwrap();
        house.clock.advance(SignedDuration::from_mins(90));
        let went = house.run(&source, &Wanted::default()).await;
        let fault = went["item"].fault.clone().unwrap();
        assert!(
            fault.class == Class::Ask && fault.text.starts_with("items.xml: "),
            "{fault}"
        );
        assert_eq!(house.head().await, head);
        // A document type is never followed.
        std::fs::write(exports.0.join("items.xml"), "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a><ITMMASTER><ITMREF>&x;</ITMREF></ITMMASTER></a>").unwrap();
        let went = house.run(&source, &Wanted::default()).await;
        assert!(went["item"].fault.is_some(), "{went:?}");
        assert_eq!(house.head().await, head);
    }
}
