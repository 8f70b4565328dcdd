//! A world of terms as the files that bring it.

use jiff::civil::Date;

use crate::terms_policy;
use crate::terms_world::{ADDRESSES, CATEGORIES, Days, Dice, Product, Says, World};

pub fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A day with a time of it, as files write it.
fn moment((day, second): (Option<Date>, Option<i64>)) -> String {
    match (day, second) {
        (None, _) => String::new(),
        (Some(day), None) => day.to_string(),
        (Some(day), Some(second)) => {
            let (hour, minute) = (second / 3_600, second / 60 % 60);
            format!("{day}T{hour:02}:{minute:02}:{:02}", second % 60)
        }
    }
}

/// The world as files, in an order of the dice.
pub fn files(world: &World, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let unit = |in_boxes: bool| if in_boxes { "BX" } else { "EA" };
    let dates = |(from, to): Days| format!("{},{}", shown(from), shown(to));
    let mut files: Vec<(&'static str, &str, Vec<String>)> = Vec::new();
    let categories = (0..CATEGORIES).map(|at| {
        format!(
            "C-{at},C,{}",
            if at > 0 { format!("C-{}", at - 1) } else { String::new() }
        )
    });
    files.push(("categories.csv", "code,name,parent", categories.collect()));
    let products = world.products.iter().map(|product| {
        let Product {
            sku,
            box_of,
            list_price,
            category,
            sold_in_boxes,
        } = product;
        let sold_in = if *sold_in_boxes { "BX|EA" } else { "EA|BX" };
        let list_price = shown(*list_price);
        format!("{sku},{sku},EA,BX={box_of},{sold_in},{list_price},C-{category},A")
    });
    files.push((
        "products.csv",
        "sku,name,base_unit,units,sold_in,list_price,categories,price_group",
        products.collect(),
    ));
    files.push(terms_policy::file(&world.policies, world.of_source));
    let accounts = world.accounts.iter().map(|account| {
        let parent = account
            .parent
            .map(|at| world.accounts[at].code.clone())
            .unwrap_or_default();
        let inherit = if account.inherits && !parent.is_empty() {
            "parent"
        } else {
            "none"
        };
        let groups: Vec<String> = account.groups.iter().map(|group| format!("G-{group}")).collect();
        let groups = groups.join("|");
        let code = &account.code;
        let bill_to = shown(account.bill_to.map(|at| &world.accounts[at].code));
        let policy = shown(account.policy.map(terms_policy::code));
        format!("{code},{code},{parent},{bill_to},{inherit},{groups},{policy}")
    });
    files.push((
        "accounts.csv",
        "code,name,parent,bill_to,inherit_prices,groups,price_policy",
        accounts.collect(),
    ));
    let addresses = world
        .accounts
        .iter()
        .flat_map(|account| (0..ADDRESSES).map(move |at| format!("{},S-{at}", account.code)));
    files.push(("addresses.csv", "account,code", addresses.collect()));
    let lists = world.lists.iter().map(|list| {
        let kind = if list.is_general { "list" } else { "contract" };
        let own = [list.select, list.on_no_match, list.quantity_basis, list.validity].map(shown);
        let find_next = if list.find_next { "yes" } else { "no" };
        let (code, priority, days) = (&list.code, list.priority, dates(list.days));
        format!("{code},{kind},{priority},{days},{},{find_next}", own.join(","))
    });
    files.push((
        "price_lists.csv",
        "code,kind,priority,valid_from,valid_to,select,on_no_match,quantity_basis,validity,find_next",
        lists.collect(),
    ));
    let rules = world.rules.iter().map(|rule| {
        let product = rule.product.map(|at| world.products[at].sku.clone());
        let category = rule.category.map(|at| format!("C-{at}"));
        let (list, position) = (&world.lists[rule.list].code, rule.position);
        let (product, category) = (shown(product), shown(category));
        let (calculation, value, per, formula) = match rule.says {
            Says::Markup(percent) => ("markup", percent.to_string(), 1, ""),
            Says::Fixed(price, per) => ("fixed", price.to_string(), per, ""),
            Says::Discount(percent) => ("discount", percent.to_string(), 1, ""),
            Says::Formula => ("formula", String::new(), 1, "max(cost_price; 1)"),
        };
        let find_next = if rule.find_next { "yes" } else { "no" };
        let [from, to] = [(rule.days.0, rule.seconds.0), (rule.days.1, rule.seconds.1)].map(moment);
        let head = format!("{list},{position},{product},{category},{},{from},{to}", rule.from);
        format!("{head},{calculation},{value},{per},{find_next},{formula}")
    });
    let header = "list,position,sku,category,min_quantity,valid_from,valid_to,calculation,value,price_quantity,\
                  find_next,formula";
    files.push(("price_rules.csv", header, rules.collect()));
    let given = world.given.iter().map(|given| {
        let account = given.account.map(|at| world.accounts[at].code.clone());
        let group = given.group.map(|at| format!("G-{at}"));
        let list = &world.lists[given.list].code;
        format!(
            "{list},{},{},{},{}",
            shown(account),
            shown(group),
            given.priority,
            dates(given.days)
        )
    });
    files.push((
        "price_assignments.csv",
        "list,account,group,priority,valid_from,valid_to",
        given.collect(),
    ));
    let entries = world.entries.iter().map(|entry| {
        let (list, sku) = (&world.lists[entry.list].code, &world.products[entry.product].sku);
        let (unit, price) = (unit(entry.in_boxes), shown(entry.price));
        format!(
            "{list},{sku},{unit},{},{price},{},{}",
            entry.from,
            entry.per,
            dates(entry.days)
        )
    });
    let header = "list,sku,unit,min_quantity,price,price_quantity,valid_from,valid_to";
    files.push(("prices.csv", header, entries.collect()));
    let heads = world.agreed.iter().map(|agreed| {
        let all = if agreed.addresses.is_some() { "no" } else { "yes" };
        let applies = if agreed.is_named { "named" } else { "always" };
        let account = &world.accounts[agreed.account].code;
        format!("{},{account},{all},{applies},{}", agreed.number, agreed.enforce)
    });
    let header = "number,account,all_ship_tos,applies,enforce";
    files.push(("agreements.csv", header, heads.collect()));
    let ship_tos = world.agreed.iter().flat_map(|agreed| {
        let addresses = agreed.addresses.iter().flatten();
        addresses.map(move |at| format!("{},S-{at}", agreed.number))
    });
    files.push(("agreement_ship_tos.csv", "agreement,address", ship_tos.collect()));
    let lines = world.agreed.iter().map(|agreed| {
        let sku = &world.products[agreed.product].sku;
        let unit = unit(agreed.in_boxes);
        let (number, price, days) = (&agreed.number, agreed.price, dates(agreed.days));
        let (maximum, released) = (shown(agreed.maximum), agreed.released);
        format!("{number},1,{sku},{unit},{price},{days},{maximum},{released}")
    });
    files.push((
        "agreement_lines.csv",
        "agreement,line,sku,unit,price,valid_from,valid_to,maximum,released",
        lines.collect(),
    ));
    let promotions = world.promotions.iter().map(|promotion| {
        let product = shown(promotion.product.map(|at| &world.products[at].sku));
        let category = shown(promotion.category.map(|at| format!("C-{at}")));
        let group = shown(promotion.group.map(|at| format!("G-{at}")));
        let (code, days, from) = (&promotion.code, dates(promotion.days), promotion.from);
        let (calculation, value) = (promotion.calculation, promotion.value);
        let (stacking, priority) = (promotion.stacking, promotion.priority);
        format!("{code},{product},{category},{group},{days},{from},{calculation},{value},{stacking},{priority}")
    });
    files.push((
        "promotions.csv",
        "code,skus,categories,account_groups,valid_from,valid_to,min_quantity,calculation,value,stacking,priority",
        promotions.collect(),
    ));
    let files = files.into_iter().map(|(name, header, mut rows)| {
        dice.shuffle(&mut rows);
        (name, format!("{header}\n{}\n", rows.join("\n")))
    });
    files.collect()
}
