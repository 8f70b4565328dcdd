//! Categories and searches: lists that can be narrowed down, and suggestions while somebody types.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::narrowing::Narrowing;
use super::offer::Offer;
use super::scene::Scene;
use super::{PRODUCTS_PER_PAGE, crumbs, enter, stage};
use crate::domain::attribute::AttributeValue;
use crate::http::guest::Guest;
use crate::http::page::Reader;
use crate::http::page::part::{Fact, Paging, Value};
use crate::http::page::shop::{CategoryPage, Chosen, Facet, ProductRow, Results, SearchPage, Turn};
use crate::service::Error;
use crate::service::content::{self, Content, Shown};
use crate::service::search::{self, Answer, Key, Order, Question};

/// Results that can be paged through.
const RESULTS_MAX: u64 = search::RESULTS_MAX as u64;
/// Values of a facet that are shown: of more, those of the most products.
const VALUES_MAX: usize = 40;
/// Facets whose values are in sight at first.
const OPEN_FACETS: usize = 1;
/// Attributes in a row of a list.
const ATTRIBUTES_IN_ROW: usize = 3;

/// Mounts the pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/s/{handle}/category", web::get().to(category))
        .route("/s/{handle}/search", web::get().to(search_page))
        .route("/s/{handle}/suggest", web::get().to(suggest));
}

async fn category(guest: Guest, request: HttpRequest, handle: Path<String>) -> HttpResponse {
    match category_page(guest, &handle, request.query_string()).await {
        Ok(answer) | Err(answer) => answer,
    }
}

async fn category_page(guest: Guest, handle: &str, query: &str) -> Result<HttpResponse, HttpResponse> {
    let mut scene = stage(guest, handle).await?;
    let narrowing = Narrowing::read(query);
    let code = narrowing.category.clone().unwrap_or_default();
    // A category in which there is nothing for the account is none to it.
    if !has_goods(&scene, &code).await? {
        return Err(scene.guest.problem(StatusCode::NOT_FOUND, "error-no-category"));
    }
    scene.learn_categories().await?;
    let path = scene.paths().category_path();
    let list = List::read(&scene, narrowing, path).await;
    let list = list.map_err(|error| scene.guest.failed(&error))?;
    let mut crumbs = crumbs(&scene, &code);
    crumbs.pop();
    let page = CategoryPage {
        frame: scene.frame("", scene.notice(&list.narrowing.notice)),
        crumbs,
        name: scene.category_name(&code),
        results: list.results(&scene),
    };
    Ok(scene.respond(&page))
}

/// Whether there is something in a category for the account; while nobody can tell, whether there is the category.
async fn has_goods(scene: &Scene, code: &str) -> Result<bool, HttpResponse> {
    let (gateway, session) = (scene.gateway(), &scene.visit.session);
    let is_any = search::is_any_in(gateway, session.tenant_id, &session.account_code, code).await;
    let is_any = is_any.map_err(|error| scene.guest.failed(&error))?;
    Ok(scene.goods.tree().get(code).is_some() && is_any.unwrap_or(true))
}

async fn search_page(guest: Guest, request: HttpRequest, handle: Path<String>) -> HttpResponse {
    match found_page(guest, &handle, request.query_string()).await {
        Ok(answer) | Err(answer) => answer,
    }
}

async fn found_page(guest: Guest, handle: &str, query: &str) -> Result<HttpResponse, HttpResponse> {
    let mut scene = stage(guest, handle).await?;
    let mut narrowing = Narrowing::read(query);
    // A category that went away narrows nothing down.
    if let Some(code) = narrowing.category.take()
        && has_goods(&scene, &code).await?
    {
        narrowing.category = Some(code);
    }
    scene.learn_categories().await?;
    let path = scene.paths().search();
    let list = List::read(&scene, narrowing, path).await;
    let list = list.map_err(|error| scene.guest.failed(&error))?;
    let narrowing = &list.narrowing;
    let within = narrowing.category.as_deref().map(|code| {
        let everywhere = Narrowing {
            category: None,
            ..narrowing.clone()
        };
        (scene.category_name(code), everywhere.address(&list.path))
    });
    let alone = list.answer.alone.iter().filter(|(_, count)| *count > 0);
    let page = SearchPage {
        frame: scene.frame(&narrowing.text, scene.notice(&narrowing.notice)),
        within,
        instead: list.answer.instead.as_deref(),
        unknown: &list.answer.unknown,
        alone: alone
            .map(|(word, count)| Turn {
                name: word,
                href: Narrowing {
                    text: word.clone(),
                    ..narrowing.clone()
                }
                .address(&list.path),
                count: *count,
                chosen: false,
            })
            .collect(),
        results: list.results(&scene),
    };
    Ok(scene.respond(&page))
}

