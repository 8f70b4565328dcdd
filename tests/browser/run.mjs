// Everything in a browser: starts the demonstration, tells the stories, takes the pictures.
//
//   node run.mjs BINARY OUT
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "./browser.mjs";
import { pictures } from "./pictures.mjs";
import { buyer, staff } from "./steps.mjs";
import { stories } from "./stories.mjs";

const [binary, out] = process.argv.slice(2);
if (!out) {
  console.error("node run.mjs BINARY OUT");
  process.exit(2);
}

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
};

/** A document from a sender that nobody knows, so that the quarantine has something to show. */
const stranger = `<?xml version="1.0"?><!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">
<cXML payloadID="1@stranger.example" timestamp="2026-11-24T08:00:00+00:00"><Header>
<From><Credential domain="DUNS"><Identity>555</Identity></Credential></From>
<To><Credential domain="DUNS"><Identity>1</Identity></Credential></To>
<Sender><Credential domain="DUNS"><Identity>555</Identity><SharedSecret>x</SharedSecret></Credential><UserAgent>x</UserAgent></Sender>
</Header><Request><ProfileRequest/></Request></cXML>`;

const [port, buyersPort] = [await freePort(), await freePort()];
const demo = spawn(binary, ["demo", "--port", port, "--buyers-port", buyersPort], { stdio: ["ignore", "pipe", "pipe"] });
let said = "";
for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (text) => (said = (said + text).slice(-20_000)));

const world = {
  gateway: `http://localhost:${port}`,
  buyers: `http://localhost:${buyersPort}/`,
  login: "demo",
  password: "demonstration",
  now: Date.now(),
};

const ready = async () => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (demo.exitCode !== null) break;
    const answer = await fetch(`${world.gateway}/ready`).catch(() => null);
    if (answer?.ok && (await fetch(world.buyers).catch(() => null))?.ok) return;
    await pause(100);
  }
  throw new Error(`the demonstration did not start:\n${said}`);
};

let [passed, failed] = [0, 0];
let browser;
try {
  await ready();
  await fetch(`${world.gateway}/cxml`, { method: "POST", headers: { "content-type": "text/xml" }, body: stranger });
  browser = await launch();
  for (const [name, tell] of Object.entries(stories)) {
    try {
      await tell(browser, world);
      passed += 1;
      console.log(`ok    story ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAULT story ${name}\n        ${error.message.split("\n").slice(0, 6).join("\n        ")}`);
    }
  }
  for (const steps of [buyer, staff]) {
    const sum = await pictures(browser, steps, world, out);
    passed += sum.passed;
    failed += sum.failed;
  }
} finally {
  await browser?.close();
  demo.kill("SIGTERM");
  await Promise.race([once(demo, "exit"), pause(10_000)]);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
