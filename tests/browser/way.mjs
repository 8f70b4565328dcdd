// The whole way of a buyer's user, wherever it is gone: a window, a phone, a frame of the buyer's page, without script.
import assert from "node:assert/strict";

/** Presses a button of a page or frame and waits for what comes. */
export const press = async (at, name) => {
  await Promise.all([at.waitForNavigation({ waitUntil: "load" }), at.getByRole("button", { name }).first().click()]);
};

const follow = async (at, locator) => {
  await Promise.all([at.waitForNavigation({ waitUntil: "load" }), locator.click()]);
};

/** The address of a fresh start link, without opening it. */
export const startLink = async (page, world, company = "Globex") => {
  await page.goto(world.buyers);
  await page.getByRole("button", { name: new RegExp(`^Punch out as ${company}`) }).first().click();
  await page.waitForURL("**/start/**");
  return page.url();
};

const lookFor = async (at, words) => {
  await at.locator("[data-search]").fill(words);
  await press(at, "Search");
};

/** From the start page to the cart that went back: typing error, facet, product, case, twenty pasted lines, return. */
export const wholeWay = async (at, page) => {
  await press(at, "Continue to the catalogue");
  assert.equal(await at.locator("[data-suggest]").count(), 1, "the search suggests while one types");
  await lookFor(at, "safty glasses");
  const found = at.locator(".products a.go");
  assert.ok((await found.count()) > 0, "the search forgives a typing error");
  const facet = at.locator(".facets details").first();
  assert.notEqual(await facet.getAttribute("open"), null, "the first facet is in sight");
  const before = await at.locator("h1").locator("xpath=..").textContent();
  await follow(at, facet.locator("nav a").first());
  assert.notEqual(await at.locator("h1").locator("xpath=..").textContent(), before);
  assert.ok((await found.count()) > 0, "a facet leaves something");
  // Twenty numbers as they stand in the list, for the quick order.
  await lookFor(at, "bolt");
  const numbers = await at.locator(".products .numbers span:first-child code").allTextContents();
  assert.ok(numbers.length >= 20, `${numbers.length} numbers`);
  await lookFor(at, "nitrile gloves");
  await follow(at, at.locator(".products a.go").first());
  const units = at.locator("nav.tabs a");
  assert.ok((await units.count()) > 1, "gloves are sold by the box and by the case");
  await follow(at, units.last());
  await at.getByRole("spinbutton").first().fill("3");
  await press(at, "Add to cart");
  assert.match(await at.locator("main").textContent(), /Added to your cart/);
  await follow(at, at.getByRole("link", { name: "Quick order" }));
  await at.locator("#text").fill(numbers.slice(0, 20).map((number) => `${number}\t2`).join("\n"));
  await press(at, "Look them up");
  assert.equal(await at.locator("section table tbody tr").count(), 20);
  const add = at.getByRole("button", { name: /^Put \d+ lines? in the cart$/ });
  const lines = Number((await add.textContent()).match(/\d+/)[0]);
  assert.ok(lines >= 15, `${lines} of 20 lines can be ordered`);
  await follow(at, add);
  assert.equal(await at.locator("table.cart-lines tbody tr").count(), lines + 1);
  return { lines: lines + 1, page };
};
