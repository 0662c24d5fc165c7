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
  args: [
    '--disable-dev-shm-usage',
    // Painting by an imitated graphics card costs much more than painting.
    '--disable-gpu',
    // Chromium's sandbox refuses to start as root, which is what a container's test run is.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
  protocolTimeout: 0,
  timeout: 0,
  defaultViewport: { width: 1280, height: 1000 },
});
let isClosing = false;
atEnd(() => {
  isClosing = true;
  browser.close().finally(() => process.exit(0));
});

/** The text of an editor of the page, as far as it is painted. */
function painted(page, editor) {
  return page.$eval(editor, (element) => {
    const lines = [...element.querySelectorAll('.view-line')];
    lines.sort((one, other) => parseFloat(one.style.top) - parseFloat(other.style.top));
    // Long lines are wrapped, so that an end of line may stand inside a text.
    return lines.map((line) => line.textContent).join('').replaceAll('\u00a0', ' ');
  });
}

/** Presses the first button of these that has this text, as soon as it may be pressed. */
async function press(page, wanted) {
  const done = await page.waitForFunction(
    ({ within, text }) => {
      const buttons = [...document.querySelectorAll(within)].filter((button) => !button.disabled);
      const button = buttons.find((button) => button.textContent.includes(text ?? ''));
      button?.click();
      return Boolean(button);
    },
    { polling: 200 },
    wanted,
  );
  await done.dispose();
}

/** Replaces what an editor below the operation holds: `variables` or `headers`. */
async function write(page, name, text) {
  const editor = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
  await press(page, { within: `.graphiql-editor-tools button[data-name=${name}]` });
  await page.waitForSelector(`.graphiql-editor-tools button.active[data-name=${name}]`);
  for (;;) {
    await page.click(editor);
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
  // How long is too long is for the test to say.
  page.setDefaultTimeout(0);
  await page.goto(new URL('/playground', url).href);
  await press(page, { within: 'section.story li button', text: operation });
  await write(page, 'variables', JSON.stringify(variables));
  await write(page, 'headers', JSON.stringify(headers));
  await press(page, { within: '.graphiql-execute-button' });
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
  await press(followed.page, { within: '.graphiql-execute-button' });
}

try {
  const pages = [];
  for (const subscription of subscriptions) pages.push(await open(subscription));
  for (;;) for (const followed of pages) await look(followed);
} catch (error) {
  if (!isClosing) fail('the browser failed', error);
}
