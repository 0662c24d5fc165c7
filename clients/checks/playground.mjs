// Opens subscriptions in the playground, as a person does in a browser: the operation out of the
// story, its variables, the token into the headers, and the button that runs it. Reports what the
// page shows, each time it shows something else. Each subscription has a page of its own.
import puppeteer from 'puppeteer-core';
import { atEnd, fail, headers, report, subscriptions, url } from './asked.mjs';

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  // Over a pipe, the browser ends when this process ends, however it does.
  pipe: true,
  // Chromium's sandbox refuses to start as root, which is what a container's test run is.
  args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage'],
  defaultViewport: { width: 1600, height: 1600 },
});
atEnd(() => browser.close().finally(() => process.exit(0)));

/** Replaces what an editor below the operation holds: `variables` or `headers`. */
async function write(page, name, text) {
  await page.locator(`.graphiql-editor-tools button[data-name=${name}]`).click();
  await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').click();
  await page.keyboard.down('Control');
  await page.keyboard.press('KeyA');
  await page.keyboard.up('Control');
  // Pasted, because the editor closes brackets and quotes by itself while one types.
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, text);
}

/** What the page answers with at the moment, or nothing while that is no whole JSON. */
async function shown(page) {
  const text = await page.$eval('.result-window', (element) => {
    const lines = [...element.querySelectorAll('.view-line')];
    lines.sort((one, other) => parseFloat(one.style.top) - parseFloat(other.style.top));
    // Long lines are wrapped, so that an end of line may stand inside a text.
    return lines.map((line) => line.textContent).join('');
  });
  try {
    return JSON.parse(text.replaceAll('\u00a0', ' '));
  } catch {
    return undefined;
  }
}

/** Opens a page that runs the subscription. */
async function open({ name, operation, variables }) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => fail(`the page failed in ${name}`, error));
  page.setDefaultTimeout(120_000);
  await page.goto(new URL('/playground', url).href);
  await page.locator(`section.story ::-p-text(${operation})`).click();
  await write(page, 'variables', JSON.stringify(variables));
  await write(page, 'headers', JSON.stringify(headers));
  await page.locator('.graphiql-execute-button').click();
  return { name, page, last: '' };
}

const pages = [];
for (const subscription of subscriptions) pages.push(await open(subscription));
for (;;) {
  for (const followed of pages) {
    // A browser paints only the page in front.
    await followed.page.bringToFront();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const result = await shown(followed.page);
    const text = JSON.stringify(result);
    if (result && text !== followed.last) {
      followed.last = text;
      report(followed.name, result);
    }
  }
}
