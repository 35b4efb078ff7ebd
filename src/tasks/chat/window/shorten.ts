// The beginning of a text that fits a number of tokens. Knows nothing of what the text is.

const mark = ' …';

/** How a text looks that was cut after so many UTF-16 units. */
export const cutAfter = (text: string, length: number): string => `${text.slice(0, length)}${mark}`;

/** After how many UTF-16 units a text was cut that `shorten` made. */
export const cutOf = (shortened: string): number => shortened.length - mark.length;

/** The largest number up to `high` that `fits`, which holds for all numbers below some that it holds for; 0 where none does. */
export function largest(high: number, fits: (n: number) => boolean): number {
  let low = 0;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The beginning of a text, never half a surrogate pair. */
export const prefixOf = (text: string, length: number): string =>
  text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');

/** Without the word that was cut, unless that is most of what is left. Chinese is cut between characters. */
function atWordEnd(text: string, whole: string): string {
  const next = whole[text.length] ?? '';
  if (!/[\p{L}\p{N}]$/u.test(text) || !/^[\p{L}\p{N}]/u.test(next) || /\p{Script=Han}/u.test(next))
    return text;
  const cut = text.replace(/[^\s\p{Script=Han}]+$/u, '');
  return cut.length * 2 > text.length ? cut : text;
}

/**
 * The text, or its beginning with an ellipsis.
 *
 * @param fits whether a text has few enough tokens
 * @returns `undefined` when not even one character fits
 */
export function shorten(text: string, fits: (text: string) => boolean): string | undefined {
  if (fits(text)) return text;
  const length = largest(text.length, (n) => fits(`${text.slice(0, n)}${mark}`));
  const prefix = prefixOf(text, length);
  const cut = `${atWordEnd(prefix, text).trimEnd()}${mark}`;
  return prefix === '' || !fits(cut) ? undefined : cut;
}
