// The tasks of recall by name, with sizes that a small computer solves in minutes. Knows no model.
import { z } from 'zod';
import type { RecallTask, TextSource } from '../../data/index.js';
import type { RecallCell } from './train-recall.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { parseConfig } from '../../core/parse-config.js';
import { associativeRecall, copy, needle, selectiveCopy, shortestHaystack } from '../../data/index.js';
import { readHaystack } from './haystack.js';

const size = z.int().positive();

/** Sizes of a task, as plain data. Which of them a task has, and their defaults, is said with each task. */
export interface RecallTaskSizes {
  /** Number of token ids. */
  readonly vocabulary?: number | undefined;
  /** Tokens of an example. */
  readonly length?: number | undefined;
  /** Keys with values, symbols to copy, or needles. */
  readonly pairs?: number | undefined;
  /** Keys that are given a second value. */
  readonly updates?: number | undefined;
}

/** A task, and what it was made from. */
export interface CreatedRecallTask {
  readonly name: string;
  /** Every size, chosen or default. */
  readonly sizes: RecallTaskSizes;
  readonly task: RecallTask;
  /** Parts to be tested one by one: lengths and depths of the needle. */
  readonly cells: readonly RecallCell[];
}

type Sizes = Readonly<Record<'vocabulary' | 'length' | 'pairs' | 'updates', number>>;

/** One kind of task. */
interface RecallTaskKind {
  readonly schema: z.ZodType;
  create(sizes: Sizes, text: TextSource | undefined): Promise<Omit<CreatedRecallTask, 'name' | 'sizes'>>;
}

const associativeSizes = { vocabulary: size.default(512), length: size.default(64), pairs: size.default(8) };
const copySizes = { vocabulary: size.default(16), length: size.default(64), pairs: size.default(8) };

const associative: RecallTaskKind['create'] = async ({ vocabulary, ...sizes }) => ({
  task: associativeRecall({ ...sizes, vocabularySize: vocabulary }),
  cells: [],
});

function copying(make: typeof copy): RecallTaskKind['create'] {
  return async ({ vocabulary, length, pairs }) => ({
    task: make({ vocabularySize: vocabulary, length, symbols: pairs }),
    cells: [],
  });
}

const kinds: Readonly<Record<string, RecallTaskKind>> = {
  mqar: { schema: z.strictObject(associativeSizes), create: associative },
  'mqar-update': {
    schema: z.strictObject({ ...associativeSizes, updates: size.default(4) }),
    create: associative,
  },
  copy: { schema: z.strictObject(copySizes), create: copying(copy) },
  'selective-copy': { schema: z.strictObject(copySizes), create: copying(selectiveCopy) },
  needle: {
    schema: z.strictObject({ length: size.default(256), pairs: size.default(1) }),
    create: createNeedle,
  },
};

export const recallTaskNames: readonly string[] = Object.keys(kinds);

/** Where the needle is looked for when depths are told apart. */
const depths = [0, 0.25, 0.5, 0.75, 1] as const;
/** The lengths of the examples, as shares of the longest. */
const shares = [0.5, 0.75, 1] as const;

async function createNeedle({ length, pairs }: Sizes, text: TextSource | undefined) {
  if (text === undefined)
    throw new DataError('Needle: there is no text to hide the needle in; give one, such as a book.');
  const haystack = await readHaystack(text);
  const shortest = shortestHaystack(pairs, haystack.encode);
  const lengths = shares
    .map((share) => Math.round(share * length))
    .filter((own) => own === length || own >= shortest);
  const options = { length, lengths, needles: pairs, ...haystack };
  const cells = lengths.flatMap((own) =>
    depths.map((depth) => ({ length: own, depth, task: needle({ ...options, lengths: [own], depth }) })),
  );
  return { task: needle(options), cells };
}

/**
 * A task by its name. `mqar`: associative recall as in Zoology; `mqar-update`: the last value of a key counts; `copy`,
 * `selective-copy`; `needle`: a sentence in a text, at several lengths and depths.
 *
 * @param text what the needle is hidden in
 * @throws {ConfigError} when no task has the name, it has no such size, or the sizes do not fit
 * @throws {DataError} when a text is needed and there is none, or it is too short
 */
export async function createRecallTask(
  name: string,
  sizes: RecallTaskSizes = {},
  text?: TextSource,
): Promise<CreatedRecallTask> {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) {
    throw new ConfigError(`There is no task of recall "${name}".${didYouMean(name, recallTaskNames)}`, {
      fields: { name, known: recallTaskNames },
    });
  }
  const parsed = parseConfig(kind.schema, sizes, `Task ${name}`) as Sizes;
  return { name, sizes: parsed, ...(await kind.create(parsed, text)) };
}
