// Opens subscriptions in the playground, as a person does in a browser: the operation out of the
// story, its variables, the token into the headers, and the button that runs it. Reports what the
// page shows, each time it shows something else. Each subscription has a page of its own.
import { setTimeout as pause } from 'node:timers/promises';
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

/** The text of an editor of the page, as far as it is painted. */
function painted(page, editor) {
  return page.$eval(editor, (element) => {
    const lines = [...element.querySelectorAll('.view-line')];
    lines.sort((one, other) => parseFloat(one.style.top) - parseFloat(other.style.top));
    // Long lines are wrapped, so that an end of line may stand inside a text.
    return lines.map((line) => line.textContent).join('').replaceAll('\u00a0', ' ');
  });
}

/** Replaces what an editor below the operation holds: `variables` or `headers`. */
async function write(page, name, text) {
  const editor = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
  await page.locator(`.graphiql-editor-tools button[data-name=${name}]`).click();
  await page.waitForSelector(`.graphiql-editor-tools button.active[data-name=${name}]`);
  for (;;) {
    await page.locator(editor).click();
    await page.keyboard.down('Control');
    await page.keyboard.press('KeyA');
    await page.keyboard.up('Control');
    // Pasted, because the editor closes brackets and quotes by itself while one types.
    await page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, text);
    await pause(200);
    // The end is what the editor has scrolled to.
    if ((await painted(page, editor)).endsWith(text.slice(-20))) return;
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
  console.error(`${name}: the page runs the subscription`);
  return { name, page, last: '' };
}

/** Reports what the page shows, when that is something else than before. */
async function look(followed) {
  // A browser paints only the page in front.
  await followed.page.bringToFront();
  await pause(100);
  const text = await painted(followed.page, '.result-window');
  if (text === followed.last) return;
  followed.last = text;
  let result;
  try {
    result = JSON.parse(text);
  } catch {
    // It is being painted.
    return;
  }
  if (result.data || result.errors) return report(followed.name, result);
  // A socket that was closed is shown as the event of its closing. One runs the subscription again.
  console.error(`${followed.name}: the page shows ${text}`);
  await followed.page.locator('.graphiql-execute-button').click();
}

const pages = [];
for (const subscription of subscriptions) pages.push(await open(subscription));
for (;;) for (const followed of pages) await look(followed);
