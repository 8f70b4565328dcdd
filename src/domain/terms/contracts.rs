//! Accounts with what was agreed with them: lists in order of precedence, agreements, addresses, assortment.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::agreement::Agreement;
use super::catalogue::{ProductIndex, ProductTerms};
use super::list::{ListHead, ListKind};
use super::names::NameMap;
use super::policy::Policy;
use super::rule::Scope;
use super::switch::Inherit;
use super::{Level, Ruling};
use crate::domain::account::{AccountStatus, PriceInherit};
use crate::domain::money::Currency;

/// What terms need to know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Its code.
    pub code: Arc<str>,
    /// The code of the account above.
    pub parent: Option<Arc<str>>,
    /// The code of the account that is billed.
    pub bill_to: Option<Arc<str>>,
    /// Whose lists apply after its own.
    pub price_inherit: PriceInherit,
    /// The currency it is billed in.
    pub currency: Currency,
    /// The warehouse it is served from first.
    pub default_warehouse: Option<Arc<str>>,
    /// Codes of the price groups it belongs to.
    pub groups: Box<[Arc<str>]>,
    /// Its tax class.
    pub tax_class: Option<Arc<str>>,
    /// Its credit, where the supplier says so.
    pub credit: Option<Credit>,
    /// Whether it may buy.
    pub status: AccountStatus,
    /// How its prices are decided.
    pub policy: Arc<Policy>,
    /// The policy as traces name it; `None` for ours.
    pub ruling: Option<Arc<Ruling>>,
    /// The smallest amount of a whole order, without tax, in its currency; `None` is what the policy says.
    pub order_minimum: Option<Decimal>,
}

/// How much an account may owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// At most.
    pub limit: Decimal,
    /// Owed already, and on order.
    pub used: Decimal,
}

/// An address of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTerms {
    /// Its code.
    pub code: Arc<str>,
    /// The buyer's own code of it (cXML `Address/@addressID`).
    pub buyer_code: Option<Arc<str>>,
    /// ISO 3166 country code.
    pub country: Option<Arc<str>>,
    /// Region or state.
    pub region: Option<Arc<str>>,
    /// Postal code.
    pub postal_code: Option<Arc<str>>,
}

/// Whether something may be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssortmentRule {
    /// It may, and with it nothing that is not allowed.
    Allow,
    /// It may not.
    Deny,
}

known_by_words!(AssortmentRule {
    Allow = "allow",
    Deny = "deny",
});

/// What a rule of an assortment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssortmentTarget {
    /// One product.
    Product,
    /// Products in a category or below it.
    Category,
}

known_by_words!(AssortmentTarget {
    Product = "product",
    Category = "category",
});

/// What belongs to single accounts beside their lists; each with the account's code.
#[derive(Clone, Debug, Default)]
pub struct Belongings {
    /// Addresses.
    pub addresses: Vec<(Arc<str>, AddressTerms)>,
    /// The buyer's own part numbers, and which products they are.
    pub own_parts: Vec<(Arc<str>, Arc<str>, ProductIndex)>,
    /// What may or may not be bought; of a scope that is gone only that there is such a rule.
    pub assortments: Vec<(Arc<str>, AssortmentRule, Option<Scope>)>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
}

/// Whom a list is assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One account, by its code.
    Account(Arc<str>),
    /// A group of accounts, by its code.
    Group(Arc<str>),
    /// All accounts.
    All,
}

/// One list given to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The list.
    pub list: Uuid,
    /// To whom.
    pub target: Target,
    /// The lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// One list an account may use, in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub level: Level,
    /// Place of the list in [`PriceBook::lists`].
    pub list: u32,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// An account with the lists it uses, in order.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub account: AccountTerms,
    pub ways: Box<[Way]>,
    /// How many of the ways come before its agreements.
    pub before_agreements: usize,
    /// Places of its agreements in [`Contracts::agreements`], in order of precedence.
    pub agreements: Box<[u32]>,
    pub addresses: Vec<AddressTerms>,
    own_parts: HashMap<Arc<str>, ProductIndex>,
    assortment: Offered,
}

/// What an account may buy.
#[derive(Clone, Debug, Default)]
pub(super) struct Offered {
    /// Whether only what is allowed may be bought, even where nothing of it is there any more.
    pub is_limited: bool,
    pub allowed: Vec<Scope>,
    pub denied: Vec<Scope>,
}

impl Offered {
    fn add(&mut self, rule: AssortmentRule, scope: Option<Scope>) {
        self.is_limited |= rule == AssortmentRule::Allow;
        match rule {
            AssortmentRule::Allow => self.allowed.extend(scope),
            AssortmentRule::Deny => self.denied.extend(scope),
        }
    }
}

