// Words as ROUGE compares them: English as in rouge_score, Chinese by characters or by words. Knows nothing of ROUGE.
import { requireKnown } from './checks.js';
import { porterStem } from './porter-stemmer.js';

/** Splits a text into words; what is not a word may be among them. */
export type WordSegmenter = (text: string) => Iterable<string>;

export const rougeTokenizerNames = ['english', 'characters', 'words'] as const;

/**
 * `english`: runs of a to z and 0 to 9, as in rouge_score, blind to all other scripts. `characters`: each Chinese
 * character and each kana is a word, letters and digits of other scripts form words as they stand together. `words`:
 * what a word segmenter finds. Punctuation is never a word.
 */
export type RougeTokenizerName = (typeof rougeTokenizerNames)[number];

export interface RougeTokenizerOptions {
  /** Default `english`. */
  readonly tokenize?: RougeTokenizerName;
  /** Porter stems of the English words longer than three letters. Default false. */
  readonly stemmer?: boolean;
  /** Of `words`. Default {@link segmentWords}. */
  readonly segmenter?: WordSegmenter;
}

/** @throws {ConfigError} for an unknown tokenizer */
export function rougeTokenizer(options: RougeTokenizerOptions = {}): (text: string) => string[] {
  const { stemmer = false, segmenter = segmentWords } = options;
  const name = requireKnown('ROUGE tokenizer', options.tokenize ?? 'english', rougeTokenizerNames);
  const split = {
    english: (text: string) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [],
    characters: (text: string) => text.toLowerCase().match(CHARACTER_OR_RUN) ?? [],
    words: (text: string) => [...segmenter(text.toLowerCase())].filter((word) => /[\p{L}\p{N}]/u.test(word)),
  }[name];
  return stemmer ? (text) => split(text).map(stemEnglish) : split;
}

const CHARACTER_OR_RUN =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[\p{L}\p{N}\p{M}])+/gu;

function stemEnglish(word: string): string {
  return /^[a-z0-9]{4,}$/.test(word) ? porterStem(word) : word;
}

/** `Intl.Segmenter` needs memory that grows fast with its input, so that it is fed piece by piece. */
const PIECE = /[^]{1,4000}(?=[\s\p{P}]|$)|[^]{1,4000}/gu;

/** Words and what stands between them, by the dictionary of `Intl.Segmenter`. */
export function segmentWords(text: string): string[] {
  const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });
  return (text.match(PIECE) ?? []).flatMap((piece) =>
    Array.from(segmenter.segment(piece), ({ segment }) => segment),
  );
}
