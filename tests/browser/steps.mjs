// The way to every page, by links where there are any, as a person goes.

const at = (path) => (page) => page.goto(path);

/** Opens the first entry of a list that has these words. */
const first = (list, words = "") => async (page) => {
  await page.goto(list);
  await page.locator("tr", { hasText: words }).locator("a.go").first().click();
  await page.waitForLoadState();
};

/** Sends the form of a page with a mistake in it. */
const mistaken = (path, fields, button) => async (page) => {
  await page.goto(path);
  for (const [field, value] of Object.entries(fields)) await page.fill(`#${field}`, value);
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.waitForLoadState();
};

/** The admin side: name of the picture, and how to get there. */
export const admin = [
  { name: "admin-sign-in", go: at("/admin/sign-in") },
  { name: "admin-sign-in-refused", go: mistaken("/admin/sign-in", { login: "nobody", password: "wrong" }, "Sign in") },
  { name: "admin-overview", go: (page, { login, password, signIn }) => signIn(page, login, password) },
  { name: "admin-orders", go: at("/admin/orders") },
  { name: "admin-orders-none", go: at("/admin/orders?state=shipped&before=00000000-0000-0000-0000-000000000000") },
  { name: "admin-order-held", go: first("/admin/orders?state=held") },
  { name: "admin-order", go: first("/admin/orders", "Received") },
  { name: "admin-deliveries", go: at("/admin/deliveries") },
  { name: "admin-exchanges", go: at("/admin/exchanges") },
  { name: "admin-exchange", go: first("/admin/exchanges", "OrderRequest") },
  { name: "admin-quarantine", go: at("/admin/quarantine") },
  { name: "admin-kept", go: first("/admin/quarantine") },
  { name: "admin-connections", go: at("/admin/connections") },
  { name: "admin-connection", go: first("/admin/connections") },
  { name: "admin-connection-new", go: at("/admin/connections/new") },
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
    go: async (page) => {
      await first("/admin/connections")(page);
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      await page.waitForLoadState();
    },
  },
  { name: "admin-visits", go: at("/admin/visits") },
  { name: "admin-visit", go: first("/admin/visits?state=returned") },
  { name: "admin-security", go: at("/admin/security") },
  { name: "admin-staff", go: at("/admin/staff") },
  { name: "admin-search", go: at("/admin/search?q=nothing") },
  { name: "admin-not-there", go: at("/admin/orders/nothing") },
];