/// Part numbers and words for whoever still types, as JSON: `[{"value": "HEX-10000", "label": "Hex bolt M5 × 16"}]`.
async fn suggest(mut guest: Guest, request: HttpRequest, handle: Path<String>) -> HttpResponse {
    // Nothing of the cart is shown, so that nothing of it is priced with every letter.
    let visit = match enter(&mut guest, &handle).await {
        Ok(visit) => visit,
        Err(answer) => return answer,
    };
    let narrowing = Narrowing::read(request.query_string());
    let (gateway, session) = (&guest.gateway, &visit.session);
    let question = Question {
        text: &narrowing.text,
        ..Question::new(session.tenant_id, &session.account_code)
    };
    let suggested = match search::suggest(gateway, &question).await {
        Ok(suggested) => suggested,
        Err(error) => return guest.failed(&error),
    };
    let ids: Vec<_> = suggested.products.iter().map(|product| product.id).collect();
    let language = guest.reader.locale.language.code();
    let names = match content::names(gateway, session.tenant_id, &ids, language).await {
        Ok(names) => names,
        Err(error) => return guest.failed(&error),
    };
    let words = suggested
        .words
        .iter()
        .map(|word| serde_json::json!({ "value": word, "label": "" }));
    let products = suggested.products.iter().map(|product| {
        let name = names.get(&product.id).unwrap_or(&product.name);
        serde_json::json!({ "value": product.sku, "label": name })
    });
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(words.chain(products).collect::<Vec<_>>())
}

/// A list with everything that is said of its products.
struct List {
    narrowing: Narrowing,
    path: String,
    address: String,
    answer: Answer,
    offers: Vec<Offer>,
    contents: Vec<Content>,
    /// Attributes shown in the row of each product: name and value.
    facts: Vec<Vec<(String, String)>>,
    facet_names: Vec<String>,
    /// What each value of each facet is called.
    value_names: Vec<Vec<String>>,
}

impl List {
    async fn read(scene: &Scene, narrowing: Narrowing, path: String) -> Result<List, Error> {
        let session = &scene.visit.session;
        let (gateway, tenant_id) = (scene.gateway(), session.tenant_id);
        let language = scene.reader().locale.language.code();
        let skip = (narrowing.page - 1).saturating_mul(PRODUCTS_PER_PAGE);
        let answer = if narrowing.text.is_empty() && narrowing.category.is_none() {
            // Nothing was asked yet.
            Answer::default()
        } else {
            let question = Question {
                text: &narrowing.text,
                category: narrowing.category.as_deref(),
                filters: &narrowing.filters,
                language,
                order: narrowing.order,
                skip: usize::try_from(skip).unwrap_or(usize::MAX),
                take: PRODUCTS_PER_PAGE as usize,
                ..Question::new(tenant_id, &session.account_code)
            };
            search::find(gateway, &question).await?
        };
        let ids: Vec<_> = answer.products.iter().map(|product| product.id).collect();
        let mut contents = content::of_products(gateway, tenant_id, &ids, language).await?;
        let contents: Vec<Content> = ids.iter().map(|id| contents.remove(id).unwrap_or_default()).collect();
        let reader = scene.reader();
        Ok(List {
            address: narrowing.address(&path),
            facts: contents.iter().map(|content| facts(content, &answer, reader)).collect(),
            contents,
            offers: Offer::all(scene, &answer.products).await?,
            facet_names: answer.facets.iter().map(|facet| facet_name(facet, reader)).collect(),
            value_names: answer.facets.iter().map(|facet| value_names(facet, reader)).collect(),
            narrowing,
            path,
            answer,
        })
    }

    fn results<'a>(&'a self, scene: &'a Scene) -> Results<'a> {
        let narrowing = &self.narrowing;
        let clear = Narrowing {
            filters: Vec::new(),
            ..narrowing.clone()
        };
        let view = |is_grid| {
            Narrowing {
                is_grid,
                ..narrowing.clone()
            }
            .address(&self.path)
        };
        let order = |order| {
            Narrowing {
                order,
                ..narrowing.clone()
            }
            .address(&self.path)
        };
        let has_words = !narrowing.text.is_empty();
        let by_name = narrowing.order == Order::Listing;
        Results {
            chosen: self.chosen(),
            clear: clear.address(&self.path),
            below: self.below(scene),
            facets: self.facets(),
            views: [
                ("view-list", view(false), !narrowing.is_grid),
                ("view-grid", view(true), narrowing.is_grid),
            ],
            orders: match has_words {
                true => vec![
                    ("order-fit", order(Order::Fit), !by_name),
                    ("order-name", order(Order::Listing), by_name),
                ],
                false => Vec::new(),
            },
            is_grid: narrowing.is_grid,
            products: self.rows(scene),
            total: self.answer.total,
            beyond: self.beyond(),
            paging: Paging {
                page: narrowing.page,
                size: PRODUCTS_PER_PAGE,
                total: self.answer.total.min(RESULTS_MAX),
                address: &self.address,
            },
            is_preparing: self.answer.is_preparing,
        }
    }

