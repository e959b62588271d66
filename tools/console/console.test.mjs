// The console as a person uses it. Needs a running service with an account `console` that this fills:
// ACTIONTRAIL_ENDPOINT, ACTIONTRAIL_KEY (an Administrator), ACTIONTRAIL_OPERATOR, ACTIONTRAIL_CONTAINER, ACTIONTRAIL_CHROMIUM.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { openBrowser, signIn } from "./browser.mjs";

const { ACTIONTRAIL_ENDPOINT: endpoint, ACTIONTRAIL_KEY: key, ACTIONTRAIL_OPERATOR: operator, ACTIONTRAIL_CONTAINER: container, ACTIONTRAIL_CHROMIUM: executable } = process.env;
const hostile = "<img src=x onerror=alert(1)>";
const rows = ".list tbody tr";
let world;
let page;

const call = async (method, path, body, credentials = key) => {
  const response = await fetch(endpoint + path, { method, headers: { Authorization: `Basic ${btoa(credentials)}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${(await response.clone().text()).slice(0, 500)}`);
  return response.status === 204 ? null : response.json();
};

const settled = () => page.waitForFunction(() => document.querySelector(".status")?.textContent.match(/shown|No event/));
const show = async hash => { await page.goto(`${endpoint}/console/${hash}`); };
const noViolations = async () => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`), []);
};

before(async () => {
  const now = Date.now();
  const events = Array.from({ length: 120 }, (_, i) => ({
    eventId: `console-${i}`, eventName: i % 3 ? "StartInstance" : "DeleteDisk", eventTime: `${new Date(now - i * 60000).toISOString().slice(0, 19)}Z`, eventRW: i % 4 ? "Write" : "Read",
    serviceName: "Ecs", resourceName: `d-${i}`, resourceType: "ACS::ECS::Disk", sourceIpAddress: "192.0.2.10", recipientAccountId: "console", userIdentity: { type: "ram-user", userName: i % 5 ? "alice" : "bob" },
    ...(i % 10 ? {} : { errorCode: "Forbidden", errorMessage: "no" }),
  }));
  events.push({ eventId: "console-hostile", eventName: "Hostile", eventTime: events[0].eventTime, eventRW: "Write", serviceName: "Ecs", resourceName: hostile, userAgent: `"><script>alert(2)</script>`, recipientAccountId: "console", userIdentity: { type: "ram-user", userName: hostile } });
  await call("POST", "/v1/events", events);
  world = await openBrowser(executable);
  page = await world.newPage();
});

after(() => world?.browser.close());

test("a wrong secret is told, without a dialog of the browser", async () => {
  await page.goto(`${endpoint}/console/`);
  await page.fill("input[name=user]", "operator");
  await page.fill("input[name=secret]", "not the key");
  await page.click("button.primary");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.textContent("[role=alert]"), /Not signed in/);
  await noViolations();
});

test("signing in shows the newest writes, with a chart", async () => {
  await signIn(page, endpoint, key, { keep: true });
  await settled();
  assert.equal(await page.locator(rows).count(), 50);
  assert.match(await page.textContent(".chips"), /eventRW = Write/);
  await page.waitForSelector(".histogram rect.write");
  await noViolations();
});

test("a hostile value stays text", async () => {
  await show("#/events?eventName=Hostile");
  await settled();
  assert.ok((await page.textContent(rows)).includes(hostile));
  await page.click(`${rows} a`);
  await page.waitForSelector("aside pre");
  assert.ok((await page.textContent("aside")).includes(hostile));
  assert.equal(await page.locator("main img, aside script").count(), 0);
});

test("a filter is in the address, asked of the service, and gone after going back", async () => {
  await show("#/events?range=24h");
  await settled();
  await page.selectOption("select[aria-label=Attribute]", "user");
  await page.fill("input[aria-label=Value]", "bob");
  await page.click("text=Add filter");
  await page.waitForURL(/user=bob/);
  await settled();
  assert.equal(await page.locator(rows).count(), 18);
  await page.click("button[aria-label='Remove filter eventRW']");
  await page.waitForURL(/rw=all/);
  await settled();
  assert.equal(await page.locator(rows).count(), 24);
  await page.goBack();
  await page.goBack();
  await settled();
  assert.doesNotMatch(page.url(), /user=bob/);
});

test("a page further, and an empty answer says so", async () => {
  await show("#/events?range=24h&serviceName=Ecs");
  await settled();
  await page.click("text=Older events");
  await page.waitForFunction(selector => document.querySelectorAll(selector).length === 91, rows);
  await show("#/events?range=24h&user=nobody");
  await settled();
  assert.match(await page.textContent(".status"), /No event/);
});

