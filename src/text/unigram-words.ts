// The words of the Unigram tokenizer: parted by spaces, each with the space before it. Knows nothing of pieces.
import { originsOf } from './origins.js';
import type { Span } from './span.js';
import type { NormalizationForm } from './unicode.js';

export interface UnigramWord {
  /** Normalized; every space is `▁`, and one stands at the start. */
  readonly word: string;
  /** Where the code points from `start` to before `end` of the word come from. */
  sourceOf(start: number, end: number): Span;
}

/** A word ends before a space; the first one starts with `▁` even where no space does. Metaspace, `prepend_scheme` `always`. */
export function* unigramWords(text: string, form: NormalizationForm | null): Generator<UnigramWord> {
  const normalized = (form === null ? text : text.normalize(form)).replaceAll(' ', '▁');
  const added = normalized === '' || normalized.startsWith('▁') ? 0 : 1;
  const whole = '▁'.repeat(added) + normalized;
  let origins: readonly Span[] | undefined;
  let at = 0;
  for (const word of normalized === '' ? [] : (whole.match(/▁[^▁]*|[^▁]+/gu) ?? [])) {
    const first = at - added;
    at += codePointCount(word);
    const sourceOf = (start: number, end: number): Span => {
      origins ??= originsOf(text, form);
      // The space that was added at the start counts as a part of the first character.
      return {
        start: origins[Math.max(0, first + start)]?.start ?? 0,
        end: origins[Math.max(0, first + end - 1)]?.end ?? 0,
      };
    };
    yield { word, sourceOf };
  }
}

function codePointCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
