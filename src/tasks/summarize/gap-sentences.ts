// Hides the sentences that say most of a text, to pre-train summarizers on any text. Knows nothing of models.
import { ConfigError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { rougeTokenizer } from '../../metrics/rouge-tokenizer.js';
import { sentenceSpans, type Span } from '../../text/index.js';

export interface GapSentenceOptions {
  /** Part of the sentences to hide, in (0, 1); 0.3 by default. At least one is hidden and one is left. */
  readonly ratio?: number;
  /**
   * `principal`: those with the highest ROUGE-1 F against the rest of the text; `lead`: the first; `random`. Default `principal`.
   */
  readonly strategy?: 'principal' | 'lead' | 'random';
  /** Whether principal sentences are chosen one after the other, each so that all together score highest (Seq), or each by itself (Ind). Default false. */
  readonly sequential?: boolean;
  /** Whether a word counts once however often it occurs (Uniq), or each time (Orig). Default false. */
  readonly unique?: boolean;
  /**
   * Part of the chosen sentences that stay in the text and are to be written all the same, so that copying is learned too; in [0, 1), 0
   * by default. Zhang et al. 2020, section 6.2, keep 0.2.
   */
  readonly keep?: number;
  /** Stands for each hidden sentence; `[MASK1]` by default. */
  readonly maskToken?: string;
  /** Draws for `random`, and which of the chosen sentences stay. */
  readonly random?: Random;
}

/** What a model reads and what it is to write. */
export interface GapSentences {
  /** The text with the mask in place of each hidden sentence. */
  readonly input: string;
  /** The chosen sentences, in reading order, a space between them where the text has one. */
  readonly target: string;
  /** Their numbers among the sentences of the text, ascending. */
  readonly selected: readonly number[];
}

const wordsOf = rougeTokenizer({ tokenize: 'characters' });

/**
 * Gap sentences of a text, `undefined` when it has fewer than two sentences. Source: Zhang et al. 2020, "PEGASUS", section 3.1: `Ind-Orig`
 * by default, the variant that the paper settles on.
 *
 * @throws {ConfigError} when a part makes no sense, or there is nothing to draw from
 */
export function gapSentences(text: string, options: GapSentenceOptions = {}): GapSentences | undefined {
  const { ratio = 0.3, keep = 0, strategy = 'principal', maskToken = '[MASK1]', random } = options;
  if (!(ratio > 0 && ratio < 1)) {
    throw new ConfigError(`The part of the sentences to hide is ${ratio}. Give a number between 0 and 1.`);
  }
  if (!(keep >= 0 && keep < 1)) {
    throw new ConfigError(
      `The part of the chosen sentences to keep is ${keep}. Give a number of at least 0, and below 1.`,
    );
  }
  if (keep > 0 && random === undefined)
    throw new ConfigError('Which gap sentences are kept needs something to draw from (random).');
  const spans = sentenceSpans(text);
  if (spans.length < 2) return undefined;
  const count = Math.min(spans.length - 1, Math.max(1, Math.round(spans.length * ratio)));
  const selected = select(text, spans, count, strategy, options).sort((a, b) => a - b);
  const kept = new Set(keep === 0 ? [] : selected.filter(() => (random?.uniform() ?? 1) < keep));
  return { ...cutOut(text, spans, { selected, kept }, maskToken), selected };
}

function select(
  text: string,
  spans: readonly Span[],
  count: number,
  strategy: 'principal' | 'lead' | 'random',
  { sequential = false, unique = false, random }: GapSentenceOptions,
): number[] {
  const all = [...spans.keys()];
  if (strategy === 'lead') return all.slice(0, count);
  if (strategy === 'principal') {
    const bags = spans.map(({ start, end }) => bagOf(wordsOf(text.slice(start, end)), unique));
    return sequential ? selectTogether(bags, count, unique) : selectAlone(bags, count, unique);
  }
  if (random === undefined)
    throw new ConfigError('Random gap sentences need something to draw from (random).');
  return random.shuffle(all).slice(0, count);
}

/** Words and how often each occurs; 1 for each where words are unique. */
type Bag = Map<string, number>;

function bagOf(words: readonly string[], unique: boolean): Bag {
  const bag: Bag = new Map();
  for (const word of words) bag.set(word, unique ? 1 : (bag.get(word) ?? 0) + 1);
  return bag;
}

function union(bags: readonly Bag[], unique: boolean): Bag {
  const all: Bag = new Map();
  for (const bag of bags)
    for (const [word, count] of bag) all.set(word, unique ? 1 : (all.get(word) ?? 0) + count);
  return all;
}

function totalOf(bag: Bag): number {
  let total = 0;
  for (const count of bag.values()) total += count;
  return total;
}

/** ROUGE-1 F: 2 * common / (size + size). */
function rouge1(a: Bag, b: Bag): number {
  let common = 0;
  for (const [word, count] of a) common += Math.min(count, b.get(word) ?? 0);
  const size = totalOf(a) + totalOf(b);
  return size === 0 ? 0 : (2 * common) / size;
}

/** The score of some sentences together against all the others. */
function scoreOf(bags: readonly Bag[], chosen: ReadonlySet<number>, unique: boolean): number {
  const inside = bags.filter((_, i) => chosen.has(i));
  const outside = bags.filter((_, i) => !chosen.has(i));
  return rouge1(union(inside, unique), union(outside, unique));
}

function selectAlone(bags: readonly Bag[], count: number, unique: boolean): number[] {
  const scores = bags.map((_, i) => scoreOf(bags, new Set([i]), unique));
  return [...bags.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, count);
}

function selectTogether(bags: readonly Bag[], count: number, unique: boolean): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) {
    const [best] = [...bags.keys()]
      .filter((i) => !chosen.has(i))
      .map((i) => ({ i, score: scoreOf(bags, new Set([...chosen, i]), unique) }))
      .sort((a, b) => b.score - a.score || a.i - b.i);
    if (best === undefined) break;
    chosen.add(best.i);
  }
  return [...chosen];
}

function cutOut(
  text: string,
  spans: readonly Span[],
  { selected, kept }: { readonly selected: readonly number[]; readonly kept: ReadonlySet<number> },
  maskToken: string,
): Pick<GapSentences, 'input' | 'target'> {
  let [input, target, at] = ['', '', 0];
  for (const i of selected) {
    const { start, end } = spans[i] ?? { start: at, end: at };
    input += text.slice(at, start) + (kept.has(i) ? text.slice(start, end) : maskToken);
    const spaced = target !== '' && /\s/.test(text.charAt(start - 1));
    target += (spaced ? ' ' : '') + text.slice(start, end);
    at = end;
  }
  return { input: input + text.slice(at), target };
}