impl Route {
    /// The address of a code of ours or the buyer's.
    pub fn address(&self, code: &str) -> Option<&AddressTerms> {
        let ours = self.addresses.iter().find(|address| *address.code == *code);
        let theirs = || {
            self.addresses
                .iter()
                .find(|address| address.buyer_code.as_deref() == Some(code))
        };
        ours.or_else(theirs)
    }

    /// What the account may buy.
    pub(super) fn assortment(&self) -> &Offered {
        &self.assortment
    }

    /// Whether the account may buy a product: not denied, and allowed where anything is allowed at all.
    pub fn offers(&self, index: ProductIndex, product: &ProductTerms) -> bool {
        let assortment = &self.assortment;
        let fits = |scope: &Scope| scope.distance(index, product).is_some();
        !assortment.denied.iter().any(fits) && (!assortment.is_limited || assortment.allowed.iter().any(fits))
    }
}

/// Accounts and which lists each uses, in order of precedence.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    routes: NameMap<Arc<str>, Route>,
    pub(super) list_of_id: HashMap<Uuid, u32>,
    agreements: Vec<Agreement>,
}

/// Ancestors looked at: deeper hierarchies do not occur, and a circle must end.
const ANCESTORS_MAX: usize = 32;

impl Contracts {
    /// Works out what every account uses; the order of the rows does not matter.
    ///
    /// `heads` are the lists in the order in which the book holds them.
    pub fn new(
        accounts: Vec<AccountTerms>,
        heads: &[ListHead],
        assignments: &[Assignment],
        belongings: Belongings,
    ) -> Self {
        let list_of_id: HashMap<Uuid, u32> = heads.iter().zip(0u32..).map(|(head, place)| (head.id, place)).collect();
        let given = Given::new(heads, &list_of_id, assignments);
        let by_code: HashMap<Arc<str>, &AccountTerms> =
            accounts.iter().map(|account| (account.code.clone(), account)).collect();
        let agreements: Vec<Agreement> = belongings.agreements.into_iter().map(Agreement::sorted).collect();
        let mut agreements_of: HashMap<&str, Vec<u32>> = HashMap::new();
        for (agreement, at) in agreements.iter().zip(0u32..) {
            agreements_of.entry(&agreement.account).or_default().push(at);
        }
        let mut routes = NameMap::with_capacity_and_hasher(accounts.len(), Default::default());
        for account in &accounts {
            let chain = chain(account, &by_code);
            let mut own: Vec<(usize, u32)> = Vec::new();
            for (depth, above) in chain.iter().enumerate() {
                let agreed = agreements_of.get(&*above.code).map_or(&[][..], Vec::as_slice);
                own.extend(agreed.iter().map(|at| (depth, *at)));
            }
            own.sort_by_cached_key(|(depth, at)| {
                let agreement = &agreements[*at as usize];
                let latest_first = std::cmp::Reverse(agreement.valid_from);
                (
                    *depth,
                    agreement.ship_tos.is_none(),
                    latest_first,
                    agreement.number.clone(),
                )
            });
            let ways = given.ways(account, &chain);
            let policy = &account.policy;
            let agreed_at = policy.place(Level::Agreement);
            if agreed_at.is_none() {
                own.clear();
            }
            let route = Route {
                account: account.clone(),
                before_agreements: ways.partition_point(|way| policy.place(way.level) < agreed_at),
                ways,
                agreements: own.into_iter().map(|(_, at)| at).collect(),
                addresses: Vec::new(),
                own_parts: HashMap::new(),
                assortment: Offered::default(),
            };
            routes.insert(account.code.clone(), route);
        }
        for (account, address) in belongings.addresses {
            if let Some(route) = routes.get_mut(&account) {
                route.addresses.push(address);
            }
        }
        for (account, number, product) in belongings.own_parts {
            if let Some(route) = routes.get_mut(&account) {
                route.own_parts.insert(number, product);
            }
        }
        for (account, rule, scope) in belongings.assortments {
            if let Some(route) = routes.get_mut(&account) {
                route.assortment.add(rule, scope);
            }
        }
        Contracts {
            routes,
            list_of_id,
            agreements,
        }
    }

    pub(super) fn route(&self, account: &str) -> Option<&Route> {
        self.routes.get(account)
    }

    /// The place of a list.
    pub(super) fn list(&self, id: Uuid) -> Option<u32> {
        self.list_of_id.get(&id).copied()
    }

