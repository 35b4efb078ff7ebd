// Items on their way into the store: analysed, sealed, keyed. Knows nothing of duplicates or facts.
import { ConfigError } from '../core/errors.js';
import type { Analysis } from './analysis/analyzer.js';
import { hash64, hash128 } from './analysis/term-ids.js';
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { InsertRow } from './database.js';
import type { Interval } from './dates/calendar.js';
import { findDates } from './dates/find-dates.js';
import type { Embedder } from './embedder.js';
import type { Wording } from './near-duplicate.js';
import { bandKeys, wordingOf } from './near-duplicate.js';
import type { ItemKind } from './types.js';

/** What is known of an item before it is analysed. */
export interface DraftInput {
  readonly kind: ItemKind;
  readonly user: string;
  readonly text: string;
  readonly session?: string | undefined;
  readonly speaker?: string | undefined;
  readonly document?: number | undefined;
  readonly turn?: number | undefined;
  readonly occurredAt: Date;
  readonly expiresAt?: Date | undefined;
  /** What makes it the same item as another: equal identities are stored once. */
  readonly identity: string;
  /** Columns as they were where the item was exported; what is absent is set anew. */
  readonly restored?: InsertRow;
}

export interface Draft extends DraftInput {
  readonly sealed: string;
  readonly contentKey: string;
  readonly analysis: Analysis;
  /** Of episodes; others have no near-duplicates. */
  readonly wording: Wording | undefined;
  /** Term ids under which near-duplicates are found. */
  readonly bands: readonly string[];
  /** The time the text speaks of, if it names one. */
  readonly event: Interval | undefined;
  readonly tokens: number;
  /** Unit length; `undefined` without an embedder. */
  readonly embedding: Float32Array | undefined;
}

/** Dates are looked for at the beginning of long texts only. */
const dateSearchLength = 2000;

/** The speaker's name is one of the words an item is found by. */
export const indexedText = (input: Pick<DraftInput, 'text' | 'speaker'>): string =>
  input.speaker === undefined ? input.text : `${input.speaker}: ${input.text}`;

export const bandIds = (context: Context, wording: Wording): string[] =>
  bandKeys(wording).map((key) => hash64(context.cipher.hashKey, key));

/** @throws {ConfigError} when the embedder does not keep to its contract: what it gave would spoil the index */
function checkVectors(
  { name, dimension }: Embedder,
  texts: number,
  vectors: readonly Float32Array[],
): readonly Float32Array[] {
  const broken = vectors.find((vector) => vector.length !== dimension || !vector.every(Number.isFinite));
  if (vectors.length === texts && broken === undefined) return vectors;
  const given =
    broken === undefined
      ? `${vectors.length} vectors for ${texts} texts`
      : broken.length === dimension
        ? 'a vector with numbers that are not finite'
        : `a vector of ${broken.length} numbers`;
  throw new ConfigError(
    `The embedder "${name}" gave ${given}; expected ${texts} of ${dimension} finite numbers each. Nothing was done. Check the model, or its address.`,
    { fields: { embedder: name, dimension } },
  );
}

export function unitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Embeds a question, brought to length 1. @throws {ConfigError} when the embedder gives something else */
export async function embedQuestion(embedder: Embedder, question: string): Promise<Float32Array> {
  const [vector] = checkVectors(embedder, 1, await embedder.embed([question], 'query'));
  return unitLength(vector ?? new Float32Array(embedder.dimension));
}

/** Embeds texts as passages, each brought to length 1. @throws {ConfigError} when the embedder gives something else */
export async function embedPassages(
  context: Context,
  texts: readonly string[],
): Promise<readonly (Float32Array | undefined)[]> {
  if (context.embedder === undefined || texts.length === 0) return texts.map(() => undefined);
  const vectors = await context.embedder.embed(texts, 'passage');
  return checkVectors(context.embedder, texts.length, vectors).map(unitLength);
}

/** Does all of the work that needs no database. */
export async function makeDrafts(context: Context, inputs: readonly DraftInput[]): Promise<readonly Draft[]> {
  const embeddings = await embedPassages(context, inputs.map(indexedText));
  return Promise.all(
    inputs.map(async (input, i): Promise<Draft> => {
      const wording = input.kind === 'episode' ? wordingOf(input.text, input.speaker) : undefined;
      return {
        ...input,
        sealed: await context.cipher.seal(input.text, ownerOf(context, input.user)),
        contentKey: hash128(context.cipher.hashKey, input.identity),
        analysis: context.analyzer.analyze(indexedText(input)),
        wording,
        bands: wording === undefined ? [] : bandIds(context, wording),
        event: findDates(input.text.slice(0, dateSearchLength), input.occurredAt, {
          preference: 'nearest',
          timeZone: context.timeZone,
        })[0],
        tokens: context.countTokens(input.text),
        embedding: embeddings[i],
      };
    }),
  );
}
