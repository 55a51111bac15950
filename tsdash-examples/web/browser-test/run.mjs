/**
 * Looks at the dashboard of a running server with headless Chromium.
 *
 *     node browser-test/run.mjs URL SCREENSHOT_DIR
 *
 * Whoever starts it owns the server and the way to it. It writes lines of JSON to standard output:
 *
 *     {"step":"the table fills","ok":true,"detail":"120 rows"}    one a step
 *     {"need":"cut"}, {"need":"restore"}                          do this, then write a line "done" to standard input
 *     {"result":"passed"}                                         at the end; exit code 0, or 1 with "failed"
 *
 * Environment: MIN_ROWS (default 5), MIN_BARS (of 1s, default 5), CHROMIUM (default /usr/bin/chromium), WAIT_MILLIS (a step's patience,
 * default 30000).
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [url, screenshotDir] = process.argv.slice(2);
if (!url || !screenshotDir) {
  console.error("usage: node browser-test/run.mjs URL SCREENSHOT_DIR");
  process.exit(2);
}
const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const MIN_ROWS = number("MIN_ROWS", 5);
const MIN_BARS = number("MIN_BARS", 5);
const timeout = number("WAIT_MILLIS", 30_000);
/** Without a GPU and without the browser's own calls home. */
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function need(what) {
  say({ need: what });
  const { value, done } = await answers.next();
  if (done || value.trim() !== "done") throw new Error(`"${what}" was not done: ${done ? "end of input" : value}`);
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}

mkdirSync(screenshotDir, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: FLAGS.split(" "),
});
const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, colorScheme: "dark" });
const page = await context.newPage();
page.setDefaultTimeout(timeout);

/** What the page complained of. While the connection is cut, failed requests are no defect. */
const complaints = [];
let cut = false;
const complain = (text) => {
  if (!(cut && /net::ERR|WebSocket|Failed to load resource|EventSource/.test(text))) complaints.push(text);
};
page.on("console", (message) => message.type() === "error" && complain(`${message.text()} (${message.location().url})`));
page.on("pageerror", (error) => complain(String(error)));

const hook = (name) => page.evaluate((method) => window.__tsdash[method](), name);
const until = (condition, argument, what) =>
  page.waitForFunction(condition, argument, { polling: 50 }).catch(() => {
    throw new Error(`not within ${timeout} ms: ${what}`);
  });
const id = (name) => page.locator(`[data-testid="${name}"]`);
const prices = () => page.locator("[data-testid^='row-'] .price").allTextContents();
const shot = (name) => page.screenshot({ path: join(screenshotDir, `${name}.png`) });

async function valuesChange() {
  const before = (await prices()).join();
  await until(
    (old) => [...document.querySelectorAll("[data-testid^='row-'] .price")].map((cell) => cell.textContent).join() !== old,
    before,
    "a price changes",
  );
}

async function live() {
  await until(() => window.__tsdash?.state() === "live", null, "the page is live");
  await shows("state", "live");
}

async function shows(name, text) {
  const same = ([testId, wanted]) => document.querySelector(`[data-testid="${testId}"]`)?.textContent === wanted;
  await until(same, [name, text], `"${name}" shows "${text}"`);
}

async function barsAtLeast(count) {
  await until((least) => window.__tsdash.bars() >= least, count, `${count} bars in the chart`);
}

/** Counts the pixels of the chart that have the colour of a rising or a falling bar. */
const barPixels = () =>
  page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    const wanted = ["--up-fill", "--down-fill"].map((name) => {
      const hex = style.getPropertyValue(name).trim();
      return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    });
    let count = 0;
    for (const canvas of document.querySelectorAll("[data-testid='chart'] canvas")) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) {
        if (wanted.some(([r, g, b]) => data[i] === r && data[i + 1] === g && data[i + 2] === b)) count++;
      }
    }
    return count;
  });

