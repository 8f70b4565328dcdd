// A picture of every page in every look; each page is checked on the way.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LOOKS, faults, open } from "./browser.mjs";

/** Goes through the steps in every look; tells how many pages were right and how many were not. */
export const pictures = async (browser, steps, world, out) => {
  await mkdir(out, { recursive: true });
  const sum = { passed: 0, failed: 0 };
  for (const look of LOOKS) {
    const page = await open(browser, look);
    const told = (right, name, why = []) => {
      sum[right ? "passed" : "failed"] += 1;
      console.log(`${right ? "ok   " : "FAULT"} ${look.name.padEnd(5)} ${name}`);
      for (const fault of why) console.log(`        ${fault}`);
    };
    for (const step of steps) {
      try {
        if ((await step.go(page, world)) === false) {
          if (!step.maybe) told(false, step.name, ["there is nothing to show"]);
          continue;
        }
        await page.screenshot({ path: join(out, `${step.name}-${look.name}.png`), fullPage: step.fullPage ?? true });
        const found = await faults(page);
        told(found.length === 0, step.name, found);
      } catch (error) {
        await page.screenshot({ path: join(out, `${step.name}-${look.name}-broken.png`) });
        told(false, step.name, [`${page.url()}: ${error.message.split("\n")[0]}`]);
        // The steps after it begin where it should have led.
        break;
      }
    }
    await page.context().close();
  }
  return sum;
};
