// Hides tokens for masked-language-model training, drawn anew each time. Knows nothing of models or batches.
import { ConfigError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { Span } from '../text/span.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { ignoredTarget } from './batches.js';

export interface MaskingOptions {
  /** The token that stands in place of a hidden one, such as `[MASK]`. */
  readonly maskId: number;
  /** Ids are below it. */
  readonly vocabularySize: number;
  /** Ids that are never hidden and never stand in for others: special tokens. */
  readonly special: ReadonlySet<number>;
  /** Part of the tokens to predict, in (0, 1); 0.15 by default. */
  readonly fraction?: number;
  /** Of those, the part that becomes the mask, 0.8 by default, ... */
  readonly maskShare?: number;
  /** ... and the part that becomes any other token, 0.1 by default. The rest stays as it is. */
  readonly randomShare?: number;
}

/** What to read and what to predict, both of the length of the row. */
export interface MaskedRow {
  readonly inputs: Int32Array;
  /** The hidden ids; `ignoredTarget` (-1) where nothing is to be predicted. */
  readonly targets: Int32Array;
}

/** Masking options of a tokenizer. @throws {ConfigError} when it has no mask token */
export function maskingOf(tokenizer: Tokenizer, maskToken = '[MASK]'): MaskingOptions {
  const maskId = tokenizer.specialTokens.get(maskToken);
  if (maskId === undefined) {
    const known = [...tokenizer.specialTokens.keys()].join(', ') || 'none';
    throw new ConfigError(
      `The tokenizer has no special token ${JSON.stringify(maskToken)} to hide others behind. It has: ${known}. Train it with that token among its special tokens.`,
      { fields: { maskToken } },
    );
  }
  const special = new Set(tokenizer.specialTokens.values());
  return { maskId, vocabularySize: tokenizer.vocabularySize, special };
}

/**
 * Chooses round(fraction * tokens) of the tokens, at least one where there is one, and hides them: 80 % become the mask, 10 % a
 * random token, 10 % stay. With `words` whole words are chosen, as long as they fit into that number (the first one always does).
 * Call it each time a row is read, with a stream of its own such as `random.split(epoch).split(row)`: the mask is then dynamic and a
 * resumed run draws the same. Source: Devlin et al. 2019, section 3.1 and `create_pretraining_data.py`; dynamic: Liu et al.
 * 2019 (RoBERTa), section 4.1.
 *
 * @param words the number of the word that each token belongs to, see `wordsOfTokens` and `wordsOfText`
 */
export function maskTokens(
  ids: ArrayLike<number>,
  options: MaskingOptions,
  random: Random,
  words?: ArrayLike<number>,
): MaskedRow {
  const { fraction = 0.15, special } = options;
  const inputs = Int32Array.from(ids);
  const targets = new Int32Array(ids.length).fill(ignoredTarget);
  const places = [...inputs.keys()].filter((place) => !special.has(inputs[place] as number));
  const wanted = Math.max(1, Math.round(places.length * fraction));
  let chosen = 0;
  for (const group of random.shuffle(groupsOf(places, words))) {
    if (chosen >= wanted) break;
    if (chosen > 0 && chosen + group.length > wanted) continue;
    chosen += group.length;
    for (const place of group) {
      const id = inputs[place] as number;
      targets[place] = id;
      inputs[place] = standIn(id, options, random);
    }
  }
  return { inputs, targets };
}

/** Places of the same word together; each place alone without words. */
function groupsOf(places: readonly number[], words: ArrayLike<number> | undefined): number[][] {
  const groups: number[][] = [];
  let last: number | undefined;
  for (const place of places) {
    const word = words?.[place];
    const group = groups.at(-1);
    if (group !== undefined && word !== undefined && word === last) group.push(place);
    else groups.push([place]);
    last = word;
  }
  return groups;
}

function standIn(id: number, options: MaskingOptions, random: Random): number {
  const { maskId, maskShare = 0.8, randomShare = 0.1 } = options;
  const draw = random.uniform();
  if (draw < maskShare) return maskId;
  return draw < maskShare + randomShare ? anyToken(options, random) : id;
}

/** Any id but the special ones, each as likely as the others. */
function anyToken({ vocabularySize, special }: MaskingOptions, random: Random): number {
  for (;;) {
    const id = random.integer(vocabularySize);
    if (!special.has(id)) return id;
  }
}

/** How a token says that it goes on with the word of the one before, by kind of tokenizer. */
const continues: Readonly<Record<string, (token: string) => boolean>> = {
  'word-piece': (token) => token.startsWith('##'),
  unigram: (token) => !token.startsWith('▁'),
  'byte-level-bpe': (token) => /^[\p{L}\p{M}\u0100-\u0143]/u.test(token) && !/^[ĠĊĉč]/.test(token),
};

/**
 * The number of the word of each token, by the spelling of tokens: pieces behind `##` belong to the piece before, and so on. Special tokens
 * are words of their own. Where words are not parted by spaces, as in Chinese, use `wordsOfText`.
 */
export function wordsOfTokens(ids: ArrayLike<number>, tokenizer: Tokenizer): Int32Array {
  const special = new Set(tokenizer.specialTokens.values());
  const goesOn = continues[tokenizer.kind] ?? (() => false);
  let word = -1;
  let afterSpecial = true;
  return Int32Array.from(ids, (id) => {
    const isSpecial = special.has(id);
    if (isSpecial || afterSpecial || !goesOn(tokenizer.tokenOf(id) ?? '')) word++;
    afterSpecial = isSpecial;
    return word;
  });
}

/** `Intl.Segmenter` needs memory that grows fast with its input, so that it is fed piece by piece. In UTF-16 units. */
const segmenterLength = 4000;

/**
 * The number of the word of each token, by the dictionary of `Intl.Segmenter`, so that the characters of a Chinese word are hidden
 * together (Cui et al. 2019, whole word masking for Chinese BERT). A token belongs to the word in which it starts.
 *
 * @param spans where the tokens stand in the text, as `encodeWithOffsets` gives them
 */
export function wordsOfText(text: string, spans: readonly Span[], locale = 'zh'): Int32Array {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'word' });
  const ends: number[] = [];
  for (let at = 0; at < text.length; at += segmenterLength) {
    for (const { index, segment } of segmenter.segment(text.slice(at, at + segmenterLength))) {
      ends.push(at + index + segment.length);
    }
  }
  let word = 0;
  return Int32Array.from(spans, ({ start }) => {
    while (word < ends.length && (ends[word] as number) <= start) word++;
    return word;
  });
}

/** Writing systems that do not part words by spaces. */
const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * The number of the word of each token, whatever the language: by a dictionary where there are characters of a script
 * without spaces, otherwise by the spelling of tokens. The text is what the tokens stand for, so that nothing but them is needed.
 */
export function wordsOfIds(ids: ArrayLike<number>, tokenizer: Tokenizer): Int32Array {
  const decoder = tokenizer.streamDecoder();
  const spans: Span[] = [];
  let text = '';
  for (const id of Array.from(ids)) {
    const start = text.length;
    text += decoder.push(id);
    // What stands before the characters of the token, such as a space, belongs to no word.
    const inner = text.length - text.slice(start).trimStart().length;
    spans.push({ start: Math.min(inner, text.length), end: text.length });
  }
  return withoutSpaces.test(text) ? wordsOfText(text, spans) : wordsOfTokens(ids, tokenizer);
}
