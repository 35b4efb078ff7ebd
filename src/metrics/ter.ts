// TER, the translation edit rate, equal to sacreBLEU and tercom. Knows nothing of where the texts come from.
// Source: Snover et al. 2006, "A Study of Translation Edit Rate with Targeted Human Annotation".
import { SACREBLEU_VERSION } from './sacrebleu-version.js';
import { terWords, type TerTokenizerOptions } from './ter-tokenizer.js';
import type { Score, TextMetric } from './text-metric.js';
import { translationEdits } from './translation-edits.js';

export type TerOptions = TerTokenizerOptions;

export interface TerScore extends Score {
  /** Insertions, deletions, substitutions and shifts, towards the nearest reference of each segment. */
  readonly edits: number;
  /** In words; of each segment the mean over its references. */
  readonly referenceLength: number;
}

/** `TER = 100 * edits / referenceLength`: lower is better, and more than 100 is possible. Statistics: these two. */
export function ter(options: TerOptions = {}): TextMetric<TerScore> {
  const { normalized = false, noPunctuation = false, asianSupport = false, caseSensitive = false } = options;
  return {
    name: 'TER',
    scale: 100,
    higherIsBetter: false,
    settings: {
      case: caseSensitive ? 'mixed' : 'lc',
      tok: 'tercom',
      norm: normalized ? 'yes' : 'no',
      punct: noPunctuation ? 'no' : 'yes',
      asian: asianSupport ? 'yes' : 'no',
      version: SACREBLEU_VERSION,
    },
    statistics(hypothesis, references) {
      const words = terWords(hypothesis, options);
      const lists = references.map((reference) => referenceWords(reference, options));
      const edits = Math.min(...lists.map((list) => translationEdits(words, list)));
      return [edits, lists.reduce((sum, list) => sum + list.length, 0) / lists.length];
    },
    scoreOf: ([edits = 0, referenceLength = 0]) => ({
      score: 100 * editRate(edits, referenceLength),
      edits,
      referenceLength,
    }),
  };
}

/**
 * sacreBLEU tokenizes references twice. It changes little ("dog's." becomes "dog 's ." only on the second pass, when
 * `normalized`), but scores depend on it.
 */
function referenceWords(reference: string, options: TerOptions): string[] {
  return terWords(terWords(reference, options).join(' '), options);
}

/** Edits per reference word; 1 where there is no reference word but something to delete. */
function editRate(edits: number, referenceLength: number): number {
  if (referenceLength > 0) return edits / referenceLength;
  return edits > 0 ? 1 : 0;
}
