// `mneme remember`: stores a text, a file of texts or a document in the archive.
import { Command } from 'commander';
import type { ArchiveOptions, EpisodeInput, Outcome } from '../../archive/index.js';
import type { ArchiveFlags } from '../archive.js';
import { UsageError } from '../../core/errors.js';
import { longWork, warnings, withArchive, withArchiveFlags } from '../archive.js';
import { readEpisodes, rememberMany } from '../episodes.js';
import { wholeTextOf } from '../lines.js';
import { given } from '../../core/given.js';
import { formatCount, note, print, printJson } from '../output.js';

interface RememberFlags extends ArchiveFlags {
  readonly session?: string;
  readonly speaker?: string;
  readonly time?: string;
  readonly expires?: string;
  readonly input?: string;
  readonly document?: string;
  readonly redact?: boolean;
}

export function command(): Command {
  const verb = new Command('remember')
    .description('Store a text in the archive, with the facts found in it.')
    .argument('[text]', 'what was said; - for standard input')
    .option('--session <name>', 'the conversation it belongs to')
    .option('--speaker <name>', 'who said it')
    .option('--time <time>', 'when it was said, such as 2026-05-01T10:00:00Z (default: now)')
    .option('--expires <time>', 'when it is to be no longer recalled')
    .option('--input <file>', 'many texts: JSON Lines with text, session, speaker, time, user, expiresAt')
    .option('--document <file>', 'a long text, stored in chunks under the name of its file')
    .option('--redact', 'replace e-mail addresses, phone numbers, ID and bank cards, IP addresses and keys');
  return withArchiveFlags(verb).action(run);
}

async function run(text: string | undefined, flags: RememberFlags): Promise<void> {
  const ways = [text, flags.input, flags.document].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new UsageError('Give one of: a text, --input FILE, --document FILE.');
  if (flags.input !== undefined) return rememberFile(flags, flags.input);
  if (flags.document !== undefined) return rememberDocument(flags, flags.document);
  return rememberText(flags, text === '-' ? await wholeTextOf('-') : (text ?? ''));
}

async function settingsOf({ redact }: RememberFlags): Promise<Partial<ArchiveOptions>> {
  if (!redact) return { log: warnings };
  const { createRedactor } = await import('../../archive/index.js');
  return { log: warnings, redactor: createRedactor() };
}

const defaultsOf = ({ session, speaker, time, expires }: RememberFlags): Partial<EpisodeInput> =>
  given({ session, speaker, time, expiresAt: expires });

async function rememberText(flags: RememberFlags, text: string): Promise<void> {
  const outcome = await withArchive(
    flags,
    (archive) => archive.remember({ text, ...defaultsOf(flags) }),
    await settingsOf(flags),
  );
  if (flags.json) return printJson(outcome);
  const facts = outcome.facts.length === 0 ? '' : `, with ${outcome.facts.length} facts`;
  print(`${outcome.status}: ${outcome.id ?? ''}${facts}${redactedIn(outcome)}`);
  if (outcome.reason !== undefined) note(outcome.reason);
}

function redactedIn({ redacted = {} }: Pick<Outcome, 'redacted'>): string {
  const counts = Object.entries(redacted).filter(([, count]) => count > 0);
  return counts.length === 0 ? '' : `; redacted: ${counts.map(([kind, n]) => `${n} ${kind}`).join(', ')}`;
}

async function rememberFile(flags: RememberFlags, path: string): Promise<void> {
  const episodes = await readEpisodes(path, defaultsOf(flags));
  const report = await longWork(
    'What was counted is stored; the same command goes on from there.',
    async (work) =>
      withArchive(flags, (archive) => rememberMany(archive, episodes, work), await settingsOf(flags)),
  );
  if (flags.json) return printJson(report);
  for (const { line, reason } of report.rejected) note(`Line ${line}: ${reason}`);
  const { outcomes, facts } = report;
  const counts = Object.entries(outcomes).map(([status, count]) => `${formatCount(count)} ${status}`);
  print(`${counts.join(', ')}; ${formatCount(facts)} facts.`);
}

async function rememberDocument(flags: RememberFlags, path: string): Promise<void> {
  const title = path === '-' ? 'standard input' : path.replace(/^.*\//, '');
  const text = await wholeTextOf(path);
  const { time } = flags;
  const outcome = await withArchive(
    flags,
    (archive) => archive.addDocument({ title, text, ...given({ time }) }),
    await settingsOf(flags),
  );
  if (flags.json) return printJson(outcome);
  const { status, document, chunks } = outcome;
  print(`${status}: document ${document}, ${formatCount(chunks.length)} chunks${redactedIn(outcome)}`);
}
