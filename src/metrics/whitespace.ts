// Whitespace as Python's `str` methods see it, since the reference metrics split with them. It differs from
// JavaScript's `\s`: the separators U+001C to U+001F and U+0085 count, the byte order mark U+FEFF does not.

const SPACE = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const SPACES = new RegExp(`${SPACE}+`, 'g');
const LEADING = new RegExp(`^${SPACE}+`);
const TRAILING_CHARACTER = new RegExp(SPACE);

/** `text.split()` of Python: the words between runs of whitespace, none of them empty. */
export function splitWords(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== '');
}

/** `text.rstrip()` of Python. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && TRAILING_CHARACTER.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** `text.strip()` of Python. */
export function trim(text: string): string {
  return trimEnd(text.replace(LEADING, ''));
}

/** Runs of whitespace become one space; none is left at either end. */
export function collapseSpaces(text: string): string {
  return splitWords(text).join(' ');
}

/** `text` without any whitespace. */
export function removeSpaces(text: string): string {
  return text.replace(SPACES, '');
}
