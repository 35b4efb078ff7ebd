// `mneme bench locomo`: how much of the evidence for LoCoMo's questions the archive recalls.
import { Command } from 'commander';
import type { LocomoReport } from '../../../archive/index.js';
import type { EmbedderFlags } from '../../embedder.js';
import { longWork } from '../../archive.js';
import { withEmbedder, withEmbedderFlags } from '../../embedder.js';
import { readJsonFiles } from '../../json-files.js';
import { given } from '../../../core/given.js';
import { print, printJson } from '../../output.js';

interface LocomoFlags extends EmbedderFlags {
  readonly data: string;
  readonly json?: boolean;
}

export function command(): Command {
  const verb = new Command('locomo')
    .description("Recall of the evidence for LoCoMo's questions, beside BM25 over the same words.")
    .requiredOption('--data <path>', "LoCoMo's JSON, may be gzipped, or a folder of such files");
  return withEmbedderFlags(verb).option('--json', 'print the result as one JSON object').action(run);
}

async function run(flags: LocomoFlags): Promise<void> {
  const { benchLocomo, openArchive } = await import('../../../archive/index.js');
  const conversations = (await readJsonFiles(flags.data)).flat();
  const report = await longWork('Nothing is left behind.', (work) =>
    withEmbedder(flags, async (embedder) => {
      const archive = await openArchive({ store: 'memory', timeZone: 'UTC', ...given({ embedder }) });
      return benchLocomo(archive, conversations, work).finally(() => archive.close());
    }),
  );
  if (flags.json) return printJson(report);
  print(table(report));
}

function table({ conversations, questions, byCategory, baseline, ...all }: LocomoReport): string {
  const row = (name: string, figures: LocomoReport['baseline'] | typeof all): string =>
    [
      name.padEnd(14),
      ...(['recall@5', 'recall@10', 'recall@20'] as const).map((k) => figures[k].toFixed(3).padStart(10)),
    ].join('');
  const compared = Object.entries(byCategory).flatMap(([name, figures]) => [
    row(name, { ...baseline, ...figures }),
    row('  BM25', { ...baseline, ...baseline.byCategory[name as keyof typeof byCategory] }),
  ]);
  return [
    `${conversations} conversations, ${questions} questions`,
    `${''.padEnd(14)}${['recall@5', 'recall@10', 'recall@20'].map((k) => k.padStart(10)).join('')}`,
    row('all', all),
    row('  BM25', baseline),
    ...compared,
  ].join('\n');
}
