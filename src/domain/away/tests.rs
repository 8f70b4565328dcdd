use super::*;

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
}

fn age(entity: &str, rows: &str, brought: i64) -> Age {
    Age {
        limit: Care::default().limit(entity, rows).unwrap(),
        brought_at: Some(at(brought)),
    }
}

fn standing() -> Standing {
    Standing::new(Uuid::nil(), Uuid::nil(), at(0))
}

#[test]
fn the_mode_is_decided_by_answers_and_ages() {
    let check = |is_open: bool, price: i64, stock: i64, expect: (Mode, Cause)| {
        let mut one = standing();
        if is_open {
            (0..3).for_each(|_| one.unanswered("it answered 503", at(100)));
        }
        let ages = [
            age("rule", "price_rules", 100 - price),
            age("stock", "stock", 100 - stock),
        ];
        one.decide(&ages, at(100));
        assert_eq!((one.mode, one.cause), expect, "{is_open} {price} {stock}");
    };
    check(false, 0, 0, (Mode::Normal, Cause::Answers));
    check(false, 24, 4, (Mode::Normal, Cause::Answers));
    check(false, 0, 5, (Mode::Degraded, Cause::Age));
    check(false, 25, 0, (Mode::Degraded, Cause::Age));
    check(true, 0, 0, (Mode::Degraded, Cause::Breaker));
    check(true, 24, 24, (Mode::Degraded, Cause::Breaker));
    check(true, 25, 0, (Mode::Offline, Cause::Breaker));
}

#[test]
fn the_breaker_opens_after_failures_in_a_row_and_closes_on_an_answer() {
    let mut one = standing();
    one.unanswered("x", at(1));
    one.unanswered("x", at(1));
    one.answered();
    one.unanswered("x", at(1));
    one.unanswered("x", at(1));
    assert_eq!((one.turn(at(1)), one.sends()), (Turn::Ask, true));
    one.unanswered("x", at(1));
    assert_eq!((one.breaker, one.queue_since), (Breaker::Open, Some(at(1))));
    assert_eq!(one.turn(at(1)), Turn::Wait(Some(60)));
    // One finds out; the others wait for it.
    assert_eq!(one.turn(at(2)), Turn::Try);
    assert_eq!(one.turn(at(2)), Turn::Wait(Some(60)));
    one.unanswered("x", at(2));
    assert_eq!(one.breaker, Breaker::Open);
    assert_eq!(one.turn(at(3)), Turn::Try);
    one.answered();
    // Orders wait until the rows were brought.
    assert_eq!((one.turn(at(3)), one.sends(), one.is_back()), (Turn::Ask, false, true));
}

#[test]
fn what_a_person_says_holds_until_it_is_taken_back() {
    let mut one = standing();
    one.say(Some(Mode::Offline), "New server", Uuid::max(), at(1));
    assert_eq!(one.decide(&[], at(1)), Some(Mode::Normal));
    assert_eq!((one.mode, one.reason.as_str()), (Mode::Offline, "New server"));
    assert_eq!((one.turn(at(9)), one.is_back()), (Turn::Wait(None), false));
    one.say(None, "", Uuid::max(), at(9));
    assert_eq!(one.decide(&[], at(9)), Some(Mode::Offline));
    assert_eq!((one.mode, one.is_back(), one.hand_by), (Mode::Normal, true, None));
    // Nothing changes twice.
    assert_eq!(one.decide(&[], at(10)), None);
    assert_eq!(one.since, at(9));
}

#[test]
fn old_stock_is_promised_less_then_not_at_all() {
    let check = |hours: i64, expect: Trust| {
        let ages = [age("stock", "stock", 100 - hours), age("rule", "price_rules", 0)];
        assert_eq!(trust(&Care::default(), &ages, at(100)), expect, "{hours}");
    };
    check(4, Trust::Whole);
    check(5, Trust::Less(Decimal::from(20)));
    check(24, Trust::Less(Decimal::from(20)));
    check(25, Trust::Nothing);
}

#[test]
fn an_entity_has_the_limit_of_its_kind_or_its_own() {
    let care = Care {
        hours: BTreeMap::from([("rule".to_owned(), 2), ("credit".to_owned(), 1)]),
        ..Care::default()
    };
    let hours = |entity, rows| care.limit(entity, rows).map(|limit| (limit.bears, limit.hours));
    assert_eq!(hours("list", "price_lists"), Some((Bears::Price, 24)));
    assert_eq!(hours("rule", "price_rules"), Some((Bears::Price, 2)));
    assert_eq!(hours("stock", "stock"), Some((Bears::Stock, 4)));
    assert_eq!(hours("credit", "credit"), Some((Bears::Other, 1)));
    assert_eq!(hours("unit", "units"), None);
}
