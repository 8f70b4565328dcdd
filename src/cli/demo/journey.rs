//! Five journeys through real HTTP, each step timed and judged.

use std::fmt::Display;
use std::time::Instant;

use rust_decimal::Decimal;

use crate::domain::order::OrderState;
use crate::http::buyer::Market;
use crate::service::Gateway;
use crate::simulate::browser::Page;
use crate::simulate::{Browser, Buyer, Fault, Requisition, State};
use crate::store;

/// What every journey has at hand.
struct Stage<'a> {
    gateway: &'a Gateway,
    market: &'a Market,
    browser: &'a Browser,
}

/// Runs all journeys, says how each step went, and returns how many journeys failed.
pub async fn all(gateway: &Gateway, market: &Market, browser: &Browser) -> usize {
    let stage = Stage {
        gateway,
        market,
        browser,
    };
    let started = Instant::now();
    let verdicts = [
        told("create", stage.create()).await,
        told("edit", stage.edit()).await,
        told("inspect", stage.inspect()).await,
        told("cancel", stage.cancel()).await,
        told("order, change, cancel", stage.order()).await,
    ];
    let failed = verdicts.iter().filter(|passed| !**passed).count();
    let documents: usize = market.buyers.iter().map(Buyer::documents).sum();
    println!("{documents} documents sent and received, all valid");
    println!(
        "{} journeys passed, {failed} failed, in {} ms",
        verdicts.len() - failed,
        started.elapsed().as_millis()
    );
    failed
}

async fn told(name: &str, journey: impl Future<Output = Result<(), Fault>>) -> bool {
    println!("journey: {name}");
    match journey.await {
        Ok(()) => true,
        Err(fault) => {
            println!("  FAILED  {fault}");
            false
        }
    }
}

/// One step: what it does, how long it took, and how it went.
async fn step<T>(name: &str, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let started = Instant::now();
    let outcome = work.await;
    let verdict = if outcome.is_ok() { "ok" } else { "no" };
    println!(
        "  {verdict}  {:>6.1} ms  {name}",
        started.elapsed().as_secs_f64() * 1000.0
    );
    outcome
}

fn expect(truth: bool, text: impl Display) -> Result<(), Fault> {
    if truth {
        Ok(())
    } else {
        Err(Fault::new(text.to_string()))
    }
}