const steps = {
  "the page comes up live": async () => {
    await page.goto(url);
    await live();
    await page.evaluate(() => (window.sameDocument = true));
  },
  "the table fills and its values change": async () => {
    await until((least) => window.__tsdash.rows() >= least, MIN_ROWS, `${MIN_ROWS} rows`);
    check((await page.locator("[data-testid='watchlist'] [data-testid^='row-']").count()) > 0, "no row is drawn");
    await until(() => window.__tsdash.shown().symbol !== undefined, null, "a symbol is chosen");
    await valuesChange();
    return `${await hook("rows")} rows`;
  },
  "the chart has bars": async () => {
    await id("interval-1s").click();
    await barsAtLeast(MIN_BARS);
    await until(() => document.querySelectorAll("[data-testid='chart'] canvas").length > 0, null, "a canvas");
    await page.waitForTimeout(200);
    const pixels = await barPixels();
    check(pixels > 20, `only ${pixels} pixels of bars are drawn`);
    return `${await hook("bars")} bars of 1s, ${pixels} pixels`;
  },
  "another interval is shown": async () => {
    await id("interval-1m").click();
    await until(() => window.__tsdash.shown().interval === "1m" && window.__tsdash.bars() >= 1, null, "bars of 1m");
    await page.keyboard.press("3");
    await until(() => window.__tsdash.shown().interval === "5m" && window.__tsdash.bars() >= 1, null, "bars of 5m");
    await page.keyboard.press("2");
    return `${await hook("bars")} bars`;
  },
  "another symbol is shown, by key and by click": async () => {
    const { symbol } = await hook("shown");
    await page.keyboard.press("j");
    await until((old) => window.__tsdash.shown().symbol !== old && window.__tsdash.bars() >= 1, symbol, "the next symbol");
    await id(`row-${symbol}`).click();
    await until((old) => window.__tsdash.shown().symbol === old && window.__tsdash.bars() >= 1, symbol, "the first symbol");
    check((await id("headline").textContent()).includes(symbol), "the headline shows another symbol");
  },
  "the filter narrows the list": async () => {
    const { symbol } = await hook("shown");
    await page.keyboard.press("/");
    await page.keyboard.type(symbol.toLowerCase());
    await id(`row-${symbol}`).waitFor();
    await page.keyboard.press("Escape");
    await until(() => document.querySelector("input[type=search]").value === "", null, "an empty filter");
  },
  "the tape runs": async () => {
    await until(() => document.querySelectorAll("[data-testid='tape'] tbody tr").length > 0, null, "a trade");
    return `${await page.locator("[data-testid='tape'] tbody tr").count()} trades`;
  },
  "the strip tells lag, gaps and conflation in numbers": async () => {
    await until(() => /^\d/.test(document.querySelector("[data-testid='lag']").textContent), null, "a lag");
    const values = {};
    for (const name of ["lag", "gaps", "late", "conflated"]) {
      values[name] = await id(name).textContent();
      check(/^[\d,]+( ms| s| min| h)?$/.test(values[name]), `${name} is "${values[name]}"`);
    }
    check((await hook("gaps")) === 0, `${await hook("gaps")} gaps`);
    return values;
  },
  "dark, light and phone look as they should": async () => {
    await shot("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await until(() => document.documentElement.dataset.theme === "light", null, "the light theme");
    await page.waitForTimeout(300);
    check((await barPixels()) > 20, "the chart has not taken the light colours");
    await shot("light");
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [tab, panel] of [["Chart", ".chart-panel"], ["Trades", ".tape"], ["News", ".news"], ["Watch-list", ".watch"]]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator(panel).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      check(!wide, `${tab} is wider than a phone`);
      await page.waitForTimeout(300);
      await shot(`phone-${tab.toLowerCase()}`);
    }
    await page.setViewportSize({ width: 1440, height: 860 });
    await page.emulateMedia({ colorScheme: "dark" });
  },
  "every button and box has a name": async () => {
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, [role=grid], [role=tab]")]
        .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim()))
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    check(nameless.length === 0, nameless.join());
  },
  "a cut connection shows as stale": async () => {
    cut = true;
    await need("cut");
    await until(() => window.__tsdash.state() === "stale", null, "the page is stale");
    await shows("state", "stale");
    await page.locator("[data-testid=stale][data-stale=true]").waitFor();
    await id("banner").waitFor();
    check((await prices()).some((price) => price !== "–"), "the last prices are gone");
    await shot("stale");
  },
  "it recovers by resuming, without a reload": async () => {
    const before = { resumed: await hook("resumed"), resets: await hook("resets"), bars: await hook("bars") };
    await need("restore");
    await live();
    cut = false;
    await until((old) => window.__tsdash.resumed() > old, before.resumed, "channels are resumed");
    check((await hook("resets")) === before.resets, "a channel was reset");
    await page.locator("[data-testid=stale][data-stale=false]").waitFor();
    check(await page.evaluate(() => window.sameDocument === true), "the page was loaded again");
    check((await hook("bars")) >= before.bars, "bars were lost");
    await valuesChange();
    return `${await hook("resumed")} channels resumed`;
  },
  "what the page has is what the server has, by checksum": async () => {
    // The stand-in server says none.
    if (new URL(url).searchParams.get("form") === "json") return "not asked";
    const before = await hook("checksums");
    await until((count) => window.__tsdash.checksums() > count, before, "a checksum");
    for (const count of ["checksumFailures", "malformed"]) check((await hook(count)) === 0, `${await hook(count)} ${count}`);
    return `${await hook("checksums")} compared`;
  },
  "an operator sees who listens, and follows a channel": async () => {
    // The stand-in server has no such page.
    if (new URL(url).searchParams.get("form") === "json") return "not asked";
    const operator = await context.newPage();
    operator.setDefaultTimeout(timeout);
    operator.on("console", (message) => message.type() === "error" && complain(`operator: ${message.text()}`));
    operator.on("pageerror", (error) => complain(`operator: ${error}`));
    await operator.goto(new URL("operator.html", url).href);
    const clients = operator.locator("[data-testid=clients] tbody tr");
    await clients.first().waitFor();
    const listeners = await clients.count();
    await operator.getByTestId("prefix").fill("trades:");
    await operator.locator("[data-testid=channels] tbody tr", { hasText: "trades:" }).first().getByRole("button").click();
    await operator.waitForFunction(() => document.querySelectorAll("[data-testid=followed] code").length > 1);
    await operator.screenshot({ path: join(screenshotDir, "operator.png") });
    await operator.close();
    return `${listeners} clients`;
  },
  "the page complains of nothing": async () => {
    check(complaints.length === 0, complaints.join("\n"));
  },
};

let failed = 0;
try {
  for (const [step, run] of Object.entries(steps)) {
    try {
      say({ step, ok: true, detail: await run() });
    } catch (failure) {
      failed++;
      say({ step, ok: false, detail: failure.message, complaints });
      await shot(`failed-${failed}`).catch(() => {});
      // What follows stands on it.
      if (step.includes("comes up") || step.includes("cut")) break;
    }
  }
} finally {
  await browser.close();
}
say({ result: failed === 0 ? "passed" : "failed" });
process.exit(failed === 0 ? 0 : 1);
