// About how many tokens a text has, for those who bring no tokenizer. Knows no vocabulary.

const denseScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** One token for a Chinese, Japanese or Korean character, one for four characters of anything else, rounded up. */
export function estimateTokens(text: string): number {
  const dense = text.match(denseScript)?.length ?? 0;
  return dense + Math.ceil((text.length - dense) / 4);
}
