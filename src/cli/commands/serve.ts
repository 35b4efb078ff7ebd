// `mneme serve`: conversations, memory and models over HTTP, and a page to use them.
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Logger } from '../../core/log.js';
import type { ApiKeys } from '../../server/api-keys.js';
import type { Archives, SharedArchiveOptions } from '../../server/archives.js';
import type { Page } from '../../server/page.js';
import type { Knowledge } from '../../tasks/chat/index.js';
import type { ArchiveFlags } from '../archive.js';
import type { GeneratorFlags } from '../chat/generator.js';
import { UsageError } from '../../core/errors.js';
import { withArchiveFlags, withArchiveOptions } from '../archive.js';
import { withGeneratorFlags } from '../chat/generator.js';
import { given } from '../../core/given.js';
import { wholeNumber } from '../options.js';
import { faint, note, print, printJson, strong } from '../output.js';
import { version } from '../version.js';

interface ServeFlags extends ArchiveFlags, GeneratorFlags {
  readonly host: string;
  readonly port: number;
  readonly keys?: string;
  readonly newKey?: string;
  readonly knowledge?: string;
  readonly runs?: string;
  readonly rate?: number;
  readonly maxBody?: number;
  readonly grace: number;
}

const defaultPort = 8321;
const defaultGraceSeconds = 20;

export function command(): Command {
  const verb = new Command('serve')
    .description('Serve conversations, memory and models over HTTP, and a page to use them.')
    .argument(
      '[run]',
      'run folder of a model trained here; without one and without --model, answers are quotations',
    )
    .option('--port <n>', 'port; 0 for any that is free', wholeNumber(0), defaultPort)
    .option('--host <name>', 'address to listen at; others than this machine need --keys', '127.0.0.1')
    .option('--keys <file>', 'API keys, each of a tenant')
    .option('--new-key <tenant>', 'add a key for a tenant to --keys, print it once, and end')
    .option('--knowledge <folder>', 'answer from these documents (Markdown, text, HTML, PDF), with citations')
    .option('--runs <folder>', 'folder of run folders whose curves are shown')
    .option('--rate <n>', 'requests a minute of each API key (default: 600)', wholeNumber(1))
    .option('--max-body <bytes>', 'largest request (default: 4194304)', wholeNumber(1))
    .option('--grace <seconds>', 'time to finish answers when stopping', wholeNumber(0), defaultGraceSeconds);
  return withArchiveFlags(withGeneratorFlags(verb)).action(run);
}

async function run(folder: string | undefined, flags: ServeFlags): Promise<void> {
  if (flags.newKey !== undefined) return makeKey(flags, flags.newKey);
  const { isLoopback } = await import('../../server/guard.js');
  const { keys: keysPath, host } = flags;
  if (keysPath === undefined && !isLoopback(host))
    throw new UsageError(
      `Whoever reaches ${host} could read and erase every memory. Make a key and start with it: mneme serve --keys FILE --new-key TENANT`,
    );
  const { loadKeys } = await import('../api-keys.js');
  const keys = keysPath === undefined ? undefined : await loadKeys(keysPath);
  const { openStore } = await import('../../archive/index.js');
  await withArchiveOptions(flags, async ({ store, cacheMegabytes, ...options }) => {
    const database = typeof store === 'string' ? await openStore(store, given({ cacheMegabytes })) : store;
    try {
      await serve(folder, flags, { ...options, store: database }, keys);
    } finally {
      await database.close();
    }
  });
}

async function makeKey({ keys: path, json }: ServeFlags, tenant: string): Promise<void> {
  if (path === undefined) throw new UsageError('--new-key needs --keys FILE: where it is kept.');
  const { addKey } = await import('../api-keys.js');
  const key = await addKey(path, tenant);
  if (json) return printJson({ tenant, key });
  print(key);
  note(`A key of tenant "${tenant}". It is shown this once: "${path}" has its hash only.`);
}

/** Errors and warnings, a line each. */
const log: Logger = {
  log(level, message, fields) {
    if (level !== 'warn' && level !== 'error') return;
    const stack = level === 'error' && typeof fields?.['stack'] === 'string' ? `\n${fields['stack']}` : '';
    note(faint(`${new Date().toISOString()} ${level}: ${message}${stack}`));
  },
};

async function serve(
  folder: string | undefined,
  flags: ServeFlags,
  archive: SharedArchiveOptions & { readonly tenant?: string },
  keys: ApiKeys | undefined,
): Promise<void> {
  const { Archives: OpenedArchives } = await import('../../server/archives.js');
  const { createServer } = await import('../../server/create-server.js');
  const { listen } = await import('../../server/listen.js');
  const { withGenerator } = await import('../chat/generator.js');
  const { modelName } = await import('../model-name.js');
  const { interruptible } = await import('../interrupt.js');
  const { files } = await import('../../core/files.node.js');
  const { tenant, ...shared } = archive;
  const archives = new OpenedArchives({ ...shared, log });
  // Opens the archive before anybody waits for it, and says at once what is wrong with it.
  await archives.of(tenant ?? 'default');
  const knowledge = await knowledgeOf(flags, archives, keys?.tenants ?? [tenant ?? 'default']);
  const page = await loadPage();
  const { host, port, runs, rate, maxBody, grace } = flags;
  await withGenerator(folder, flags, async (generator) => {
    const id = modelName(folder, flags);
    const { app, context } = createServer({
      archiveOf: (name) => archives.of(name),
      models: [{ id, generator }],
      keys,
      page,
      version: version(),
      log,
      limits: given({ maxBodyBytes: maxBody, requestsPerMinute: rate }),
      ...given({ tenant, embedder: archive.embedder, knowledge }),
      ...(runs !== undefined && { runs: { files, path: runs } }),
    });
    context.metrics.addProcess();
    const server = await listen(app, context.lifecycle, { host, port });
    tell(flags, server.url, page, id);
    await interruptible(
      'Stopping: answers are finished first. Ctrl-C again ends at once.',
      async (signal) => {
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        await server.close(1000 * grace);
      },
    );
  });
}

/** The documents in the archive of every tenant, each under the same user. */
async function knowledgeOf(
  { knowledge: folder }: ServeFlags,
  archives: Archives,
  tenants: readonly string[],
): Promise<Knowledge | undefined> {
  if (folder === undefined) return undefined;
  const { indexFolder } = await import('../knowledge.js');
  let knowledge: Knowledge | undefined;
  for (const tenant of tenants) knowledge = await indexFolder(await archives.of(tenant), folder, 'en');
  return knowledge;
}

/** The built page, which lies beside the built command line. */
async function loadPage(): Promise<Page> {
  const { files } = await import('../../core/files.node.js');
  const { readPage } = await import('../../server/page.js');
  const path = import.meta.url.endsWith('.ts') ? '../../../dist/web' : '../../web';
  return readPage(files, fileURLToPath(new URL(path, import.meta.url)));
}

function tell({ json, keys }: ServeFlags, url: string, page: Page, model: string): void {
  if (json) return printJson({ url, model, page: page.has('/index.html') });
  print(`Listening at ${strong(url)}, model ${model}.`);
  print(
    page.has('/index.html')
      ? `  page:  ${url}/`
      : faint('  The page is not built: npm run build, then start again.'),
  );
  const key = keys === undefined ? '' : ` -H "authorization: Bearer $MNEME_KEY"`;
  const body = `{"messages": [{"role": "user", "content": "Hello"}], "mneme": {"session": "first"}}`;
  print(`  try:   curl ${url}/v1/chat/completions${key} -H "content-type: application/json" -d '${body}'`);
  print(`  API:   ${url}/openapi.json`);
}
