// The page in Chromium over a real server: what a person does with it, by mouse and by keyboard alone.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { GeneratorError } from '../src/tasks/chat/generator-error.js';
import type { StubGenerator } from '../src/testing/stub-generator.js';
import { stubGenerator } from '../src/testing/stub-generator.js';
import type { OpenedPage } from './support/chromium.js';
import { noChromium, openPage, startChromium } from './support/chromium.js';
import type { PageServer } from './support/page-server.js';
import { startPageServer } from './support/page-server.js';

// A browser, a server and a database on a busy machine: patience, so that only what is wrong fails.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), 'mneme-page-'));
const metrics = join(folder, 'runs', 'moby-dick', 'metrics.jsonl');
let browser: Browser;
let server: PageServer;
let generator: StubGenerator;
let opened: OpenedPage | undefined;
/** Messages that fail the first time. */
const failing = new Set<string>();
/** The first count takes long enough to be stopped. */
let counted = false;

function answerTo(message: string): string {
  if (failing.delete(message))
    throw new GeneratorError('unreachable', 'The model does not answer. Start it.');
  if (message.startsWith('Count') && !counted) {
    counted = true;
    return Array.from({ length: 1000 }, (_, n) => `${n + 1}`).join(' ');
  }
  return `You said **${message}** and I listened. That is all.`;
}

async function start(): Promise<void> {
  generator = stubGenerator({ answer: (messages) => answerTo(messages.at(-1)?.content ?? ''), delayMs: 5 });
  server = await startPageServer({
    store: join(folder, 'store'),
    runsFolder: join(folder, 'runs'),
    models: [{ id: 'stub', generator }],
  });
}

async function open(hash = '', options: BrowserContextOptions = {}): Promise<Page> {
  opened = await openPage(browser, `${server.url}/${hash}`, options);
  return opened.page;
}

const message = (page: Page) => page.getByRole('textbox', { name: 'Message' });

/** Says something and waits for the end of the answer. */
async function say(page: Page, text: string): Promise<void> {
  const answers = page.getByRole('article', { name: 'Model' });
  const before = await answers.count();
  await message(page).fill(text);
  await message(page).press('Enter');
  await answers.nth(before).locator('footer').waitFor();
}

const background = (page: Page) =>
  page.evaluate('getComputedStyle(document.documentElement).backgroundColor');

