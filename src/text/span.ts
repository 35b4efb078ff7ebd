// A stretch of a text. Knows nothing of what stands in it.

/** The text from `start` to before `end`, positions in UTF-16 units: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A stretch of a longer text that was streamed by: its position there, and what it says. */
export interface SpanOfText extends Span {
  readonly text: string;
}

/** The span without the white space at its ends; empty at its end when it holds nothing else. */
export function trimSpan(text: string, { start, end }: Span): Span {
  const inner = text.slice(start, end);
  const from = start + inner.length - inner.trimStart().length;
  return from === end ? { start: end, end } : { start: from, end: start + inner.trimEnd().length };
}

/** The spans between one end and the next, the first from 0. */
export function spansBetween(ends: readonly number[]): Span[] {
  return ends.map((end, i) => ({ start: ends[i - 1] ?? 0, end }));
}
