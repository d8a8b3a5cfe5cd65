// Chromium, led by lines of JSON on standard input: {"do": NAME, ...} and one
// line {"ok": RESULT} or {"failed": SENTENCE} for each. See test_dashboard.py.
import {createRequire} from "node:module";
import {createInterface} from "node:readline";

// From the build directory, where npm put them.
const require = createRequire(process.env.FFD_NODE_MODULES + "/x");
const {chromium} = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const DEADLINE_MS = Number(process.env.FFD_DEADLINE_MS ?? 30000);

const browser = await chromium.launch({
  executablePath: process.env.FFD_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync"],
});
let context, page, complaints = [];

const verbs = {
  // A new page, alone: {url, width, height, scheme, user, password, motion}.
  async open({url, width, height, scheme, password}) {
    await context?.close();
    context = await browser.newContext({
      viewport: {width, height}, colorScheme: scheme, bypassCSP: false,
      httpCredentials: password ? {username: "ffd", password} : undefined,
    });
    page = await context.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    complaints = [];
    page.on("console", m => {
      if (["error", "warning"].includes(m.type()))
        complaints.push(`${m.type()}: ${m.text()}`);
    });
    page.on("pageerror", e => complaints.push(`thrown: ${e.message}`));
    await page.goto(url);
  },
  // The value of an expression in the page.
  look: ({js}) => page.evaluate(js),
  // Look again until an expression in the page is true; its value. (Not by
  // waitForFunction, whose eval the page's own policy forbids.)
  async until({js}) {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
      const value = await page.evaluate(js);
      if (value)
        return value;
      if (Date.now() > end)
        throw new Error(`not within ${DEADLINE_MS} ms`);
      await new Promise(done => setTimeout(done, 50));
    }
  },
  press: ({key}) => page.keyboard.press(key),
  click: ({on}) => page.click(on),
  choose: ({on, value}) => page.selectOption(on, value),
  size: ({width, height}) => page.setViewportSize({width, height}),
  scheme: ({scheme}) => page.emulateMedia({colorScheme: scheme}),
  picture: ({path, whole}) => page.screenshot({path, fullPage: whole}),
  complaints: () => complaints,
  // What axe finds, by rule, of impact serious or critical, and the others.
  async axe() {
    // By evaluate, which the page's own policy does not forbid.
    const {readFile} = await import("node:fs/promises");
    await page.evaluate(await readFile(axe, "utf8"));
    const found = await page.evaluate(() => window.axe.run(document));
    return found.violations.map(v => ({rule: v.id, impact: v.impact,
      help: v.help, where: v.nodes.map(n => n.target.join(" "))}));
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const {do: name, ...what} = JSON.parse(line);
  try {
    const ok = await verbs[name](what);
    console.log(JSON.stringify({ok: ok ?? null}));
  } catch (e) {
    console.log(JSON.stringify({failed: String(e.message ?? e)}));
  }
}
await browser.close();
