// Cleans text and cuts it into words as BERT does. Knows nothing of pieces of words.

/** How text is changed before it is cut; the names in `tokenizer.json` differ. */
export interface BertNormalization {
  /** Control characters are dropped, all white space becomes spaces. */
  readonly cleanText: boolean;
  /** Chinese characters become words of their own. */
  readonly splitChinese: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
}

/** What becomes of one character: it is dropped, parts words, is a word of its own, or belongs to one. */
type Part = { readonly kind: 'space' } | { readonly kind: 'alone' | 'letter'; readonly text: string };

/** Where the words are. `start` and `end` are positions of the source. */
export type WordVisitor = (word: string, start: number, end: number) => void;

/** A character of a word as it stands after normalization, and where it comes from. */
export interface SourceCharacter {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const space: readonly Part[] = [{ kind: 'space' }];
/** Unassigned code points stay, as they do in Hugging Face `tokenizers`. */
const controls = /^(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]$/u;
const firstMark = 0x300;
const punctuation = /^[\p{P}$+<=>^`|~]$/u;

/** The blocks that BERT's own code takes for Chinese (`tokenization.py`, `_is_chinese_char`). */
const chinese =
  /^[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]$/u;

/**
 * The basic tokenizer of BERT: words between white space, each punctuation mark and each Chinese character alone.
 * Source: Devlin et al. 2019, `tokenization.py`, `BasicTokenizer`; equal to `BertNormalizer` and `BertPreTokenizer` of Hugging
 * Face `tokenizers`.
 */
export class BertNormalizer {
  readonly normalization: BertNormalization;
  private readonly parts = new Map<number, readonly Part[]>();

  constructor(normalization: BertNormalization) {
    this.normalization = normalization;
  }

  /** Calls `visit` for each word of a well-formed text, in order. */
  eachWord(text: string, visit: WordVisitor): void {
    let word = '';
    let start = 0;
    let end = 0;
    const flush = (): void => {
      if (word !== '') visit(word, start, end);
      word = '';
    };
    this.eachPart(text, (part, from, to) => {
      if (part.kind !== 'letter') flush();
      if (part.kind === 'alone') visit(part.text, from, to);
      if (part.kind !== 'letter') return;
      if (word === '') start = from;
      word += part.text;
      end = to;
    });
    flush();
  }

  /** The characters that the word at `source[start, end)` consists of. */
  charactersOf(source: string, start: number, end: number): SourceCharacter[] {
    const characters: SourceCharacter[] = [];
    this.eachPart(source.slice(start, end), (part, from, to) => {
      if (part.kind !== 'space') characters.push({ text: part.text, start: start + from, end: start + to });
    });
    return characters;
  }

  private eachPart(text: string, visit: (part: Part, start: number, end: number) => void): void {
    for (let at = 0; at < text.length;) {
      const codePoint = text.codePointAt(at) as number;
      const next = at + (codePoint > 0xffff ? 2 : 1);
      const parts = this.partsOf(codePoint);
      const end = parts.length === 0 ? next : this.endOfMarks(text, next);
      for (const part of parts) visit(part, at, end);
      at = end;
    }
  }

  /** Where the marks end that stand behind a letter, are dropped, and so count as a part of it. */
  private endOfMarks(text: string, from: number): number {
    let at = from;
    while (text.charCodeAt(at) >= firstMark) {
      const codePoint = text.codePointAt(at) as number;
      const character = String.fromCodePoint(codePoint);
      if (!/\p{M}/u.test(character) || this.partsOf(codePoint).length > 0) break;
      at += character.length;
    }
    return at;
  }

  private partsOf(codePoint: number): readonly Part[] {
    const known = this.parts.get(codePoint);
    if (known !== undefined) return known;
    const parts = this.analyse(String.fromCodePoint(codePoint));
    this.parts.set(codePoint, parts);
    return parts;
  }

  private analyse(character: string): readonly Part[] {
    const { cleanText, splitChinese, stripAccents, lowercase } = this.normalization;
    if (cleanText && controls.test(character)) return [];
    if (/\p{White_Space}/u.test(character)) return space;
    const alone = splitChinese && chinese.test(character);
    let text = character;
    if (stripAccents) text = text.normalize('NFD').replace(/\p{Mn}/gu, '');
    if (lowercase) text = Array.from(text, (letter) => letter.toLowerCase()).join('');
    return Array.from(text, (letter) => ({
      kind: alone || punctuation.test(letter) ? 'alone' : 'letter',
      text: letter,
    }));
  }
}
