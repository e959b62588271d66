// A headless Chromium that talks to nobody but the address it is given.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** `executable`: path of Chromium. Dialogs, errors and refusals by the content security policy are noted in `complaints`. */
export async function openBrowser(executable) {
  const browser = await chromium.launch({
    executablePath: executable,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const complaints = [];
  const newPage = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
    const page = await context.newPage();
    // For work on the files without building: they come from this folder, everything else from the service.
    const files = process.env.ACTIONTRAIL_CONSOLE_FILES;
    if (files) {
      await page.route(/\/console\/[\w.]*$/, async route => {
        const response = await route.fetch();
        await route.fulfill({ response, body: await readFile(join(files, new URL(route.request().url()).pathname.split("/").pop() || "index.html")) });
      });
    }
    page.on("dialog", dialog => {
      // The console asks before it stops or deletes; nothing else may open a dialog.
      if (dialog.type() !== "confirm") complaints.push(`dialog: ${dialog.message()}`);
      dialog.accept();
    });
    page.on("pageerror", error => complaints.push(`error: ${error.message}`));
    page.on("console", message => {
      if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
    });
    return page;
  };
  return { browser, complaints, newPage };
}

export async function signIn(page, endpoint, key, { keep = false } = {}) {
  const at = key.indexOf(":");
  await page.goto(`${endpoint}/console/`);
  await page.fill("input[name=user]", key.slice(0, at));
  await page.fill("input[name=secret]", key.slice(at + 1));
  if (keep) await page.check("input[name=keep]");
  await page.click("button.primary");
  await page.waitForSelector("header nav");
}
