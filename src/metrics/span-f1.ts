// F1 of labelled spans, from BIO labels of words: what named entities are measured by. Knows nothing of what the words are.
import { requirePaired } from './checks.js';

/** Words of one kind that belong together, from `start` to before `end`. */
export interface LabelledSpan {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

export interface SpanScores {
  /** Right spans among those that were predicted; 0 where none was. */
  readonly precision: number;
  /** Right spans among those that there are; 0 where there is none. */
  readonly recall: number;
  readonly f1: number;
  /** Spans that there are. */
  readonly support: number;
}

/**
 * The spans of BIO labels: `B-X` begins one, `I-X` goes on with one of the same kind and begins one where there is none, anything
 * else ends it. That is how CoNLL's script `conlleval` reads them (Tjong Kim Sang and Buchholz 2000, section 4).
 */
export function spansOf(labels: readonly string[]): LabelledSpan[] {
  const spans: LabelledSpan[] = [];
  let open: { kind: string; start: number } | undefined;
  const close = (end: number): void => {
    if (open !== undefined) spans.push({ ...open, end });
    open = undefined;
  };
  for (const [i, label] of labels.entries()) {
    const [, prefix, kind = ''] = /^([BI])-(.+)$/.exec(label) ?? [];
    if (prefix === undefined) close(i);
    else if (prefix === 'B' || open?.kind !== kind) {
      close(i);
      open = { kind, start: i };
    }
  }
  close(labels.length);
  return spans;
}

/**
 * Precision, recall and F1 over all spans of all sentences: one is right when its kind and both its ends are.
 * @throws {DataError} when there are not as many sentences on one side as on the other, or none
 */
export function spanF1(
  predicted: readonly (readonly string[])[],
  actual: readonly (readonly string[])[],
): SpanScores {
  requirePaired('predictions', predicted, 'sentences', actual);
  let [right, said, support] = [0, 0, 0];
  for (const [i, labels] of actual.entries()) {
    const known = new Set(spansOf(labels).map((span) => JSON.stringify(span)));
    const found = spansOf(predicted[i] ?? []);
    right += found.filter((span) => known.has(JSON.stringify(span))).length;
    said += found.length;
    support += known.size;
  }
  return {
    precision: right / Math.max(said, 1),
    recall: right / Math.max(support, 1),
    f1: (2 * right) / Math.max(said + support, 1),
    support,
  };
}
