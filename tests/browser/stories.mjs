// What people must be able to do, whatever they have: a keyboard alone, no script, no cookies.
import assert from "node:assert/strict";
import { open } from "./browser.mjs";
import { LOOKS } from "./browser.mjs";
import { signIn } from "./steps.mjs";
import { press as go, startLink, wholeWay } from "./way.mjs";

/** Moves the focus on until it is on a control with this name. */
const tabTo = async (page, name) => {
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element?.labels?.[0]?.textContent ?? element?.getAttribute?.("aria-label") ?? element?.textContent;
      return { name: (label ?? "").trim().replace(/\s+/g, " "), seen: element?.matches(":focus-visible") };
    });
    if (name instanceof RegExp ? name.test(focused.name) : focused.name === name) {
      assert.ok(focused.seen, `the focus on “${focused.name}” cannot be seen`);
      return;
    }
  }
  assert.fail(`no control “${name}” is reached with Tab on ${page.url()}`);
};

const enter = async (page) => {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
};

const press = async (page, name) => {
  await page.getByRole("button", { name }).first().click();
  await page.waitForLoadState();
};

/** Punches out, puts the second find in the cart, and stands at the cart. */
const fillCart = async (page, world) => {
  await page.goto(world.buyers);
  await press(page, /^Punch out as Globex/);
  await press(page, "Continue to the catalogue");
  await page.fill("[data-search]", "bolt");
  await press(page, "Search");
  await page.getByRole("button", { name: /^Add / }).nth(1).click();
  await page.waitForLoadState();
  await page.locator("a.cart-link").click();
  await page.waitForURL("**/cart");
};

/** The whole way in a window of its own, to the requisition. */
const ownWindow = (options) => async (browser, world) => {
  const page = await open(browser, options);
  await startLink(page, world);
  const { lines } = await wholeWay(page, page);
  const script = options.script ?? true;
  await page.getByRole("button", { name: /^Return cart to/ }).click();
  if (!script) await page.getByRole("button", { name: /^Continue to/ }).click();
  await page.waitForURL("**/requisition/**");
  assert.equal(await page.locator("input[name^=quantity-]").count(), lines);
  await page.context().close();
};

