// Which n-grams a text has: of words, of characters inside of words, of Chinese characters, and pairs of words. Knows nothing of what they say.

/** Characters of scripts that are written without spaces between words: each is a unit of its own. */
const unspaced =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Khmer}\\p{Script=Lao}\\p{Script=Myanmar}]';
const units = new RegExp(
  `${unspaced}|(?:(?!${unspaced})[\\p{L}\\p{M}\\p{N}])+|[^\\s\\p{L}\\p{M}\\p{N}]`,
  'gu',
);

/** Units of the longest n-gram of units. */
const longest = 3;
/** Words from the first to the second of a pair, at most. */
const reach = 8;
/** Characters of the n-grams inside of a word and its ends. */
const characters = { shortest: 3, longest: 5 } as const;

/**
 * The n-grams of a text, each once: of up to three words, numbers, signs or Chinese characters in a row; of three to five letters in a
 * word with its ends, as `<` and `>`; and pairs of words with others between, such as `loss~narrowed`, of scripts with spaces only, for a
 * character says too little. Case and width do not count, and every digit counts as 0. Sources: Wang and Manning 2012 (presence of n-grams);
 * Bojanowski et al. 2017, section 3.2 (letters); Siefkes et al. 2004 (pairs with a distance, which does not count here).
 */
export function nGramsOf(text: string): Set<string> {
  const found = new Set<string>();
  const sequence =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/\p{Nd}/gu, '0')
      .match(units) ?? [];
  for (const [i, unit] of sequence.entries()) {
    let joined = unit;
    found.add(joined);
    for (const next of sequence.slice(i + 1, i + longest)) found.add((joined += ` ${next}`));
    addLetters(unit, found);
  }
  addPairs(sequence.filter(isWord), found);
  return found;
}

const isSpacedWord = new RegExp(`^(?!${unspaced})[\\p{L}\\p{M}\\p{N}]*\\p{L}`, 'u');

function isWord(unit: string): boolean {
  return isSpacedWord.test(unit);
}

/** Of words that do not follow each other at once: those are n-grams already. */
function addPairs(words: readonly string[], found: Set<string>): void {
  for (const [i, word] of words.entries())
    for (const other of words.slice(i + 2, i + 1 + reach)) found.add(`${word}~${other}`);
}

function addLetters(word: string, found: Set<string>): void {
  const letters = [...word];
  if (letters.length < characters.shortest) return;
  const marked = ['<', ...letters, '>'];
  for (let length = characters.shortest; length <= characters.longest; length++) {
    for (let start = 0; start + length <= marked.length; start++)
      found.add(`#${marked.slice(start, start + length).join('')}`);
  }
}

/** N-grams by number, from 1. */
export class NGramTable {
  readonly nGrams: readonly string[];
  private readonly numbers: ReadonlyMap<string, number>;

  constructor(nGrams: readonly string[]) {
    this.nGrams = nGrams;
    this.numbers = new Map(nGrams.map((nGram, i) => [nGram, i + 1]));
  }

  /** The `count` n-grams that most texts have, of those that `minimum` texts have at least. */
  static of(
    texts: readonly string[],
    { count, minimum }: { readonly count: number; readonly minimum: number },
  ): NGramTable {
    const frequencies = new Map<string, number>();
    for (const text of texts)
      for (const nGram of nGramsOf(text)) frequencies.set(nGram, (frequencies.get(nGram) ?? 0) + 1);
    const chosen = [...frequencies]
      .filter(([, frequency]) => frequency >= minimum)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, count);
    return new NGramTable(chosen.map(([nGram]) => nGram));
  }

  /** Numbers of the known n-grams of a text, the most frequent first. */
  numbersOf(text: string): Int32Array {
    const numbers = [...nGramsOf(text)].flatMap((nGram) => this.numbers.get(nGram) ?? []);
    return Int32Array.from(numbers).sort();
  }
}
