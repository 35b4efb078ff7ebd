// `mneme bench archive`: how fast the archive writes, opens, recalls and embeds, and what it recalls of a year's dialogue.
import { Command, Option } from 'commander';
import type { DialogueReport, LongWork } from '../../../archive/index.js';
import type { StoreReport } from '../../bench/archive.js';
import type { EmbeddingReport } from '../../bench/embedding.js';
import { longWork } from '../../archive.js';
import { wholeNumber } from '../../options.js';
import { formatCount, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';
import { withScratchFolder } from '../../scratch.js';

const parts = ['store', 'embedding', 'dialogue'] as const;
type Part = (typeof parts)[number];

interface ArchiveBenchFlags {
  readonly store?: string;
  readonly episodes: number;
  readonly dimension: number;
  readonly questions: number;
  readonly rounds: number;
  readonly threads?: number;
  readonly turns: number;
  readonly seeds: number;
  readonly only: readonly Part[];
  readonly json?: boolean;
}

interface ArchiveBenchReport extends Partial<StoreReport> {
  readonly embedding?: EmbeddingReport;
  readonly dialogue?: DialogueReport;
}

export function command(): Command {
  return new Command('archive')
    .description('Writing, opening, recall and embedding of the archive; memory over a year of dialogue.')
    .option('--episodes <n>', 'episodes in the store', wholeNumber(1), 100_000)
    .option('--dimension <n>', 'numbers of a vector', wholeNumber(1), 384)
    .option('--questions <n>', 'questions that are timed', wholeNumber(1), 300)
    .option(
      '--store <url>',
      'a server, postgres://...; a database of its own is made and dropped (default: a folder)',
    )
    .option('--rounds <n>', 'turns of the encoder and of the bare matrix product', wholeNumber(1), 12)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--turns <n>', 'turns of the year-long dialogue', wholeNumber(1), 10_000)
    .option('--seeds <n>', 'different dialogues', wholeNumber(1), 3)
    .addOption(new Option('--only <part...>', 'some of the parts').choices(parts).default(parts))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(flags: ArchiveBenchFlags): Promise<void> {
  const wanted = new Set(flags.only);
  const report = await longWork('Nothing is left behind.', async (work): Promise<ArchiveBenchReport> => ({
    ...(wanted.has('store') && (await store(flags, work))),
    ...(wanted.has('embedding') && { embedding: await embedding(flags) }),
    ...(wanted.has('dialogue') && { dialogue: await dialogue(flags, work) }),
  }));
  if (flags.json) return printJson(report);
  print(linesOf(report).join('\n'));
}

async function store(flags: ArchiveBenchFlags, work: LongWork): Promise<StoreReport> {
  const { benchStore } = await import('../../bench/archive.js');
  const { withScratchDatabase } = await import('../../../archive/bench/scratch-store.js');
  const measure = (address: string): Promise<StoreReport> =>
    benchStore({ ...flags, ...work, store: address });
  return flags.store === undefined
    ? withScratchFolder((folder) => measure(`${folder}/archive`))
    : withScratchDatabase(flags.store, measure);
}

async function embedding({ rounds, threads }: ArchiveBenchFlags): Promise<EmbeddingReport> {
  const { benchEmbedding } = await import('../../bench/embedding.js');
  return withRuntime({ threads }, (runtime) =>
    benchEmbedding(runtime, rounds, (text) => progressLine.update(() => `bench archive: ${text}`)),
  );
}

async function dialogue({ turns, seeds }: ArchiveBenchFlags, work: LongWork): Promise<DialogueReport> {
  const { benchDialogue, openArchive } = await import('../../../archive/index.js');
  const archive = await openArchive({ store: 'memory' });
  return benchDialogue(archive, { turns, seeds, ...work }).finally(() => archive.close());
}

function linesOf({ embedding: embedded, dialogue: talked, ...report }: ArchiveBenchReport): string[] {
  const lines: string[] = [];
  const { recall, recallByWords, write, openMs, episodes = 0, dimension } = report;
  if (recall && recallByWords && write)
    lines.push(
      `${report.store}, ${formatCount(episodes)} episodes, vectors of ${dimension} numbers (${report.vectors})`,
      `  recall        p50 ${recall.p50Ms} ms, p95 ${recall.p95Ms} ms; by words alone p50 ${recallByWords.p50Ms} ms, p95 ${recallByWords.p95Ms} ms; the first ${recall.firstMs} ms`,
      `  writing       ${formatCount(write.batchPerSecond)} episodes/s in batches, ${formatCount(write.singlePerSecond)}/s one by one`,
      `  opening       ${openMs} ms`,
      `  re-indexing   ${report.reindexSeconds} s`,
    );
  if (embedded)
    lines.push(
      `embedding, ${embedded.batch} texts of ${embedded.tokens} tokens: ${embedded.textsPerSecond} texts/s, ${embedded.gflops} GFLOP/s, ${embedded.ofGemm} of the bare matrix product`,
    );
  if (talked)
    lines.push(
      `${talked.seeds} dialogues of ${formatCount(talked.turns)} turns: recalled ${talked.recalled}, corrected ${talked.corrected}, forgotten ${talked.forgotten}`,
    );
  return lines;
}
