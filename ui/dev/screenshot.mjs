// SPDX-License-Identifier: Apache-2.0
// Takes the picture of the README from the stand-in node: node dev/screenshot.mjs OUT.png
import { openPage, signIn, startBrowser } from "../test/e2e/browser.mjs";
import { startMock } from "./mock.mjs";

const mock = await startMock({ still: true });
const browser = await startBrowser();
try {
  const { page } = await openPage(browser, mock.url, {
    colorScheme: "dark",
    viewport: { width: 1440, height: 760 },
  });
  await signIn(page, "analyst", "analyst");
  await page.getByText("Live", { exact: true }).waitFor();
  mock.sight(2);
  await page.locator("tr.fresh").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.screenshot({ path: process.argv[2] ?? "screenshot.png" });
} finally {
  await browser.close();
  await mock.close();
}
