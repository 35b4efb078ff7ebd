// ROUGE-N, ROUGE-L and ROUGE-Lsum, equal to Google's rouge_score. Knows nothing of where the texts come from.
// Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"; conventions: rouge_score 0.1.2.
import { ConfigError } from '../core/errors.js';
import { requireKnown } from './checks.js';
import { commonLength, commonPositions } from './longest-common-subsequence.js';
import { matchNgrams, wordNgrams } from './ngrams.js';
import { rougeTokenizer, type RougeTokenizerOptions } from './rouge-tokenizer.js';
import type { Score, TextMetric } from './text-metric.js';

const rougeTypes = ['rouge1', 'rouge2', 'rouge3', 'rouge4', 'rougeL', 'rougeLsum'] as const;

/** `rouge1` to `rouge4` count n-grams; `rougeL` takes a text as one sentence, `rougeLsum` sentence by sentence. */
export type RougeType = (typeof rougeTypes)[number];

export interface RougeOptions extends RougeTokenizerOptions {
  /** Sentences of `rougeLsum`. Default: the lines. */
  readonly sentences?: (text: string) => readonly string[];
  /** A mark that stands for a line break and is no word, such as `<n>` where each text is one line of a file. */
  readonly lineBreak?: string;
}

export interface RougeScore extends Score {
  readonly precision: number;
  readonly recall: number;
  /** The harmonic mean of precision and recall; the same as `score`. */
  readonly fmeasure: number;
}

/**
 * Overlap with the reference: precision `hits / |hypothesis|`, recall `hits / |reference|`, and their F-measure, each
 * from 0 to 1. With several references the one with the best F-measure counts; a corpus has the mean over its segments.
 * Statistics: precision, recall, F-measure, 1.
 *
 * @example
 * scoreCorpus(rouge('rougeL', { stemmer: true }), ['the dogs ran'], ['a dog ran']).fmeasure; // 0.666...
 * @throws {ConfigError} for an unknown type or tokenizer
 */
export function rouge(type: RougeType, options: RougeOptions = {}): TextMetric<RougeScore> {
  const { lineBreak = '\n' } = options;
  const compare = comparison(requireKnown('ROUGE type', type, rougeTypes), options);
  if (lineBreak === '')
    throw new ConfigError('The mark that stands for a line break is empty: give some text.');
  const linesOf = (text: string): string => text.replaceAll(lineBreak, '\n');
  return {
    name: type.replace('rouge', 'ROUGE-'),
    scale: 1,
    higherIsBetter: true,
    settings: {
      tok: options.tokenize ?? 'english',
      stem: options.stemmer === true ? 'porter' : 'no',
      ...(lineBreak === '\n' ? {} : { break: lineBreak }),
      version: '0.1.2+mneme',
    },
    statistics(hypothesis, references) {
      const scores = references.map((reference) =>
        fmeasured(compare(linesOf(hypothesis), linesOf(reference))),
      );
      const best = scores.reduce((a, b) => (b.fmeasure > a.fmeasure ? b : a));
      return [best.precision, best.recall, best.fmeasure, 1];
    },
    scoreOf([precision = 0, recall = 0, fmeasure = 0, count = 0]) {
      const mean = fmeasure / count;
      return { score: mean, precision: precision / count, recall: recall / count, fmeasure: mean };
    },
  };
}

interface Overlap {
  readonly hits: number;
  /** Words or n-grams of the hypothesis. */
  readonly hypothesis: number;
  readonly reference: number;
}

type Comparison = (hypothesis: string, reference: string) => Overlap;

function comparison(type: RougeType, options: RougeOptions): Comparison {
  const tokenize = rougeTokenizer(options);
  const { sentences = (text) => text.split('\n') } = options;
  const sentencesOf = (text: string): string[][] => sentences(text).map(tokenize);
  if (type === 'rougeLsum') {
    return (hypothesis, reference) => summaryOverlap(sentencesOf(hypothesis), sentencesOf(reference));
  }
  if (type === 'rougeL') {
    return (hypothesis, reference) => sequenceOverlap(tokenize(hypothesis), tokenize(reference));
  }
  const n = Number(type.slice('rouge'.length));
  return (hypothesis, reference) => {
    const matches = matchNgrams(wordNgrams(tokenize(hypothesis), n), wordNgrams(tokenize(reference), n));
    return { ...matches, hits: matches.matched };
  };
}

function sequenceOverlap(hypothesis: readonly string[], reference: readonly string[]): Overlap {
  const hits = commonLength(reference, hypothesis);
  return { hits, hypothesis: hypothesis.length, reference: reference.length };
}

/**
 * Summary-level overlap (section 3.2 of the paper): of each reference sentence the words that lie on its longest common
 * subsequence with any hypothesis sentence, each word counted at most as often as both texts have it.
 */
function summaryOverlap(hypothesis: readonly string[][], reference: readonly string[][]): Overlap {
  const left = [wordNgrams(hypothesis.flat(), 1), wordNgrams(reference.flat(), 1)].map(
    (counts) => new Map(counts),
  );
  let hits = 0;
  for (const sentence of reference) {
    const positions = new Set(hypothesis.flatMap((other) => commonPositions(sentence, other)));
    for (const position of positions) {
      const word = sentence[position] ?? '';
      if (left.some((counts) => (counts.get(word) ?? 0) === 0)) continue;
      hits++;
      for (const counts of left) counts.set(word, (counts.get(word) ?? 0) - 1);
    }
  }
  return { hits, hypothesis: hypothesis.flat().length, reference: reference.flat().length };
}

function fmeasured({ hits, hypothesis, reference }: Overlap): Omit<RougeScore, 'score'> {
  const precision = hits / Math.max(hypothesis, 1);
  const recall = hits / Math.max(reference, 1);
  const fmeasure = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision, recall, fmeasure };
}