test("an event has an address of its own; keys go through the list", async () => {
  await show("#/events?range=24h&rw=all&serviceName=Ecs&event=console-3");
  await page.reload();
  await page.waitForSelector("aside pre");
  assert.match(await page.textContent("aside h2"), /DeleteDisk/);
  await settled();
  await page.keyboard.press("j");
  await page.waitForURL(/event=console-4/);
  await settled();
  await page.keyboard.press("k");
  await page.waitForURL(/event=console-3/);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector("aside")?.hidden);
});

test("two events lie beside each other, with what differs", async () => {
  await show("#/events?range=24h&rw=all&serviceName=Ecs&compare=console-1,console-5");
  await page.waitForSelector("table.compare");
  const differing = await page.locator("table.compare tr.differs th").allTextContents();
  assert.ok(differing.includes("resourceName") && differing.includes("userIdentity.userName") && !differing.includes("serviceName"), differing.join());
  await noViolations();
});

test("a drag over the chart chooses a range; so do the keys", async () => {
  await show("#/events?range=24h");
  await page.waitForSelector(".histogram rect.write");
  const box = await page.locator(".histogram svg").boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 30, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/range=custom/);
  const dragged = page.url();
  await page.waitForSelector(".histogram svg");
  await page.focus(".histogram svg");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForFunction(url => location.href !== url, dragged);
});

test("the query is exported whole, safe for spreadsheets", async () => {
  await show("#/events?range=24h&rw=all&serviceName=Ecs");
  await settled();
  const [download] = await Promise.all([page.waitForEvent("download"), page.selectOption("select[aria-label=Export]", "csv")]);
  const text = await readFile(await download.path(), "utf8");
  assert.equal(text.trimEnd().split("\r\n").length, 122);
});

test("columns are chosen, and are in the address", async () => {
  await show("#/events?range=24h&cols=eventTime,requestId");
  await settled();
  assert.equal(await page.locator(".list thead th").count(), 3);
});

test("a trail is made, started, stopped and deleted", async () => {
  await show("#/trails/new");
  await page.fill("input[pattern]", "Bad Name");
  const inputs = page.locator("form.form input:not([type=checkbox])");
  await inputs.nth(0).fill("console-trail");
  await inputs.nth(1).fill("no-such-container");
  await page.click("form.form button.primary");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.textContent("[role=alert]"), /container/);
  await inputs.nth(1).fill(container);
  await page.click("form.form button.primary");
  await page.waitForSelector("text=logging");
  await page.waitForSelector("text=latest delivery");
  await noViolations();
  await page.click("text=Stop");
  await page.waitForSelector("text=stopped");
  await show("#/trails");
  await page.waitForSelector("text=console-trail");
  await noViolations();
  await page.click("text=console-trail");
  await page.click("text=Delete");
  await page.waitForSelector("text=There is no trail");
});

test("a key's secret is shown once; a key is deactivated and deleted", async () => {
  await show("#/keys");
  await page.waitForSelector("tbody tr");
  await page.click("text=Create a key");
  await page.waitForSelector(".notice pre");
  const [id] = (await page.textContent(".notice pre")).split(":");
  const row = page.locator("tbody tr", { hasText: id });
  await row.getByText("Deactivate").click();
  await row.getByText("Inactive").waitFor();
  await noViolations();
  await row.getByText("Delete").click();
  await row.waitFor({ state: "detached" });
});

test("the operator sees accounts, quarantine and a sound store, and acts for an account", async () => {
  page = await world.newPage({ colorScheme: "dark" });
  await signIn(page, endpoint, operator);
  await page.click("nav >> text=Accounts");
  await page.locator("tr", { hasText: "console" }).first().waitFor();
  await noViolations();
  await page.click("nav >> text=Quarantine");
  await page.waitForSelector("text=Nothing is in quarantine");
  await page.click("nav >> text=Store");
  await page.click("text=Verify everything");
  await page.waitForSelector("h2:has-text('Sound')");
  await noViolations();
  await page.click("nav >> text=Accounts");
  await page.locator("tr", { hasText: "console" }).first().getByText("Act for it").click();
  await settled();
  assert.equal(await page.locator(rows).count(), 50);
  assert.match(await page.textContent(".who"), /acting for console/);
  await noViolations();
});

test("nothing broke the policy, threw, or opened a dialog", () => assert.deepEqual(world.complaints, []));
