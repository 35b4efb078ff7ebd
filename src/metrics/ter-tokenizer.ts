// The tokenizer that TER scores are defined by. Knows nothing of TER.
// Source: Normalizer.java of tercom, in the reading of sacreBLEU 2.6.0.
import { rewrite, separateNumberPunctuation, separateSymbols, unescapeXml, type Rule } from './rewrite.js';
import { splitWords, trimEnd } from './whitespace.js';

export interface TerTokenizerOptions {
  /** Tokenize punctuation, unescape XML, join lines. Default false. */
  readonly normalized?: boolean;
  /** Remove punctuation. Default false. */
  readonly noPunctuation?: boolean;
  /** With `normalized`: Chinese characters become words; with `noPunctuation`: theirs goes too. Default false. */
  readonly asianSupport?: boolean;
  /** Default false. */
  readonly caseSensitive?: boolean;
}

const normalizeWestern: readonly Rule[] = [
  [/\n-/g, ''],
  [/\n/g, ' '],
  ...unescapeXml,
  [/^|$/g, ' '],
  ...separateSymbols,
  [/'s /g, " 's "],
  ...separateNumberPunctuation,
];

const asianPunctuation = String.raw`\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb`;
const fullWidthPunctuation = '\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09';
const punctuation = `[${asianPunctuation}${fullWidthPunctuation}]`;

/** Ideographs, strokes, radicals, compatibility and enclosed forms. Kana stay joined, as tercom's rule never matches. */
const ideographs = String.raw`\u2e80-\u2eff\u31c0-\u31ef\u3200-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f`;

const normalizeAsian: readonly Rule[] = [
  [new RegExp(`([${ideographs}])`, 'g'), ' $1 '],
  [new RegExp(`(${punctuation})`, 'g'), ' $1 '],
];

const removePunctuation: readonly Rule[] = [[/[.,?:;!"()]/g, '']];
const removeAsianPunctuation: readonly Rule[] = [[new RegExp(punctuation, 'g'), '']];

/** The words that TER edits. */
export function terWords(text: string, options: TerTokenizerOptions = {}): string[] {
  const { normalized = false, noPunctuation = false, asianSupport = false, caseSensitive = false } = options;
  const line = trimEnd(text);
  const rules = [
    ...(normalized ? normalizeWestern : []),
    ...(normalized && asianSupport ? normalizeAsian : []),
    ...(noPunctuation ? removePunctuation : []),
    ...(noPunctuation && asianSupport ? removeAsianPunctuation : []),
  ];
  return splitWords(rewrite(caseSensitive ? line : line.toLowerCase(), rules));
}
