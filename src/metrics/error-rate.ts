// Word and character error rate of transcripts. Knows nothing of how they were made.
import { editDistance } from '../core/nearest.js';
import type { Score, TextMetric } from './text-metric.js';
import { splitWords, trim } from './whitespace.js';

export interface ErrorRateScore extends Score {
  /** Insertions, deletions and substitutions. */
  readonly edits: number;
  /** Of the references, in words or characters. */
  readonly referenceLength: number;
}

/** `WER = edits / words of the references`, words split at whitespace and compared as they are. 0 is best. */
export function wordErrorRate(): TextMetric<ErrorRateScore> {
  return errorRate('WER', splitWords);
}

/** `CER = edits / characters of the references`: code points, spaces included, except those at both ends. */
export function characterErrorRate(): TextMetric<ErrorRateScore> {
  return errorRate('CER', (text) => [...trim(text)]);
}

/** With several references, each segment is compared with the one that gives it the lowest rate. */
function errorRate(name: string, unitsOf: (text: string) => string[]): TextMetric<ErrorRateScore> {
  return {
    name,
    scale: 1,
    higherIsBetter: false,
    settings: { case: 'mixed', punct: 'yes', version: 'mneme' },
    statistics(hypothesis, references) {
      const units = unitsOf(hypothesis);
      const candidates = references.map((reference) => {
        const list = unitsOf(reference);
        return scoreOf(editDistance(units, list), list.length);
      });
      const best = candidates.reduce((a, b) => (b.score < a.score ? b : a));
      return [best.edits, best.referenceLength];
    },
    scoreOf: ([edits = 0, referenceLength = 0]) => scoreOf(edits, referenceLength),
  };
}

/** Without any reference text every insertion counts as a whole error. */
function scoreOf(edits: number, referenceLength: number): ErrorRateScore {
  return { score: edits / Math.max(referenceLength, 1), edits, referenceLength };
}