    /// How many can be paged through, on the last page of them and after it, where there are more.
    fn beyond(&self) -> Option<u64> {
        let is_last = self.narrowing.page.saturating_mul(PRODUCTS_PER_PAGE) >= RESULTS_MAX;
        (is_last && self.answer.total > RESULTS_MAX).then_some(RESULTS_MAX)
    }

    fn rows<'a>(&'a self, scene: &'a Scene) -> Vec<ProductRow<'a>> {
        let listed = self.offers.iter().zip(&self.contents).zip(&self.facts);
        listed
            .map(|((offer, content), facts)| {
                let mut row = offer.row(scene);
                row.name = content.name.as_deref().unwrap_or(row.name);
                row.picture = content.pictures.first().map(|picture| &*picture.address);
                row.attributes = facts
                    .iter()
                    .map(|(name, value)| Fact {
                        name,
                        value: Value::Text(value),
                    })
                    .collect();
                row
            })
            .collect()
    }

    fn below<'a>(&'a self, scene: &'a Scene) -> Vec<Turn<'a>> {
        let into = |code: &str| Narrowing {
            category: Some(code.to_owned()),
            ..self.narrowing.clone()
        };
        let below = self.answer.categories.iter().map(|(code, count)| Turn {
            name: scene.category_name(code),
            href: into(code).address(&self.path),
            count: *count,
            chosen: false,
        });
        below.collect()
    }

    fn facets(&self) -> Vec<Facet<'_>> {
        let named = self.answer.facets.iter().zip(&self.facet_names).zip(&self.value_names);
        let facets = named.enumerate().map(|(at, ((facet, name), names))| {
            let values = facet.values.iter().zip(names).map(|(value, name)| Turn {
                name,
                href: self.narrowing.turned(&facet.key, &value.value).address(&self.path),
                count: value.count,
                chosen: value.is_chosen,
            });
            let mut values: Vec<Turn<'_>> = values.collect();
            if values.len() > VALUES_MAX {
                let mut counts: Vec<u64> = values.iter().map(|value| value.count).collect();
                counts.sort_unstable_by(|a, b| b.cmp(a));
                let least = counts[VALUES_MAX - 1];
                values.retain(|value| value.chosen || value.count >= least);
                values.truncate(VALUES_MAX);
            }
            Facet {
                name,
                is_open: at < OPEN_FACETS || values.iter().any(|value| value.chosen),
                values,
            }
        });
        facets.collect()
    }

    fn chosen(&self) -> Vec<Chosen<'_>> {
        let mut chosen = Vec::new();
        for filter in &self.narrowing.filters {
            let at = self.answer.facets.iter().position(|facet| facet.key == filter.facet);
            for value in &filter.values {
                let known = at.and_then(|at| {
                    let place = self.answer.facets[at]
                        .values
                        .iter()
                        .position(|own| own.value == *value)?;
                    Some((&*self.facet_names[at], &*self.value_names[at][place]))
                });
                let (name, shown) = known.unwrap_or_else(|| (code_of(&filter.facet), value));
                chosen.push(Chosen {
                    name,
                    value: shown,
                    href: self.narrowing.turned(&filter.facet, value).address(&self.path),
                });
            }
        }
        chosen
    }
}

fn code_of(key: &Key) -> &str {
    match key {
        Key::Attribute(code) => code,
        Key::Category | Key::Maker => "",
    }
}

fn facet_name(facet: &search::Facet, reader: &Reader) -> String {
    facet.name.clone().unwrap_or_else(|| reader.say("manufacturer"))
}

fn value_names(facet: &search::Facet, reader: &Reader) -> Vec<String> {
    let name = |value: &search::FacetValue| match &value.shown {
        Some(shown) => words(shown, reader),
        None => value.value.clone(),
    };
    facet.values.iter().map(name).collect()
}

/// A value in the reader's words and forms.
fn words(shown: &Shown, reader: &Reader) -> String {
    match (&shown.value, &shown.words, &shown.unit) {
        (AttributeValue::Number(number), _, Some(unit)) => format!("{}\u{a0}{unit}", reader.quantity(*number)),
        (AttributeValue::Number(number), _, None) => reader.quantity(*number),
        (AttributeValue::YesNo(true), ..) => reader.say("value-yes"),
        (AttributeValue::YesNo(false), ..) => reader.say("value-no"),
        (AttributeValue::Text(text), words, _) => words.clone().unwrap_or_else(|| text.clone()),
    }
}

/// The attributes that tell the products of this list apart, in the order of the facets.
fn facts(content: &Content, answer: &Answer, reader: &Reader) -> Vec<(String, String)> {
    let telling = answer.facets.iter().filter_map(|facet| match &facet.key {
        Key::Attribute(code) => content.attributes.iter().find(|shown| shown.code == *code),
        Key::Category | Key::Maker => None,
    });
    let told = telling.take(ATTRIBUTES_IN_ROW);
    told.map(|shown| (shown.name.clone(), words(shown, reader))).collect()
}
