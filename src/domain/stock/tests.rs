use super::*;

fn warehouse(code: &str, zone: &str) -> Warehouse {
    Warehouse {
        id: Uuid::nil(),
        code: code.into(),
        name: code.into(),
        region: None,
        country: None,
        zone: TimeZone::get(zone).unwrap(),
        cutoff: Some(Time::constant(15, 0, 0, 0)),
        calendar: Calendar::default(),
        is_active: true,
    }
}

/// `on_hand`, `needed`, lead time, instant, and what is said: band, whole units, warehouse, day.
fn check(on_hand: [i64; 2], needed: i64, lead: Option<u32>, now: &str, expect: &str) {
    let now: Timestamp = now.parse().unwrap();
    let places = [
        warehouse("HOU", "America/Chicago"),
        warehouse("RTM", "Europe/Amsterdam"),
    ];
    let supply = [Supply {
        due: "2026-12-05".parse().unwrap(),
        quantity: Decimal::from(1_000),
    }];
    let at = places.iter().zip(on_hand).map(|(warehouse, on_hand)| Place {
        warehouse,
        parts: Parts::Goods(Part {
            level: StockLevel {
                on_hand: Decimal::from(on_hand),
                allocated: Decimal::from(2),
                safety: Decimal::from(2),
                reserved: Decimal::ONE,
                as_of: now,
            },
            supply: if needed > 500 { &supply } else { &[] },
            per: Decimal::ONE,
        }),
    });
    let at: Vec<Place<'_>> = at.collect();
    let need = Need {
        base_quantity: Decimal::from(needed),
        factor: Factor::new(Decimal::from(7), Decimal::ONE).unwrap(),
        decimals: 0,
        lead_time_days: lead,
        now,
        wanted_on: None,
        trust: Trust::Whole,
    };
    let said = judge(need, &at);
    let (warehouse, day) = (
        said.warehouse.unwrap_or_default(),
        said.ships_on.map(|day| day.to_string()),
    );
    let text = format!(
        "{:?} {} {warehouse} {}",
        said.band,
        said.available,
        day.unwrap_or_default()
    );
    assert_eq!(text, expect);
}

#[test]
fn promises_follow_stock_cutoff_and_weekend() {
    // 2026-11-23 is a Monday; 20:59 UTC is 14:59 in Chicago and 21:59 in Amsterdam.
    check(
        [75, 0],
        70,
        Some(4),
        "2026-11-23T20:59:00Z",
        "InStock 10 HOU 2026-11-23",
    );
    check(
        [75, 0],
        70,
        Some(4),
        "2026-11-23T21:01:00Z",
        "InStock 10 HOU 2026-11-24",
    );
    check(
        [0, 75],
        70,
        Some(4),
        "2026-11-23T20:59:00Z",
        "InStock 10 RTM 2026-11-24",
    );
    check(
        [75, 0],
        70,
        Some(4),
        "2026-11-27T21:01:00Z",
        "InStock 10 HOU 2026-11-30",
    );
    check([75, 75], 71, Some(4), "2026-11-23T12:00:00Z", "Partial 20  2026-11-27");
    check([75, 75], 71, None, "2026-11-23T12:00:00Z", "Partial 20  ");
    check([5, 4], 1, Some(5), "2026-11-23T12:00:00Z", "LeadTime 0  2026-11-30");
    check([5, 4], 0, None, "2026-11-23T12:00:00Z", "OnRequest 0  ");
    // After the cut-off of the first warehouse a lead time begins a day later.
    check([5, 4], 1, Some(4), "2026-11-23T21:01:00Z", "LeadTime 0  2026-11-30");
    // Supply on a Saturday ships on Monday, before a longer lead time and after a shorter one alike.
    check(
        [75, 5],
        900,
        Some(4),
        "2026-11-23T12:00:00Z",
        "Partial 10 HOU 2026-12-07",
    );
}

#[test]
fn calendars_are_read_and_hold() {
    let check = |text: &str, from: &str, expect: Option<&str>| {
        let open = Calendar::parse(text).unwrap().next_open(from.parse().unwrap());
        assert_eq!(open.map(|date| date.to_string()).as_deref(), expect, "{text}");
    };
    check("1-5|2026-12-25", "2026-12-25", Some("2026-12-28"));
    check("1-6", "2026-12-26", Some("2026-12-26"));
    check("7", "2026-12-25", Some("2026-12-27"));
    for text in ["", "0-5", "5-1", "1-8", "1-5|25.12.2026", "1-5|2026-02-31", "Mo-Fr"] {
        assert!(Calendar::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_kit_has_as_many_as_its_scarcest_component_allows() {
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let place = warehouse("HOU", "UTC");
    let part = |on_hand: i64, per: i64| Part {
        level: StockLevel {
            on_hand: Decimal::from(on_hand),
            allocated: Decimal::ZERO,
            safety: Decimal::ZERO,
            reserved: Decimal::ZERO,
            as_of: now,
        },
        supply: &[],
        per: Decimal::from(per),
    };
    let kit = Place {
        warehouse: &place,
        parts: Parts::Kit(vec![part(40, 1), part(75, 2)]),
    };
    assert_eq!(kit.available(place.today(now)), Decimal::from(37));
}
