// A real browser on punchgate's pages: how it is started, and what every page must keep to.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

/** How every page is looked at; sizes in CSS pixels. */
export const LOOKS = [
  { name: "wide", size: { width: 1280, height: 900 } },
  { name: "phone", size: { width: 390, height: 844 } },
  { name: "dark", size: { width: 1280, height: 900 }, scheme: "dark" },
  { name: "night", size: { width: 390, height: 844 }, scheme: "dark" },
];

/** Debian's Chromium, without anything that talks to the outside. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Pages that a story makes up count as public, and may not frame what listens on this machine.
      "--disable-features=LocalNetworkAccessChecks",
    ],
  });

/** A tab of its own browser profile; what its pages complain about is collected in `complaints`. */
export const open = async (browser, { size = LOOKS[0].size, scheme = "light", script = true } = {}) => {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    javaScriptEnabled: script,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    // A form that came back with faults is an answer of the 400s; the browser notes it and goes on.
    const noted = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !noted) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  return page;
};

/** What is wrong with the page as it stands: accessibility, sideways scrolling, and the browser's own complaints. */
export const faults = async (page) => {
  const found = [...page.complaints.splice(0)];
  const { over, wide } = await page.evaluate(() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .slice(0, 3)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`),
  }));
  if (over > 0) found.push(`scrolls sideways by ${over} pixels: ${wide.join(", ")}`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, nodes, help } of violations) {
    if (impact !== "serious" && impact !== "critical") continue;
    found.push(`${id}: ${help} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`);
  }
  return found;
};