    pub(super) fn agreement(&self, at: u32) -> &Agreement {
        &self.agreements[at as usize]
    }

    /// An account's address, by our code or the buyer's.
    pub fn address(&self, account: &str, code: &str) -> Option<&AddressTerms> {
        self.route(account)?.address(code)
    }

    /// Whether an account has an address of this code, ours or the buyer's.
    pub fn has_address(&self, account: &str, code: &str) -> bool {
        let route = self.routes.get(account);
        route.is_some_and(|route| route.address(code).is_some())
    }

    /// The product that an account calls by a part number of its own.
    pub fn own_part(&self, account: &str, number: &str) -> Option<ProductIndex> {
        self.routes.get(account)?.own_parts.get(number).copied()
    }
}

/// Lists by whom they are given to.
struct Given<'m> {
    heads: &'m [ListHead],
    list_of_id: &'m HashMap<Uuid, u32>,
    by_target: HashMap<(u8, &'m str), Vec<&'m Assignment>>,
}

impl<'m> Given<'m> {
    fn new(heads: &'m [ListHead], list_of_id: &'m HashMap<Uuid, u32>, assignments: &'m [Assignment]) -> Self {
        let mut by_target: HashMap<(u8, &str), Vec<&Assignment>> = HashMap::new();
        for assignment in assignments {
            let target = match &assignment.target {
                Target::Account(code) => (0, &**code),
                Target::Group(code) => (1, &**code),
                Target::All => (2, ""),
            };
            by_target.entry(target).or_default().push(assignment);
        }
        Given {
            heads,
            list_of_id,
            by_target,
        }
    }

    fn to<'a>(&'a self, kind: u8, code: &'a str) -> impl Iterator<Item = &'m Assignment> + 'a {
        let given = self.by_target.get(&(kind, code)).map_or(&[][..], Vec::as_slice);
        given.iter().copied()
    }

    /// The lists of an account in order of precedence.
    fn ways(&self, account: &AccountTerms, chain: &[&AccountTerms]) -> Box<[Way]> {
        let mut ways = Vec::new();
        let mut push = |level, depth: usize, assignment: &Assignment| {
            let Some(list) = self.list_of_id.get(&assignment.list).copied() else {
                return;
            };
            let (valid_from, valid_to) = (assignment.valid_from, assignment.valid_to);
            let code = self.heads[list as usize].code.clone();
            let rank = (level, depth, assignment.priority, code, valid_from, valid_to);
            ways.push((rank, list));
        };
        for (depth, above) in chain.iter().enumerate() {
            let level = if depth == 0 { Level::Account } else { Level::Inherited };
            self.to(0, &above.code)
                .for_each(|assignment| push(level, depth, assignment));
        }
        let groups = account.groups.iter().flat_map(|code| self.to(1, code));
        groups
            .chain(self.to(2, ""))
            .for_each(|assignment| push(Level::Group, 0, assignment));
        for (head, list) in self
            .heads
            .iter()
            .zip(0u32..)
            .filter(|(head, _)| head.kind == ListKind::List)
        {
            ways.push(((Level::Default, 0, head.priority, head.code.clone(), None, None), list));
        }
        let policy = &account.policy;
        ways.retain(|((level, ..), _)| policy.place(*level).is_some());
        ways.sort_by(|(a, _), (b, _)| (policy.place(a.0), a).cmp(&(policy.place(b.0), b)));
        let way = |((level, _, _, _, valid_from, valid_to), list)| Way {
            level,
            list,
            valid_from,
            valid_to,
        };
        ways.into_iter().map(way).collect()
    }
}

/// The account and those above it whose prices it inherits.
fn chain<'a>(account: &'a AccountTerms, by_code: &HashMap<Arc<str>, &'a AccountTerms>) -> Vec<&'a AccountTerms> {
    let mut accounts = vec![account];
    let mut at = account;
    while accounts.len() < ANCESTORS_MAX {
        let above = match (account.policy.inherit, at.price_inherit) {
            (Inherit::None, _) | (Inherit::AsAccount, PriceInherit::None) => None,
            (Inherit::Parent, _) | (Inherit::AsAccount, PriceInherit::Parent) => at.parent.as_ref(),
            (Inherit::BillTo, _) | (Inherit::AsAccount, PriceInherit::BillTo) => at.bill_to.as_ref(),
        };
        let Some(above) = above.and_then(|code| by_code.get(code)) else {
            break;
        };
        if accounts.iter().any(|account| account.code == above.code) {
            break;
        }
        accounts.push(above);
        at = above;
    }
    accounts
}
