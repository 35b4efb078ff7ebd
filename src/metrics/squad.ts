// Exact match and token F1 of extracted answers. Knows nothing of questions, passages or spans.
// Source: the evaluation script of SQuAD 2.0 (Rajpurkar et al. 2018).
import { matchNgrams, wordNgrams } from './ngrams.js';
import { meanMetric, type TextMetric } from './text-metric.js';
import { collapseSpaces, splitWords } from './whitespace.js';

const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** An answer in lower case, without ASCII punctuation, articles and superfluous spaces. */
export function normalizeAnswer(text: string): string {
  return collapseSpaces(text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLES, ' '));
}

/** Part of the answers that equal one of their references after normalisation. An empty one means "no answer". */
export function exactMatch(): TextMetric {
  return answerMetric('exact match', (answer, reference) => (answer === reference ? 1 : 0));
}

/** Mean F1 of the words that an answer shares with the reference that fits best, after normalisation. */
export function tokenF1(): TextMetric {
  return answerMetric('token F1', (answer, reference) => wordF1(splitWords(answer), splitWords(reference)));
}

function answerMetric(name: string, compare: (answer: string, reference: string) => number): TextMetric {
  return meanMetric(name, { norm: 'squad', version: '2.0+mneme' }, (hypothesis, references) => {
    const answer = normalizeAnswer(hypothesis);
    const normalized = references.map(normalizeAnswer).filter((reference) => reference !== '');
    return Math.max(
      ...(normalized.length === 0 ? [''] : normalized).map((reference) => compare(answer, reference)),
    );
  });
}

function wordF1(answer: readonly string[], reference: readonly string[]): number {
  if (answer.length === 0 || reference.length === 0) return answer.length === reference.length ? 1 : 0;
  const { matched } = matchNgrams(wordNgrams(answer, 1), wordNgrams(reference, 1));
  if (matched === 0) return 0;
  const precision = matched / answer.length;
  const recall = matched / reference.length;
  return (2 * precision * recall) / (precision + recall);
}