export const stories = {
  "typing error, facet, product, case, twenty pasted lines, return": ownWindow({ size: LOOKS[0].size }),
  "the same on a phone": ownWindow({ size: LOOKS[1].size }),
  "the same without script": ownWindow({ size: LOOKS[0].size, script: false }),

  "the same in a frame of the buyer's page, cookies blocked": async (browser, world) => {
    const page = await open(browser);
    const cookies = [];
    page.on("request", (request) => cookies.push(request.headers().cookie));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setDocumentCookieDisabled", { disabled: true });
    const start = await startLink(page, world);
    const framed = `${world.buyers}framed`;
    await page.route(framed, (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Buyer</title><iframe title="Catalogue" width="1200" height="800" src="${start}"></iframe>` }),
    );
    await page.goto(framed);
    const at = await (await page.waitForSelector("iframe")).contentFrame();
    await at.getByRole("button", { name: "Continue to the catalogue" }).waitFor();
    const { lines } = await wholeWay(at, page);
    await at.getByRole("button", { name: /^Return cart to/ }).click();
    await at.waitForURL("**/requisition/**");
    assert.equal(await at.locator("input[name^=quantity-]").count(), lines);
    assert.deepEqual(cookies.filter(Boolean), [], "no request needed a cookie");
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
  },

  "what was bought is ordered again from the first page, and a list with the keyboard": async (browser, world) => {
    const page = await open(browser);
    await startLink(page, world);
    await go(page, "Continue to the catalogue");
    assert.match(await page.locator("main").textContent(), /Buy again/);
    await go(page, /^Add .* to the cart$/);
    assert.match(await page.locator("main").textContent(), /Added to your cart/);
    await tabTo(page, "Your lists");
    await enter(page);
    await tabTo(page, "Name of the list");
    await page.keyboard.type(`Keyboard ${world.now}`);
    await enter(page);
    assert.match(await page.locator("h1").textContent(), /Keyboard/);
    await page.keyboard.press("/");
    await page.keyboard.type("bolt");
    await enter(page);
    await page.keyboard.press("j");
    await enter(page);
    await tabTo(page, "Keep on a list");
    await page.keyboard.press("Enter");
    await tabTo(page, "Keep");
    await enter(page);
    assert.match(await page.locator("main").textContent(), /Kept on your list/);
    await page.context().close();
  },

  "a German reader is spoken to in German, and writes to the cart as in English": async (browser, world) => {
    const page = await open(browser);
    await startLink(page, world);
    await go(page, "Continue to the catalogue");
    await go(page, "Deutsch");
    assert.equal(await page.locator("html").getAttribute("lang"), "de-DE");
    await page.locator("[data-search]").fill("M8");
    await go(page, "Suchen");
    await go(page, /^Hinzufügen: /);
    assert.match(await page.locator("main").textContent(), /In den Warenkorb gelegt/);
    await page.locator("a.cart-link").click();
    await page.waitForURL("**/cart");
    assert.match(await page.locator(".totals .sum").last().textContent(), /\d,\d\d/);
    await go(page, "English");
    assert.match(await page.locator("h1").textContent(), /Your cart/);
    await page.context().close();
  },

  "a buyer's user shops, returns and orders with the keyboard alone": async (browser, world) => {
    const page = await open(browser);
    await page.goto(world.buyers);
    await tabTo(page, /^Punch out as Globex/);
    await enter(page);
    await tabTo(page, "Continue to the catalogue");
    await enter(page);
    await page.keyboard.press("/");
    await page.keyboard.type("bolt");
    await enter(page);
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    const second = await page.evaluate(() => document.activeElement.textContent);
    await enter(page);
    assert.equal((await page.locator("h1").textContent()).trim(), second.trim());
    await tabTo(page, "Add to cart");
    await enter(page);
    await tabTo(page, /^Return cart/);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/requisition/**");
    assert.match(await page.locator("main").textContent(), new RegExp(second.trim().slice(0, 12).replace(/[^\w ]/g, ".")));
    await tabTo(page, "Send the order");
    await enter(page);
    assert.match(await page.locator("main").textContent(), /200 OK/);
    await page.context().close();
  },

  "without script the same way is open, and the return is a button": async (browser, world) => {
    const page = await open(browser, { script: false });
    await fillCart(page, world);
    await press(page, /^Return cart to/);
    assert.match(await page.locator("h1").textContent(), /Your cart goes back/);
    await press(page, /^Continue to/);
    await page.waitForURL("**/requisition/**");
    await press(page, "Send the order");
    assert.match(await page.locator("main").textContent(), /200 OK/);
    await page.context().close();
  },

  "a visit needs no cookie, and its start link opens once": async (browser, world) => {
    const page = await open(browser);
    await page.goto(world.buyers);
    await press(page, /^Punch out as Globex/);
    const start = page.url();
    await press(page, "Continue to the catalogue");
    assert.deepEqual(await page.context().cookies(), []);
    await page.goto(start);
    const again = page.getByRole("button", { name: "Continue to the catalogue" });
    if ((await again.count()) > 0) await press(page, "Continue to the catalogue");
    assert.match(await page.locator("h1").textContent(), /used already|not available/);
    await page.context().close();
  },

  "an order that differs from its cart is marked beside it": async (browser, world) => {
    const page = await open(browser);
    await fillCart(page, world);
    await press(page, /^Return cart to/);
    await page.waitForURL("**/requisition/**");
    const offered = await page.locator("input[name=quantity-0]").inputValue();
    await page.locator("input[name=quantity-0]").fill("77");
    await press(page, /^Save quantities/);
    await press(page, "Send the order");
    const number = (await page.locator("section:has(h2:text('Orders sent')) th[scope=row]").first().textContent()).trim();
    await signIn(page, world);
    await page.keyboard.press("/");
    await page.keyboard.type(number);
    await enter(page);
    await page.getByRole("link", { name: number, exact: true }).click();
    await page.waitForLoadState();
    const line = page.locator("table.lines tbody tr.marked").first();
    const cell = await line.locator("td[data-label=Quantity]").textContent();
    assert.match(cell, /^\s*77\s*Cart:/);
    assert.equal(cell.split("Cart:")[1].trim(), offered);
    await page.context().close();
  },

  "a document is checked with the keyboard, from finding to line": async (browser, world) => {
    const page = await open(browser);
    await signIn(page, world);
    await page.goto(`${world.gateway}/admin/check`);
    await tabTo(page, "Paste it");
    await page.keyboard.insertText('<cXML payloadID="1@a" timestamp="2026-11-24T09:00:00+00:00" xml:lang="en">\n<Response>\n<Stauts code="200"/>\n</Response></cXML>');
    await tabTo(page, "Check it");
    await enter(page);
    assert.match(await page.locator("main").textContent(), /Not valid/);
    await tabTo(page, /^line 3, column 1$/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => location.hash), "#line-3");
    const mark = page.locator("#line-3 mark");
    assert.equal(await mark.textContent(), '<Stauts code="200"/>');
    assert.ok(await mark.evaluate((element) => element.getBoundingClientRect().top < innerHeight), "the line is in sight");
    await page.context().close();
  },

  "without script a file is checked, and its secret stays masked": async (browser, world) => {
    const page = await open(browser, { script: false });
    await signIn(page, world);
    await page.goto(`${world.gateway}/admin/check`);
    const text = '<cXML payloadID="1@a"><Header><Sender><Credential domain="D"><SharedSecret>abracadabra</SharedSecret>';
    await page.setInputFiles("#file", { name: "torn.xml", mimeType: "text/xml", buffer: Buffer.from(text) });
    await press(page, "Check it");
    const said = await page.locator("main").textContent();
    assert.match(said, /Cannot be read/);
    assert.match(said, /torn\.xml/);
    assert.ok(!(await page.content()).includes("abracadabra"));
    await page.context().close();
  },

  "an administrator makes a connection with the keyboard and sees its secret once": async (browser, world) => {
    const page = await open(browser);
    await page.goto(`${world.gateway}/admin/connections`);
    // The browser puts the focus there with the first frame it draws, which may be after the load.
    await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
    await page.keyboard.type(world.login);
    await page.keyboard.press("Tab");
    await page.keyboard.type(world.password);
    await enter(page);
    assert.match(page.url(), /\/admin\/connections$/);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, "New connection");
    await enter(page);
    const values = [
      ["Name of the new buyer", "Initech"],
      ["Name of the connection", `Initech ${world.now}`],
      ["Customer account in the ERP", "C-1"],
      ["From credentials", "DUNS 987654321"],
      ["Sender credentials", "DUNS 987654321"],
      ["Hosts that may receive carts", "nonsense"],
    ];
    for (const [label, value] of values) {
      await tabTo(page, label);
      await page.keyboard.type(value);
    }
    await tabTo(page, "Make the connection");
    await enter(page);
    const alert = page.getByRole("alert");
    assert.equal(await alert.evaluate((element) => element === document.activeElement), true, "the faults have the focus");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => location.hash), "#return_hosts");
    await page.locator("#return_hosts").fill("*.initech.example");
    await tabTo(page, "Make the connection");
    await enter(page);
    const secret = await page.locator(".issued code").textContent();
    assert.equal(secret.length, 32);
    await page.getByRole("link", { name: "Connections", exact: true }).first().click();
    await page.getByRole("link", { name: `Initech ${world.now}` }).click();
    await page.waitForLoadState();
    assert.ok(!(await page.content()).includes(secret), "shown once only");
    await page.context().close();
  },
};
