// Pictures of every page at 1280 and 390 pixels, and in the dark; each page is checked on the way.
//
//   node screens.mjs BASE OUT LOGIN PASSWORD
//
// BASE is the address of a running gateway that has something to show, OUT a folder for the pictures.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WIDTHS, faults, launch, open, signIn } from "./browser.mjs";
import { admin } from "./steps.mjs";

const [base, out, login, password] = process.argv.slice(2);
if (!password) {
  console.error("node screens.mjs BASE OUT LOGIN PASSWORD");
  process.exit(2);
}

const looks = [
  { name: "wide", size: WIDTHS.wide },
  { name: "phone", size: WIDTHS.phone },
  { name: "dark", size: WIDTHS.wide, scheme: "dark" },
];

await mkdir(out, { recursive: true });
const browser = await launch();
let bad = 0;
for (const look of looks) {
  const page = await open(browser, { ...look, base });
  for (const step of admin) {
    await step.go(page, { login, password, signIn });
    await page.screenshot({ path: join(out, `${step.name}-${look.name}.png`), fullPage: true });
    const found = await faults(page);
    bad += found.length;
    console.log(`${found.length ? "FAULT" : "ok   "} ${look.name.padEnd(5)} ${step.name}`);
    for (const fault of found) console.log(`        ${fault}`);
  }
  await page.context().close();
}
await browser.close();
console.log(`${admin.length} pages, ${looks.length} looks, ${bad} faults`);
process.exit(bad ? 1 : 0);
