// The pictures of the documentation, from a running demo: node shots.mjs FOLDER, with ACTIONTRAIL_ENDPOINT, ACTIONTRAIL_KEY and ACTIONTRAIL_CHROMIUM.
import { openBrowser, signIn } from "./browser.mjs";

const folder = process.argv[2];
const { browser, newPage } = await openBrowser(process.env.ACTIONTRAIL_CHROMIUM);
const page = await newPage();
await signIn(page, process.env.ACTIONTRAIL_ENDPOINT, process.env.ACTIONTRAIL_KEY);
const shoot = async (hash, ready, name, before) => {
  await page.evaluate(to => { location.hash = to; }, hash);
  await page.waitForSelector(ready);
  await before?.();
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}/${name}.png` });
};
await shoot("#/events?range=7d", ".histogram rect.write", "console-events");
await shoot("#/events?range=7d&eventName=DeleteDisk", ".list tbody tr a", "console-event", async () => {
  await page.click(".list tbody tr a");
  await page.waitForSelector("aside pre");
  await page.waitForSelector(".histogram rect.write");
});
await shoot("#/trails", "tbody tr a", "console-trails");
await browser.close();
