// chrF and chrF++, equal to sacreBLEU. Knows nothing of where the texts come from.
// Sources: Popovic 2015, "chrF"; Popovic 2017, "chrF++: words helping character n-grams".
import { requireInteger, requireNotNegative } from './checks.js';
import { characterNgrams, matchNgrams, wordNgrams, type NgramCounts } from './ngrams.js';
import { SACREBLEU_VERSION } from './sacrebleu-version.js';
import type { Score, Statistics, TextMetric } from './text-metric.js';
import { removeSpaces, splitWords } from './whitespace.js';

export interface ChrfOptions {
  /** Longest n-gram of characters. Default 6. */
  readonly characterOrder?: number;
  /** Longest n-gram of words; 2 is chrF++. Default 0. */
  readonly wordOrder?: number;
  /** Recall counts `beta` times as much as precision. Default 2. */
  readonly beta?: number;
  /** Default false. */
  readonly lowercase?: boolean;
  /** Whether whitespace belongs to the n-grams of characters. Default false. */
  readonly whitespace?: boolean;
  /** Smooth empty orders by a tiny number, as Moses and NLTK do, rather than leaving them out. Default false. */
  readonly epsSmoothing?: boolean;
}

/**
 * `chrF = 100 * (1 + beta^2) P R / (beta^2 P + R)`, P and R the mean precision and recall over the orders of character
 * and word n-grams. With several references, each segment is compared with the one that gives it the best score.
 * Statistics: for each order, the n-grams of the hypothesis, of the reference, and the matches.
 *
 * @throws {ConfigError} for an order or beta out of range
 */
export function chrf(options: ChrfOptions = {}): TextMetric<Score> {
  const { characterOrder = 6, wordOrder = 0, beta = 2 } = options;
  const { lowercase = false, whitespace = false, epsSmoothing = false } = options;
  requireInteger('characterOrder', characterOrder, 1);
  requireInteger('wordOrder', wordOrder, 0);
  requireNotNegative('beta', beta);

  const ngramsOf = (text: string): NgramCounts[] => {
    const line = lowercase ? text.toLowerCase() : text;
    const words = wordOrder === 0 ? [] : separatePunctuation(line);
    return [
      ...characterNgrams(whitespace ? line : removeSpaces(line), characterOrder),
      ...Array.from({ length: wordOrder }, (_, order) => wordNgrams(words, order + 1)),
    ];
  };
  const score = epsSmoothing ? smoothedFScore : effectiveFScore;
  return {
    name: `chrF${beta}${'+'.repeat(wordOrder)}`,
    scale: 100,
    higherIsBetter: true,
    settings: {
      case: lowercase ? 'lc' : 'mixed',
      eff: epsSmoothing ? 'no' : 'yes',
      nc: String(characterOrder),
      nw: String(wordOrder),
      space: whitespace ? 'yes' : 'no',
      version: SACREBLEU_VERSION,
    },
    statistics(hypothesis, references) {
      const ngrams = ngramsOf(hypothesis);
      return bestOf(
        references.map((reference) => matchStatistics(ngrams, ngramsOf(reference))),
        (statistics) => score(statistics, beta),
      );
    },
    scoreOf: (statistics) => ({ score: score(statistics, beta) }),
  };
}

/** The first of those with the highest score. */
function bestOf(candidates: readonly Statistics[], score: (statistics: Statistics) => number): Statistics {
  const scores = candidates.map(score);
  return candidates[scores.indexOf(Math.max(...scores))] ?? [];
}

function matchStatistics(hypothesis: readonly NgramCounts[], reference: readonly NgramCounts[]): Statistics {
  return hypothesis.flatMap((counts, i) => {
    const matches = matchNgrams(counts, reference[i] ?? new Map());
    // Where the reference has no n-gram of this order, those of the hypothesis cannot be wrong.
    return [matches.reference === 0 ? 0 : matches.hypothesis, matches.reference, matches.matched];
  });
}

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** Words with the punctuation mark at their end, or else at their start, set apart: one mark at most. */
function separatePunctuation(text: string): string[] {
  return splitWords(text).flatMap((word) => {
    const last = word.slice(-1);
    if (word.length === 1) return [word];
    if (PUNCTUATION.has(last)) return [word.slice(0, -1), last];
    return PUNCTUATION.has(word.charAt(0)) ? [word.charAt(0), word.slice(1)] : [word];
  });
}

/** Precision and recall of each order; `EPSILON` where there is no n-gram to judge by. */
function* ordersOf(
  statistics: Statistics,
): Generator<{ precision: number; recall: number; judged: boolean }> {
  for (let i = 0; i < statistics.length; i += 3) {
    const [hypothesis = 0, reference = 0, matched = 0] = statistics.slice(i, i + 3);
    const precision = hypothesis > 0 ? matched / hypothesis : EPSILON;
    const recall = reference > 0 ? matched / reference : EPSILON;
    yield { precision, recall, judged: hypothesis > 0 && reference > 0 };
  }
}

const EPSILON = 1e-16;

/** The F-score of the mean precision and recall over the orders that occur on both sides. */
function effectiveFScore(statistics: Statistics, beta: number): number {
  const factor = beta ** 2;
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (const order of ordersOf(statistics)) {
    if (!order.judged) continue;
    precision += order.precision;
    recall += order.recall;
    orders++;
  }
  if (precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (((1 + factor) * precision * recall) / (factor * precision + recall));
}

/** The mean F-score over all orders. */
function smoothedFScore(statistics: Statistics, beta: number): number {
  const factor = beta ** 2;
  let sum = 0;
  for (const { precision, recall } of ordersOf(statistics)) {
    const denominator = factor * precision + recall;
    sum += denominator > 0 ? ((1 + factor) * precision * recall) / denominator : EPSILON;
  }
  return (100 * sum) / (statistics.length / 3);
}
