// Rewriting a line by a list of regular expressions, and the rules for Western punctuation that the tokenizers of BLEU
// and TER share. Knows nothing of the rest of those tokenizers.

/** A pattern with the `g` flag and what replaces each match. */
export type Rule = readonly [pattern: RegExp, replacement: string];

/** Applies the rules one after the other. */
export function rewrite(line: string, rules: readonly Rule[]): string {
  return rules.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

/** Entities of XML that translations are often full of. `&amp;` comes before the brackets, as in mteval-v13a.pl. */
export const unescapeXml: readonly Rule[] = [
  [/&quot;/g, '"'],
  [/&amp;/g, '&'],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
];

/** Sets every ASCII symbol apart, except the apostrophe, the hyphen, the comma and the period. */
export const separateSymbols: readonly Rule[] = [[/([{-~[-` -&(-+:-@/])/gu, ' $1 ']];

/** Sets periods and commas apart unless digits surround them, and a hyphen that follows a digit. */
export const separateNumberPunctuation: readonly Rule[] = [
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  [/([0-9])(-)/gu, '$1 $2 '],
];