impl Stage<'_> {
    fn buyer(&self, at: usize) -> Result<&Buyer, Fault> {
        self.market
            .buyers
            .get(at)
            .ok_or_else(|| Fault::new("there is no such buyer"))
    }

    /// A new cart, returned as a requisition.
    async fn create(&self) -> Result<(), Fault> {
        let buyer = self.buyer(0)?;
        let (page, id) = self.punch_out(buyer, "create", None).await?;
        let page = self.shop(page).await?;
        let requisition = self.give_back(buyer, page, &id).await?;
        expect(requisition.lines.len() == 2, "the requisition must have two lines")?;
        expect(
            requisition.stated_total == Some(requisition.total()),
            "the stated total must be the sum of the lines",
        )
    }

    /// The same cart again, a quantity changed, the reference of each line kept.
    async fn edit(&self) -> Result<(), Fault> {
        let buyer = self.buyer(1)?;
        let before = self.requisition(buyer).await?;
        let (page, id) = self.punch_out(buyer, "edit", Some(&before)).await?;
        let line = first_line(&page)?;
        let quantity = page.input(&line).unwrap_or_default();
        let doubled = quantity
            .parse::<Decimal>()
            .map_or(quantity, |quantity| (quantity * Decimal::TWO).to_string());
        let cart = path_of(&page, "cart");
        let page = step("double the first line", async {
            let page = self.browser.send(&page, &cart, &[(&line, &doubled)]).await?;
            seen(page)
        })
        .await?;
        let after = self.give_back(buyer, page, &id).await?;
        expect(after.lines.len() == before.lines.len(), "the cart must keep its lines")?;
        expect(
            after.lines[0].quantity == before.lines[0].quantity * Decimal::TWO,
            "the first quantity must be doubled",
        )?;
        let same = after.lines.iter().zip(&before.lines);
        expect(
            same.into_iter()
                .all(|(after, before)| after.auxiliary_id == before.auxiliary_id),
            "every line must keep its SupplierPartAuxiliaryID",
        )
    }

    /// The cart looked at; nothing can be changed, and going back changes nothing.
    async fn inspect(&self) -> Result<(), Fault> {
        let buyer = self.buyer(2)?;
        let before = self.requisition(buyer).await?;
        let (page, id) = self.punch_out(buyer, "inspect", Some(&before)).await?;
        expect(
            first_line(&page).is_err(),
            "an inspected cart must offer no quantity to change",
        )?;
        let add = path_of(&page, "cart/add");
        step("try to add a product, in vain", async {
            let part = before.lines.first().map(|line| line.part.as_str()).unwrap_or_default();
            let fields = [("sku", part), ("unit", "EA"), ("quantity", "1")];
            let page = self.browser.send(&page, &add, &fields).await?;
            expect(page.status == 403, format!("expected 403, got {}", page.status))
        })
        .await?;
        let after = self.leave(buyer, page, &id).await?;
        expect(
            after.lines.is_empty() && after.state == State::Cancelled,
            "nothing must come back",
        )
    }

    /// A visit that is left without items: Status 204.
    async fn cancel(&self) -> Result<(), Fault> {
        let buyer = self.buyer(3)?;
        let (page, id) = self.punch_out(buyer, "create", None).await?;
        let page = self.shop(page).await?;
        let after = self.leave(buyer, page, &id).await?;
        expect(
            after.lines.is_empty() && after.state == State::Cancelled,
            "nothing must come back",
        )
    }

    /// The order, the same document again, its change and its cancellation.
    async fn order(&self) -> Result<(), Fault> {
        let buyer = self.buyer(4)?;
        let requisition = self.requisition(buyer).await?;
        let sent = self.send(buyer, &requisition.id, "new").await?;
        step("send the same order once more: the same answer, byte for byte", async {
            let (status, answer) = buyer.send_again(&sent).await?;
            expect(status == 200 && answer == sent.answer, "the answers must be identical")
        })
        .await?;
        self.state_is(&sent.order_id, &[OrderState::Received, OrderState::Held])
            .await?;
        let doubled = requisition.lines.first().map(|line| line.quantity * Decimal::TWO);
        buyer.change_quantity(&requisition.id, 0, doubled.unwrap_or(Decimal::TWO))?;
        self.send(buyer, &requisition.id, "update").await?;
        self.send(buyer, &requisition.id, "delete").await?;
        self.state_is(&sent.order_id, &[OrderState::Cancelled]).await
    }

    async fn send(&self, buyer: &Buyer, id: &str, kind: &'static str) -> Result<crate::simulate::SentOrder, Fault> {
        step(&format!("send the order: {kind}"), async {
            let sent = buyer.order(id, kind).await?;
            expect(sent.status == 200, format!("expected 200, got {}", sent.status))?;
            Ok(sent)
        })
        .await
    }

    /// Looks into the gateway's own store.
    async fn state_is(&self, order_id: &str, states: &[OrderState]) -> Result<(), Fault> {
        step("see it arrive at the supplier's", async {
            let tenants: Vec<_> = self.gateway.directory().tenants().map(|tenant| tenant.id).collect();
            let orders = self.gateway.store.read(async |tx| {
                let mut orders = Vec::new();
                for tenant_id in tenants {
                    orders.extend(store::order::list(tx, tenant_id, None, None, 100).await?);
                }
                Ok::<_, store::StoreError>(orders)
            });
            let orders = orders.await.map_err(|error| Fault::new(error.to_string()))?;
            let mut found = orders.iter().filter(|order| order.order_id == order_id);
            let state = found.next().map(|order| order.state);
            expect(found.next().is_none(), "the order must be there once")?;
            expect(
                state.is_some_and(|state| states.contains(&state)),
                format!("the order's state must be one of {states:?}, it is {state:?}"),
            )
        })
        .await
    }

    /// A requisition as `create` makes it.
    async fn requisition(&self, buyer: &Buyer) -> Result<Requisition, Fault> {
        let (page, id) = self.punch_out(buyer, "create", None).await?;
        let page = self.shop(page).await?;
        self.give_back(buyer, page, &id).await
    }

    async fn punch_out(
        &self,
        buyer: &Buyer,
        operation: &str,
        cart: Option<&Requisition>,
    ) -> Result<(Page, String), Fault> {
        let who = format!("{} ({})", buyer.script.company, buyer.script.system);
        let (start, id) = step(&format!("set up a visit of {who}: {operation}"), async {
            buyer.punch_out(operation, cart, None).await
        })
        .await?;
        let page = step("open the start link and press its button", async {
            let page = seen(self.browser.open(&start).await?)?;
            seen(self.browser.send(&page, &start, &[]).await?)
        })
        .await?;
        Ok((page, id))
    }

    /// Two products in the cart: one that a search finds, one of a category.
    async fn shop(&self, page: Page) -> Result<Page, Fault> {
        let mut page = page;
        for query in ["bolt", "glove"] {
            let search = path_of(&page, &format!("search?q={query}"));
            page = step(&format!("search for \"{query}\""), async {
                seen(self.browser.open(&joined(&page, &search)?).await?)
            })
            .await?;
            let [sku, unit, quantity] = ["sku", "unit", "quantity"].map(|name| page.input(name).unwrap_or_default());
            expect(!sku.is_empty(), "the search must find something to add")?;
            let add = path_of(&page, "cart/add");
            page = step(&format!("add {quantity} {unit} of {sku}"), async {
                let fields = [("sku", sku.as_str()), ("unit", &unit), ("quantity", &quantity)];
                seen(self.browser.send(&page, &add, &fields).await?)
            })
            .await?;
        }
        let cart = path_of(&page, "cart");
        step("open the cart", async {
            seen(self.browser.open(&joined(&page, &cart)?).await?)
        })
        .await
    }

    async fn give_back(&self, buyer: &Buyer, page: Page, id: &str) -> Result<Requisition, Fault> {
        self.back("return the cart", "return", buyer, page, id).await
    }

    async fn leave(&self, buyer: &Buyer, page: Page, id: &str) -> Result<Requisition, Fault> {
        self.back("go back without items", "cancel", buyer, page, id).await
    }

    /// The form of the return page goes to the buyer's own server, as a browser would send it.
    async fn back(&self, name: &str, action: &str, buyer: &Buyer, page: Page, id: &str) -> Result<Requisition, Fault> {
        let action = path_of(&page, action);
        let page = step(name, async { seen(self.browser.send(&page, &action, &[]).await?) }).await?;
        step("carry the form to the buyer's system", async {
            let to = self.browser.carry(&page).await?;
            expect(
                to.status == 200,
                format!("the buyer's system answered {}: {}", to.status, to.html),
            )
        })
        .await?;
        buyer
            .requisition(id)
            .filter(|requisition| requisition.state != State::Shopping)
            .ok_or_else(|| Fault::new("the requisition did not come back"))
    }
}

fn seen(page: Page) -> Result<Page, Fault> {
    expect(page.status == 200, format!("the page answered {}", page.status))?;
    Ok(page)
}

/// The field of the first line's quantity.
fn first_line(page: &Page) -> Result<String, Fault> {
    let none = || Fault::new("the page has no quantity to change");
    let at = page.html.find("name=\"quantity-").ok_or_else(none)? + "name=\"".len();
    let rest = &page.html[at..];
    rest.find('"').map(|end| rest[..end].to_owned()).ok_or_else(none)
}

/// An address of the visit that the page belongs to: `/s/{handle}/…`.
fn path_of(page: &Page, rest: &str) -> String {
    let path = url::Url::parse(&page.url)
        .map(|url| url.path().to_owned())
        .unwrap_or_default();
    let handle = path.split('/').nth(2).unwrap_or_default();
    format!("/s/{handle}/{rest}")
}

fn joined(page: &Page, address: &str) -> Result<String, Fault> {
    let base = url::Url::parse(&page.url).and_then(|base| base.join(address));
    base.map(String::from)
        .map_err(|_| Fault::new("the page has no complete address"))
}
