// Where the characters of a normalized text come from. Knows nothing of tokens.
import type { Span } from './span.js';
import { type NormalizationForm, utf8Length } from './unicode.js';

/** For each code point of the normalized text the stretch of the source that it comes from. */
export function originsOf(text: string, form: NormalizationForm | null): Span[] {
  const normalize = (part: string): string => (form === null ? part : part.normalize(form));
  // Letters with the marks behind them are normalized by themselves, unless they act on each other.
  const letters = text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];
  const parts =
    letters.map(normalize).join('') === normalize(text) ? letters : (text.match(/ |[^ ]+/gu) ?? []);
  let at = 0;
  return parts.flatMap((part) => {
    const span = { start: at, end: (at += part.length) };
    return Array.from(normalize(part), () => span);
  });
}

/** Finds the stretch of a text that some of its UTF-8 bytes belong to. */
export class ByteOrigins {
  private readonly origins: readonly Span[];
  /** The code point that each byte belongs to. */
  private readonly codePointAt: Int32Array;

  /** @param text before it is normalized; the bytes are those of the normalized text */
  constructor(text: string, form: NormalizationForm | null) {
    this.origins = originsOf(text, form);
    const normalized = form === null ? text : text.normalize(form);
    this.codePointAt = new Int32Array(utf8Length(normalized, 0, normalized.length));
    let [byte, index] = [0, 0];
    for (const character of normalized) {
      const end = byte + utf8Length(character, 0, character.length);
      this.codePointAt.fill(index++, byte, end);
      byte = end;
    }
  }

  /** The stretch that the bytes from `start` to before `end` touch. */
  spanOf(start: number, end: number): Span {
    const [first, last] = [
      this.origins[this.codePointAt[start] ?? 0],
      this.origins[this.codePointAt[end - 1] ?? 0],
    ];
    return { start: first?.start ?? 0, end: last?.end ?? 0 };
  }
}