describe.skipIf(noChromium !== undefined)(
  `the page${noChromium === undefined ? '' : ` (${noChromium})`}`,
  () => {
    beforeAll(async () => {
      mkdirSync(join(folder, 'runs', 'moby-dick'), { recursive: true });
      writeFileSync(
        join(folder, 'runs', 'moby-dick', 'config.json'),
        JSON.stringify({ model: { width: 64 } }),
      );
      writeFileSync(join(folder, 'runs', 'moby-dick', 'tokenizer.json'), '{}');
      writeFileSync(metrics, '{"step":10,"trainLoss":4}\n{"step":20,"trainLoss":3,"validationLoss":3.5}\n');
      [browser] = await Promise.all([startChromium(), start()]);
    });

    afterEach(async () => {
      const problems = opened?.problems ?? [];
      await opened?.page.context().close();
      opened = undefined;
      expect(problems).toEqual([]);
    });

    afterAll(async () => {
      await browser?.close();
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('holds a conversation: answers, stops, answers again, branches, lists it', async () => {
      const page = await open();
      await say(page, 'My sister Clara lives in Lyon.');
      await page
        .getByRole('article', { name: 'Model' })
        .getByText('My sister Clara lives in Lyon.')
        .waitFor();
      expect(await page.locator('article.assistant strong').textContent()).toBe(
        'My sister Clara lives in Lyon.',
      );

      await message(page).fill('Count to a thousand');
      await message(page).press('Enter');
      await page.locator('.writing').getByText('1 2 3').waitFor();
      await page.getByRole('button', { name: 'Stop' }).dispatchEvent('click');
      await page.getByText('stopped').waitFor();
      expect(await page.locator('article.assistant').last().textContent()).not.toContain('999');

      await page.locator('article.assistant').last().hover();
      await page.getByRole('button', { name: 'Answer again' }).click();
      await page.locator('article.assistant').getByText('Count to a thousand').waitFor();
      expect(await page.locator('article.assistant').count()).toBe(2);

      await page.locator('article.user').first().hover();
      await page.getByRole('button', { name: 'Branch from here' }).first().click();
      await expect.poll(() => page.locator('article.assistant').count()).toBe(0);
      expect(await page.locator('article.user').textContent()).toContain('My sister Clara');
      await say(page, 'She plays the cello.');
      await page.getByRole('link', { name: /^She plays the cello/ }).waitFor();
      await page.getByRole('link', { name: /^My sister Clara/ }).click();
      await page.locator('article.assistant').getByText('Count to a thousand').waitFor();
    });

    it('recalls after the server was restarted, shows why, and leads to the source', async () => {
      await server.close();
      await start();
      const page = await open();
      await say(page, 'Where does Clara live?');
      const panel = page.getByRole('complementary', { name: 'What the model was given' });
      const said = page.getByText('My sister Clara lives in Lyon.', { exact: true });
      const recalled = panel.getByRole('listitem').filter({ has: said });
      await recalled.getByText('score 0.0').waitFor();
      expect(
        generator.calls
          .at(-1)
          ?.map(({ content }) => content)
          .join('\n'),
      ).toContain('Clara lives in Lyon');
      await recalled.getByText('Why this?').click();
      await recalled.getByText('words: rank').waitFor();
      await page.getByRole('button', { name: '中文' }).click();
      const chinese = page.getByRole('complementary', { name: '模型看到了什么' });
      await chinese.getByText('为什么是它？').first().click();
      await chinese.getByText('词语：第').first().waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      expect(await panel.getByRole('img').getAttribute('aria-label')).toMatch(/Recalled: \d+ tokens.*Free: /);
      await recalled.getByRole('link', { name: 'Show the source' }).click();
      const source = page.locator('article.user.found');
      await source.waitFor();
      expect(await source.textContent()).toContain('My sister Clara lives in Lyon.');
      await expect
        .poll(() => source.evaluate((turn) => turn === turn.ownerDocument.activeElement))
        .toBe(true);
    });

    it('shows after another restart what the model was given, in the language of the page', async () => {
      const page = await open();
      await say(page, 'Where does Clara live, did I say?');
      const [, session = ''] = page.url().split('#');
      await server.close();
      await start();
      const again = await open(`#${session}`, { locale: 'zh-CN' });
      const panel = again.getByRole('complementary', { name: '模型看到了什么' });
      const said = again.getByText('My sister Clara lives in Lyon.', { exact: true });
      const recalled = panel.getByRole('listitem').filter({ has: said });
      await recalled.getByText('为什么是它？').click();
      await recalled.getByText('词语：第').waitFor();
    });

    it('edits, undoes, and deletes for good, with a receipt', async () => {
      const page = await open();
      await say(page, 'The code of the shed is quixotic.');
      await page.getByRole('link', { name: 'Memory' }).click();
      const row = page
        .getByRole('listitem')
        .filter({ hasText: 'The code of the shed is quixotic.' })
        .filter({ hasText: 'said' });
      await row.first().waitFor();
      await page.getByRole('button', { name: /^Edit: The code of the shed is quixotic/ }).click();
      await page.getByRole('textbox', { name: 'Text' }).fill('The code of the shed is zanzibar.');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: /^Edit: The code of the shed is zanzibar/ }).waitFor();
      await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('button', { name: /^Edit: The code of the shed is quixotic/ }).waitFor();

      await page.getByRole('searchbox').fill('code of the shed');
      await page.getByRole('searchbox').press('Enter');
      await page
        .getByRole('button', { name: /^Delete: The code of the shed is quixotic/ })
        .first()
        .click();
      const dialog = page.getByRole('dialog', { name: 'Delete for good?' });
      await dialog.getByRole('button', { name: 'Delete for good' }).click();
      const receipt = page.getByRole('dialog', { name: 'Erased' });
      expect(await receipt.textContent()).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
      await receipt.getByRole('button', { name: 'Done' }).click();

      const archive = await server.archives.of('default');
      const left = (await archive.browse({ limit: 500 })).filter(({ text }) => text.includes('quixotic'));
      expect(left).toEqual([]);
      await page.getByRole('button', { name: 'New conversation' }).click();
      await say(page, 'What is the code of the shed?');
      expect(JSON.stringify(generator.calls.at(-1))).not.toContain('quixotic');
    });

    it('draws a curve as it is measured', async () => {
      const page = await open('#/runs');
      await page.getByRole('link', { name: /moby-dick/ }).click();
      const chart = page.getByRole('img', { name: /moby-dick/ });
      await chart.locator('canvas').waitFor();
      expect(await chart.getAttribute('aria-label')).toContain('trainLoss 3; validationLoss 3.5');
      appendFileSync(metrics, '{"step":30,"trainLoss":2.25}\n');
      await expect.poll(() => chart.getAttribute('aria-label')).toContain('trainLoss 2.25');
      expect(await page.locator('[data-value="step"]').textContent()).toBe('30');
    });

    it('is used by keyboard alone', async () => {
      const page = await open();
      const { keyboard } = page;
      const focused = (): Promise<unknown> =>
        page.evaluate(
          'document.activeElement.getAttribute("aria-label") || document.activeElement.id || document.activeElement.textContent.trim()',
        );
      await keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the main content');
      await keyboard.press('Enter');
      expect(await focused()).toBe('main');

      await keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('main');

      await keyboard.press('i');
      await expect.poll(focused).toBe('message');
      await keyboard.type('I type ? and g m');
      await keyboard.press('Enter');
      await page.locator('article.assistant').getByText('I type ? and g m').waitFor();
      await expect
        .poll(() => page.getByTestId('announcer').textContent())
        .toContain('The answer is complete.');

      // Around the page by Tab: every stop is visible, and the round ends where it began.
      await page.evaluate('document.activeElement.blur()');
      const stops: unknown[] = [];
      for (let n = 0; n < 80; n++) {
        await keyboard.press('Tab');
        const stop = await focused();
        if (n > 0 && stop === stops[0]) break;
        stops.push(stop);
        const outlined = await page.evaluate(
          'document.activeElement === document.body || document.activeElement.id === "message" || getComputedStyle(document.activeElement).outlineStyle !== "none"',
        );
        expect(outlined, String(stop)).toBe(true);
      }
      expect(stops.length).toBeGreaterThan(10);
      expect(stops.length).toBeLessThan(80);
      expect(stops).toContain('message');

      await page.evaluate('document.activeElement.blur()');
      for (const [keys, heading] of [
        ['gm', 'Memory'],
        ['gr', 'Runs'],
        ['gs', 'Settings'],
      ] as const) {
        for (const key of keys) await keyboard.press(key);
        await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      }
      await keyboard.press('/');
      await expect.poll(focused).toBe('memory-search');
    });

    it('speaks English and Chinese, as the browser or as chosen', async () => {
      const page = await open('', { locale: 'zh-CN' });
      await page.getByRole('heading', { name: '想聊些什么？' }).waitFor();
      expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
      await page.getByRole('textbox', { name: '消息' }).fill('我住在杭州。');
      await page.getByRole('button', { name: '发送' }).click();
      await page.locator('article.assistant').getByText('我住在杭州。').waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      await page.reload();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
    });

    it('is light or dark, as the system or as chosen', async () => {
      const page = await open('', { colorScheme: 'dark' });
      expect(await background(page)).toBe('rgb(22, 24, 27)');
      await page.keyboard.press('t');
      await expect.poll(() => background(page)).toBe('rgb(248, 246, 242)');
      await page.reload();
      await expect.poll(() => background(page)).toBe('rgb(248, 246, 242)');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.keyboard.press('t');
      await expect.poll(() => background(page)).toBe('rgb(22, 24, 27)');
    });

    it('keeps a draft over a reload, and says an error in words with a way to try again', async () => {
      failing.add('Are you there?');
      const page = await open();
      await message(page).fill('Are you there?');
      await page.reload();
      expect(await message(page).inputValue()).toBe('Are you there?');
      await message(page).press('Enter');
      await page.getByRole('alert').getByText('The model or the archive does not answer.').waitFor();
      await page.getByRole('alert').getByText('The model does not answer. Start it.').waitFor();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('article.assistant').getByText('Are you there?').waitFor();
      expect(await page.locator('article.user').count()).toBe(1);
      expect(await message(page).inputValue()).toBe('');
    });

    it('fits a small screen, where the menu and the window are opened when wanted', async () => {
      const page = await open('', { viewport: { width: 360, height: 700 } });
      for (const view of ['chat', 'memory', 'runs', 'settings']) {
        await page.goto(`${server.url}/#/${view}`);
        await page.getByRole('main').waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth'), view).toBe(360);
      }
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('link', { name: 'Chat' }).click();
      await page.getByRole('button', { name: 'What the model was given' }).click();
      await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
      expect(await page.getByRole('complementary').isVisible()).toBe(false);
    });
  },
);
