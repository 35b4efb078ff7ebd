// The tokenizers that BLEU scores are defined by. Knows nothing of BLEU.
// Source: mteval-v13a.pl and mteval-v14.pl of NIST and Moses; "zh" and "char" as defined by sacreBLEU 2.6.0.
import { rewrite, separateNumberPunctuation, separateSymbols, unescapeXml, type Rule } from './rewrite.js';
import { collapseSpaces, trim } from './whitespace.js';

/** Turns a line into tokens with spaces between them. */
type LineTokenizer = (line: string) => string;

const joinLines: readonly Rule[] = [
  [/<skipped>/g, ''],
  [/-\n/g, ''],
  [/\n/g, ' '],
];

const international: readonly Rule[] = [
  [/(\P{N})(\p{P})/gu, '$1 $2 '],
  [/(\p{P})(\P{N})/gu, ' $1 $2'],
  [/(\p{S})/gu, ' $1 '],
];

/**
 * Every character that "zh" sets apart. The range from U+2001 to U+2A6D is more than Chinese: sacreBLEU writes the
 * bounds of Extension B with four hexadecimal digits too few, so that they mean this range, and scores depend on it.
 */
const CHINESE =
  /([\u2001-\u2a6d\u2e80-\u2eff\u2f00-\u2fdf\u2ff0-\u303f\u3100-\u312f\u31a0-\u31bf\u31c0-\u31ef\u3200-\u33ff\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef])/g;

const western = [...separateSymbols, ...separateNumberPunctuation];

const tokenizers = {
  '13a': (line) => collapseSpaces(rewrite(` ${rewrite(line, [...joinLines, ...unescapeXml])} `, western)),
  intl: (line) => collapseSpaces(rewrite(line, international)),
  zh: (line) => collapseSpaces(rewrite(trim(line).replace(CHINESE, ' $1 '), western)),
  char: (line) => [...line].join(' '),
  none: (line) => line,
} satisfies Record<string, LineTokenizer>;

/** `13a`: Western languages; `intl`: any Unicode punctuation; `zh`: Chinese by characters; `char`; `none`: as given. */
export type BleuTokenizerName = keyof typeof tokenizers;

export const bleuTokenizers: Readonly<Record<BleuTokenizerName, LineTokenizer>> = tokenizers;

export const bleuTokenizerNames = Object.keys(tokenizers) as BleuTokenizerName[];
