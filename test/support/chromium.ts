// For tests of the page: Chromium as the system installs it, with nothing of its own. Knows nothing of the page.
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why tests in a browser cannot run here; `undefined` where they can. */
export const noChromium: string | undefined = existsSync(executable)
  ? undefined
  : `there is no Chromium at ${executable}; install it, or set CHROMIUM`;

/** Playwright gives it an empty folder of its own each time. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface OpenedPage {
  readonly page: Page;
  /** What went wrong in the page, such as something that its policy forbids. */
  readonly problems: readonly string[];
}

/** A page in a fresh profile that may talk to one server only. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1360, height: 860 },
    ...options,
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // Answers that are errors on purpose are logged by the browser, too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text());
  });
  // What the page itself makes, such as a file to keep, is at no server.
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('blob:'))
      problems.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  return { page, problems };
}
