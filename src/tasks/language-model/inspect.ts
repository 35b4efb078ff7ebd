// Looks inside of a language model while it reads a text: surprise, attention, gates, what was fetched. Knows nothing of how it is shown.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tensor } from '../../engine/graph.js';
import type { LanguageModelParameters } from '../../models/language-model.js';
import type { Tokenizer } from '../../text/index.js';
import type { SavedLanguageModel } from './load.js';
import { DataError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { compile } from '../../engine/compile.js';
import { observing } from '../../engine/observe.js';
import { int32, typesOf } from '../../engine/trace.js';

/** A token that the model thought possible. */
export interface Guess {
  readonly text: string;
  readonly probability: number;
}

export interface InspectedToken {
  readonly id: number;
  /** The text that became certain with this token; empty in the middle of a character. */
  readonly text: string;
  /** -ln of the probability that the model gave it, in nats; `null` for the first token, which nothing precedes. */
  readonly surprise: number | null;
  /** What the model held most likely in its place, most likely first. */
  readonly guesses: readonly Guess[];
}

/** Who looks at whom: `heads[h][query][key]`, rows sum to 1. Keys are the last ones the head could see, up to the query. */
export interface AttentionView {
  readonly kind: 'attention';
  readonly path: string;
  readonly heads: readonly (readonly (readonly number[])[])[];
}

/** Numbers of a layer at each token, such as the activations of a gate: `values[token][channel]`. */
export interface ActivationView {
  readonly kind: 'activations';
  readonly path: string;
  readonly values: readonly (readonly number[])[];
}

/** Which tokens of the past a memory fetched: `heads[h][token]` lists their places; those outside of the text are left out. */
export interface FetchedView {
  readonly kind: 'fetched';
  readonly path: string;
  readonly heads: readonly (readonly (readonly number[])[])[];
}

export type View = AttentionView | ActivationView | FetchedView;

/** What a model did with a text, as plain data. */
export interface Inspection {
  readonly tokens: readonly InspectedToken[];
  /** Mean over all tokens but the first, in nats; `null` for a single token. */
  readonly meanSurprise: number | null;
  /** What the memories show, in the order of the layers. */
  readonly views: readonly View[];
}

const guessCount = 5;

/** Numbers that can be shown: a page of some 20 MB, and maps of four blocks with four heads for 1,000 tokens. */
const mostNumbers = 2 ** 24;

/**
 * Lets a model read a text from nothing and shows what happens inside. A memory decides what it shows: attention its maps, a
 * recurrent layer its gates, a nearest-neighbour memory what it fetched.
 *
 * @throws {DataError} when the text is empty, longer than the model can read, or so long that there would be too much to see
 * @throws {TokenizerError} when it has characters that the tokenizer does not know
 *
 * @example
 * const { tokens, views } = await inspect(runtime, await loadLanguageModel(files, 'runs/first'), 'To be or not to be');
 */
export async function inspect(
  runtime: Runtime,
  { model, parameters, tokenizer }: SavedLanguageModel,
  text: string,
): Promise<Inspection> {
  const ids = tokenizer.encode(text);
  requireFitting(ids.length, model.maxLength);
  const tree = { parameters };
  const executable = await compile(
    runtime,
    (own: { readonly parameters: LanguageModelParameters<Tensor> }, given: Tensor) => {
      const { result, observed } = observing(() => model.read(own.parameters, given));
      requireVisible(ids.length, [...observed.values()]);
      return { outputs: { logits: result.logits, observed: Object.fromEntries(observed) } };
    },
    { state: typesOf(tree), inputs: int32(1, ids.length) },
  );
  const state = await runtime.createState();
  try {
    await state.write(flattenTree<TensorData>(tree));
    const input = new TensorData('int32', [1, ids.length], ids);
    const { logits, observed } = await executable.run(state, input);
    const tokens = inspectTokens(tokenizer, ids, logits.data as Float32Array);
    const views = Object.entries(observed).flatMap(
      ([path, tensor]) => viewOf(path, tensor, ids.length) ?? [],
    );
    return { tokens, meanSurprise: meanOf(tokens.map(({ surprise }) => surprise ?? 0).slice(1)), views };
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}

function requireFitting(length: number, maxLength: number): void {
  if (length === 0) throw new DataError('There is no text to look at. Give at least one token.');
  if (length <= maxLength) return;
  throw new DataError(
    `The text has ${length} tokens, and the model reads at most ${maxLength} at once. Give a shorter text.`,
    { fields: { tokens: length, maxLength } },
  );
}

/** Maps of attention grow with the square of the text. */
function requireVisible(length: number, shown: readonly Tensor[]): void {
  const numbers = shown.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (numbers <= mostNumbers) return;
  throw new DataError(
    `The text has ${length} tokens, and to look inside would be to look at ${numbers} numbers, where at most ${mostNumbers} can be shown. Give a shorter text.`,
    { fields: { tokens: length, numbers, most: mostNumbers } },
  );
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}

/** @param logits [tokens, vocabularySize]: of the token after each one */
function inspectTokens(tokenizer: Tokenizer, ids: Int32Array, logits: Float32Array): InspectedToken[] {
  const size = tokenizer.vocabularySize;
  const decoder = tokenizer.streamDecoder();
  return Array.from(ids, (id, place) => {
    const piece = decoder.push(id);
    const text = place === ids.length - 1 ? piece + decoder.end() : piece;
    if (place === 0) return { id, text, surprise: null, guesses: [] };
    const scores = logits.subarray((place - 1) * size, place * size);
    const normalizer = logSumExp(scores);
    const guesses = largest(scores, guessCount).map((guess) => ({
      text: tokenizer.decode([guess]),
      probability: Math.exp((scores[guess] ?? 0) - normalizer),
    }));
    return { id, text, surprise: normalizer - (scores[id] ?? 0), guesses };
  });
}

function logSumExp(scores: Float32Array): number {
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  return highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
}

/** Indices of the `count` largest, largest first. */
function largest(scores: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (const [index, score] of scores.entries()) {
    const place = best.findIndex((other) => score > (scores[other] ?? 0));
    if (place < 0 && best.length >= count) continue;
    best.splice(place < 0 ? best.length : place, 0, index);
    best.length = Math.min(best.length, count);
  }
  return best;
}

/** What a tensor that a memory shows says of each token. `undefined` when it has no axis of tokens. */
function viewOf(path: string, { dtype, shape, data }: TensorData, time: number): View | undefined {
  const [, ...axes] = shape; // One text, so one sequence.
  const [heads = 1, rows, columns] = axes;
  const isByHead = axes.length === 3 && rows === time && columns !== undefined;
  const byHead = (row: (start: number, place: number) => number[]): number[][][] =>
    Array.from({ length: heads }, (_, head) =>
      Array.from({ length: time }, (_, place) => row((head * time + place) * (columns ?? 0), place)),
    );
  const numbers = (start: number, count: number): number[] => Array.from(data.subarray(start, start + count));
  if (isByHead && dtype === 'int32') {
    const inText = (index: number): boolean => index >= 0 && index < time;
    return { kind: 'fetched', path, heads: byHead((start) => numbers(start, columns).filter(inText)) };
  }
  if (isByHead && /probabilities$/i.test(path)) {
    return { kind: 'attention', path, heads: byHead((start) => numbers(start, columns)) };
  }
  const axis = axes.indexOf(time);
  return axis < 0 ? undefined : { kind: 'activations', path, values: byToken(data, axes, axis) };
}

/** Values with the axis of tokens in front: [token][everything else]. */
function byToken(data: ArrayLike<number>, axes: readonly number[], axis: number): number[][] {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  const [before, after] = [product(axes.slice(0, axis)), product(axes.slice(axis + 1))];
  const time = axes[axis] ?? 0;
  return Array.from({ length: time }, (_, token) =>
    Array.from({ length: before * after }, (_, channel) => {
      const [outer, inner] = [Math.floor(channel / after), channel % after];
      return data[(outer * time + token) * after + inner] ?? Number.NaN;
    }),
  );
}
