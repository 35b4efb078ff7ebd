// A needle in a haystack: a sentence with a number, hidden in real text, to be given back at the end. Knows no tokenizer and no file.
import { ConfigError, DataError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { distinctIntegers } from './draws.js';
import type { RecallExample, RecallTask } from './recall-task.js';
import { ask, emptyExample } from './recall-task.js';

export interface NeedleOptions {
  /** Number of token ids. */
  readonly vocabularySize: number;
  /** Tokens of an example, of which those behind the answer are padding. */
  readonly length: number;
  /** Tokens up to the answer; each example draws one of them. Default: `length` alone. */
  readonly lengths?: readonly number[];
  /** Where the needle that is asked for stands: 0 is the start of the text, 1 its end. Default: drawn evenly. */
  readonly depth?: number;
  /** Sentences that are hidden, each about another place; one of them is asked for. Default: 1. */
  readonly needles?: number;
  /** Token ids of the text; each example takes a stretch of it. */
  readonly haystack: Int32Array;
  /** Token ids of a sentence. */
  readonly encode: (text: string) => Int32Array;
}

/** Places that numbers are told of. */
const places = ['Lisbon', 'Nairobi', 'Kyoto', 'Oslo', 'Lima', 'Cairo', 'Quebec', 'Sydney'] as const;
const digits = 4;

/** How many needles can be told apart. */
export const mostNeedles = places.length;

function questionFor(place: string): string {
  return ` The number of ${place} is `;
}

/** Every character of needles and questions: a tokenizer for this task must know them. */
export const needleAlphabet = [...new Set(`${places.map(questionFor).join('')}0123456789.`)].sort().join('');

/** A sentence about a place, as token ids. */
interface Needle {
  readonly question: Int32Array;
  readonly answer: Int32Array;
  /** Question, answer and full stop. */
  readonly sentence: Int32Array;
}

function needleOf(place: string, number: string, encode: NeedleOptions['encode']): Needle {
  const [question, answer] = [encode(questionFor(place)), encode(number)];
  return { question, answer, sentence: Int32Array.of(...question, ...answer, ...encode('.')) };
}

/**
 * Text with sentences such as ` The number of Oslo is 4817.` at a given depth, then the sentence again up to the number: its
 * tokens are the targets. Source: Kamradt 2023 (Needle in a Haystack), with a number for what has to be found.
 *
 * @throws {ConfigError} when a length is too short or the depth lies outside of [0, 1]
 * @throws {DataError} when the text is shorter than an example
 */
export function needle(options: NeedleOptions): RecallTask {
  const { vocabularySize, length, lengths = [length], needles = 1, haystack, encode } = options;
  requireFit({ ...options, lengths, needles });

  function example(random: Random): RecallExample {
    const written = emptyExample(length);
    const total = lengths[random.integer(lengths.length)] ?? length;
    const hidden = distinctIntegers(random, needles, 0, places.length).map((place) =>
      needleOf(places[place] ?? '', drawNumber(random), encode),
    );
    const [asked] = hidden as [Needle];
    // The last token of the answer is only a target.
    const asking = total - asked.question.length - (asked.answer.length - 1);
    const free = asking - hidden.reduce((sum, { sentence }) => sum + sentence.length, 0);
    const from = random.integer(haystack.length - free + 1);
    const text = haystack.subarray(from, from + free);
    const starts = hidden.map((_, i) =>
      i === 0 && options.depth !== undefined ? Math.round(options.depth * free) : random.integer(free + 1),
    );
    const answerAt = hide(written.inputs, text, hidden, starts);
    written.inputs.set(asked.question, asking);
    const answering = asking + asked.question.length - 1;
    written.inputs.set(asked.answer.subarray(0, -1), answering + 1);
    asked.answer.forEach((id, i) => ask(written, answering + i, id, answerAt + i));
    return written;
  }
  return { vocabularySize, length, example };
}

function drawNumber(random: Random): string {
  return Array.from({ length: digits }, () => random.integer(10)).join('');
}

/** Writes the text with each needle at its start, and returns where the answer of the first needle begins. */
function hide(
  into: Int32Array,
  text: Int32Array,
  needles: readonly Needle[],
  starts: readonly number[],
): number {
  const order = [...needles.keys()].sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  let [read, at, answerAt] = [0, 0, 0];
  for (const i of order) {
    const { question = new Int32Array(), sentence = new Int32Array() } = needles[i] ?? {};
    const start = starts[i] ?? 0;
    into.set(text.subarray(read, start), at);
    at += start - read;
    if (i === 0) answerAt = at + question.length;
    into.set(sentence, at);
    [read, at] = [start, at + sentence.length];
  }
  into.set(text.subarray(read), at);
  return answerAt;
}

/** Tokens that needles and a question take in any case: no example is shorter. */
export function shortestHaystack(needles: number, encode: NeedleOptions['encode']): number {
  const sentences = places.map((place) => needleOf(place, '0'.repeat(digits), encode).sentence);
  return (needles + 1) * Math.max(...sentences.map(({ length }) => length));
}

function requireFit(options: Required<Omit<NeedleOptions, 'depth'>> & Pick<NeedleOptions, 'depth'>): void {
  const { length, lengths, depth, needles, haystack, encode } = options;
  if (!(needles >= 1 && needles <= mostNeedles))
    throw new ConfigError(`Needle: ${needles} needles were asked for; choose 1 to ${mostNeedles}.`);
  if (depth !== undefined && !(depth >= 0 && depth <= 1))
    throw new ConfigError(`Needle: depth ${depth} is outside of 0 (start of the text) to 1 (its end).`);
  const needed = shortestHaystack(needles, encode);
  const shortest = Math.min(...lengths);
  if (shortest < needed)
    throw new ConfigError(
      `Needle: length ${shortest} is too short for ${needles} needles and a question; use at least ${needed}.`,
    );
  const widest = Math.max(...lengths);
  if (widest > length)
    throw new ConfigError(`Needle: an example of ${widest} tokens does not fit into ${length}.`);
  if (haystack.length < widest)
    throw new DataError(
      `Needle: the text has ${haystack.length} tokens, and an example takes up to ${widest}; give a longer text.`,
    );
}
