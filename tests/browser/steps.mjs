// The way to every page, by links and buttons where there are any, as a person goes. A step that says `maybe` needs
// rows that not every gateway has; it answers false where there are none.

const admin = (path) => (page, world) => page.goto(world.gateway + path);

const press = async (page, name) => {
  await page.getByRole("button", { name }).first().click();
  await page.waitForLoadState();
};

/** Opens the first entry of a list of the admin side that has these words. */
const first = (list, words = "") => async (page, world) => {
  await page.goto(world.gateway + list);
  const entry = page.locator("tr", { hasText: words }).locator("a.go").first();
  if ((await entry.count()) === 0) return false;
  await entry.click();
  await page.waitForLoadState();
};

/** Sends the form of a page with a mistake in it. */
const mistaken = (path, fields, button) => async (page, world) => {
  await page.goto(world.gateway + path);
  for (const [field, value] of Object.entries(fields)) await page.fill(`#${field}`, value);
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.waitForLoadState();
};

export const signIn = async (page, { gateway, login, password }) => {
  await page.goto(`${gateway}/admin/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.press("#password", "Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
};

/** Stays on the page whose form goes to the buyer's system by itself: an answer without content moves no browser. */
const heldBack = async (page, world, name) => {
  const away = (url) => url.href.startsWith(world.buyers) && url.pathname.startsWith("/return/");
  await page.route(away, (route) => route.fulfill({ status: 204 }), { times: 1 });
  const sent = page.waitForRequest((request) => away(new URL(request.url())));
  await page.getByRole("button", { name }).first().click();
  await sent;
};

/** A buyer's user: name of the picture, and what is done to get there; the steps follow one another. */
export const buyer = [
  { name: "buyer-start", go: (page, world) => page.goto(world.buyers) },
  { name: "visit-start", go: (page) => press(page, /^Punch out as Globex/) },
  { name: "shop-home", go: (page) => press(page, "Continue to the catalogue") },
  {
    name: "shop-category",
    go: async (page) => {
      await page.locator(".tile a.go").first().click();
      await page.waitForLoadState();
    },
  },
  {
    name: "shop-search",
    go: async (page) => {
      await page.fill("[data-search]", "bolt");
      await page.press("[data-search]", "Enter");
      await page.waitForURL("**/search**");
    },
  },
  {
    name: "shop-search-none",
    go: async (page, world) => {
      world.found = page.url();
      await page.fill("[data-search]", "no such thing anywhere");
      await page.press("[data-search]", "Enter");
      await page.getByRole("heading", { level: 2 }).first().waitFor();
    },
  },
  {
    name: "shop-cart-empty",
    go: async (page) => {
      await page.locator("a.cart-link").click();
      await page.waitForURL("**/cart");
    },
  },
  {
    name: "shop-product",
    go: async (page, world) => {
      await page.goto(world.found);
      await page.locator(".products a.go").first().click();
      await page.waitForURL("**/product**");
    },
  },
  {
    name: "shop-added",
    go: async (page) => {
      await press(page, "Add to cart");
    },
  },
  {
    name: "shop-cart",
    go: async (page, world) => {
      await page.goto(world.found);
      await page.getByRole("button", { name: /^Add / }).nth(1).click();
      await page.waitForLoadState();
      await page.locator("a.cart-link").click();
      await page.waitForURL("**/cart");
      world.cart = page.url();
    },
  },
  {
    name: "shop-compare",
    go: async (page, world) => {
      await page.goto(world.found);
      const numbers = await page.locator(".products .numbers span:first-child code").allTextContents();
      const asked = numbers.slice(0, 3).map((number) => `sku=${encodeURIComponent(number)}`);
      await page.goto(world.cart.replace(/\/cart.*/, `/compare?${asked.join("&")}`));
      world.numbers = numbers;
    },
  },
  {
    name: "shop-quick",
    go: async (page) => {
      await page.getByRole("link", { name: "Quick order" }).click();
      await page.waitForURL("**/quick");
    },
  },
  {
    name: "shop-quick-report",
    go: async (page, world) => {
      const lines = world.numbers.slice(0, 6).map((number, at) => `${number}\t${at * 7 + 1}`);
      await page.fill("#text", [...lines, "4006381333931 2 BX", `${world.numbers[6]} 1,000`, `${world.numbers[7]}`].join("\n"));
      await press(page, "Look them up");
    },
  },
  { name: "shop-quick-nothing", go: async (page) => { await page.fill("#text", ""); await press(page, "Look them up"); } },
  {
    name: "shop-quick-long",
    fullPage: false,
    go: async (page, world) => {
      const lines = Array.from({ length: 600 }, (_, at) => `${world.numbers[at % world.numbers.length]} ${at + 1}`);
      await page.fill("#text", lines.join("\n"));
      await press(page, "Look them up");
    },
  },
  {
    name: "shop-lists",
    go: async (page, world) => {
      await page.getByRole("link", { name: "Your lists" }).click();
      await page.fill("#name", "Everything that the workshop in hall 4 needs for the yearly overhaul of the line");
      await press(page, "Make the list");
      await page.goto(world.cart.replace(/\/cart.*/, "/lists"));
    },
  },
  {
    name: "shop-list-empty",
    go: async (page) => {
      await page.locator(".products a.go").last().click();
      await page.waitForURL("**/list?**");
    },
  },
  {
    name: "shop-list",
    go: async (page, world) => {
      await page.goto(world.cart);
      await page.fill("#name", "From the cart");
      await press(page, "Keep as a list");
    },
  },
  {
    name: "shop-cart-german",
    go: async (page, world) => {
      await page.goto(world.cart);
      await press(page, "Deutsch");
    },
  },
  { name: "shop-home-german", go: (page, world) => page.goto(world.cart.replace(/cart.*/, "")) },
  {
    name: "shop-product-german",
    go: async (page, world) => {
      await page.goto(world.found);
      await page.locator(".products a.go").first().click();
      await page.waitForURL("**/product**");
    },
  },
  {
    name: "visit-problem",
    go: async (page, world) => {
      await page.goto(world.cart.replace(/cart.*/, "product?sku=none"));
      await page.goBack();
      await press(page, "English");
      await page.goto(world.cart.replace(/cart.*/, "product?sku=none"));
    },
  },
  { name: "visit-return", go: async (page, world) => { await page.goto(world.cart); await heldBack(page, world, /^Return cart to/); } },
  {
    name: "buyer-requisition",
    go: async (page, world) => {
      await press(page, /^Continue to/);
      await page.waitForURL("**/requisition/**");
      world.requisition = page.url();
    },
  },
  { name: "visit-closed", go: (page, world) => page.goto(world.cart) },
  {
    name: "shop-edit",
    go: async (page, world) => {
      await page.goto(world.requisition);
      await press(page, "Edit the cart at the supplier's");
      await press(page, "Continue to the catalogue");
      await page.locator("a.cart-link").click();
      await page.waitForURL("**/cart");
    },
  },
  {
    name: "shop-edit-empty",
    go: async (page) => {
      const remove = page.getByRole("button", { name: /^Remove/ });
      while ((await remove.count()) > 0) {
        await remove.first().click();
        await page.waitForLoadState();
      }
    },
  },
  { name: "shop-confirm-empty", go: (page) => press(page, /^Return cart/) },
  {
    name: "buyer-unchanged",
    go: async (page, world) => {
      await press(page, "Back without items");
      await page.waitForURL("**/requisition/**");
      await page.goto(world.requisition);
    },
  },
  {
    name: "shop-inspect",
    go: async (page) => {
      await press(page, "Look at the cart at the supplier's");
      await press(page, "Continue to the catalogue");
      await page.locator("a.cart-link").click();
      await page.waitForURL("**/cart");
    },
  },
  {
    name: "buyer-ordered",
    go: async (page, world) => {
      await page.goto(world.requisition);
      await page.locator("input[name=quantity-0]").fill("7");
      await press(page, /^Save quantities/);
      await press(page, "Send the order");
      await page.getByRole("heading", { name: "Orders sent" }).waitFor();
    },
  },
];

/** The supplier's people: name of the picture, and how to get there. */
export const staff = [
  { name: "admin-sign-in", go: admin("/admin/sign-in") },
  { name: "admin-refused", go: mistaken("/admin/sign-in", { login: "nobody", password: "wrong" }, "Sign in") },
  { name: "admin-overview", go: signIn },
  { name: "admin-orders", go: admin("/admin/orders") },
  { name: "admin-orders-none", go: admin("/admin/orders?state=shipped&before=00000000-0000-0000-0000-000000000000") },
  { name: "admin-order-held", maybe: true, go: first("/admin/orders?state=held") },
  { name: "admin-order", go: first("/admin/orders?state=received") },
  { name: "admin-deliveries", go: admin("/admin/deliveries") },
  { name: "admin-erp", go: admin("/admin/erp") },
  { name: "admin-erp-rows", go: admin("/admin/erp/rows") },
  { name: "admin-erp-drift", go: admin("/admin/erp/drift") },
  { name: "admin-erp-fields", go: admin("/admin/erp/fields") },
  { name: "admin-exchanges", go: admin("/admin/exchanges") },
  { name: "admin-exchange", go: first("/admin/exchanges", "OrderRequest") },
  { name: "admin-check", go: admin("/admin/check") },
  { name: "admin-why", go: admin("/admin/why") },
  { name: "admin-check-example", go: admin("/admin/check?example") },
  {
    name: "admin-check-missing",
    go: async (page, world) => {
      await page.goto(`${world.gateway}/admin/check`);
      await press(page, "Check it");
    },
  },
  {
    name: "admin-check-again",
    go: async (page, world) => {
      await first("/admin/exchanges", "OrderRequest")(page, world);
      await page.getByRole("link", { name: "Check this document again" }).click();
      await page.waitForLoadState();
    },
  },
  { name: "admin-quarantine", go: admin("/admin/quarantine") },
  { name: "admin-kept", maybe: true, go: first("/admin/quarantine") },
  { name: "admin-connections", go: admin("/admin/connections") },
  { name: "admin-connection", go: first("/admin/connections", "Globex") },
  { name: "admin-connection-new", go: admin("/admin/connections/new") },
  {
    name: "admin-connection-faults",
    go: mistaken(
      "/admin/connections/new",
      { name: "Globex", account: "C-1", from: "nonsense", sender: "nonsense", return_hosts: "https://not.a.host/" },
      "Make the connection",
    ),
  },
  {
    name: "admin-connection-edit",
    go: async (page, world) => {
      await first("/admin/connections", "Globex")(page, world);
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.waitForLoadState();
    },
  },
  {
    name: "admin-safeguards",
    go: async (page, world) => {
      await first("/admin/connections", "Globex")(page, world);
      await page.getByRole("link", { name: "See and change the rules" }).click();
      await page.waitForLoadState();
    },
  },
  {
    name: "admin-safeguards-tried",
    go: async (page) => {
      await page.fill("#price_up_percent-limit", "2.5");
      await page.selectOption("#price_up_percent-action", "correct");
      await page.selectOption("#delivery_days-action", "accept");
      await page.selectOption("#quantity_short-action", "hold");
      await press(page, /^Try against/);
    },
  },
  {
    name: "admin-safeguards-faults",
    go: async (page) => {
      await page.fill("#price_up_percent-limit", "much");
      await page.selectOption("#freight_cap-action", "reject_order");
      await press(page, "Switch on");
    },
  },
  { name: "admin-visits", go: admin("/admin/visits") },
  { name: "admin-visit", go: first("/admin/visits?state=returned") },
  { name: "admin-security", go: admin("/admin/security") },
  { name: "admin-staff", go: admin("/admin/staff") },
  { name: "admin-programs-empty", go: admin("/admin/programs") },
  {
    name: "admin-programs-faults",
    go: async (page) => {
      await page.fill("#name", "ERP, nightly load");
      await press(page, /^Make it/);
    },
  },
  {
    name: "admin-programs-token",
    go: async (page) => {
      await page.getByRole("checkbox", { name: /changes:read/ }).check();
      await press(page, /^Make it/);
    },
  },
  { name: "admin-programs", go: admin("/admin/programs") },
  { name: "admin-search", go: admin("/admin/search?q=nothing") },
  { name: "admin-not-there", go: admin("/admin/orders/nothing") },
];
