// Pictures of the admin pages of a running gateway, whatever it has to show:
//
//   node screens.mjs BASE OUT LOGIN PASSWORD
import { launch } from "./browser.mjs";
import { pictures } from "./pictures.mjs";
import { staff } from "./steps.mjs";

const [gateway, out, login, password] = process.argv.slice(2);
if (!password) {
  console.error("node screens.mjs BASE OUT LOGIN PASSWORD");
  process.exit(2);
}
const browser = await launch();
const sum = await pictures(browser, staff, { gateway, login, password }, out);
await browser.close();
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed ? 1 : 0);
