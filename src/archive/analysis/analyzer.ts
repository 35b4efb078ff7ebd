// Turns text into the terms it is found by: words in one form, Chinese simplified and segmented. Knows nothing of indexes.
import { Jieba } from '@node-rs/jieba';
import { dict } from '@node-rs/jieba/dict.js';
import { stemmer } from 'stemmer';
import { simplified } from '../simplified.js';
import { irregularForms } from './irregular-forms.js';
import { stopWords } from './stop-words.js';

/** What a text is found by. */
export interface Analysis {
  /** How often each term occurs. */
  readonly terms: ReadonlyMap<string, number>;
  /** Number of terms, repeats included: the document length of BM25. */
  readonly length: number;
}

const han = String.raw`\p{Script=Han}〇`;
const unspaced = String.raw`\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const runs = new RegExp(
  String.raw`(?<han>[${han}]+)|(?<unspaced>[${unspaced}]+)|(?<number>\p{N}+(?:[.,:]\p{N}+)*)|(?<word>(?:(?![${han}${unspaced}])[\p{L}\p{M}\p{N}])+)`,
  'gu',
);

/** Verbs of place and change take 在, 到 and 成, and are the same verb without; the segmenter joins pronouns to short verbs. */
const complement = /^([住坐站放搬换走跑回飞寄送改变调转写存躺挂停留藏])[在到成]$/u;
const joinedPronoun = /^[我你您他她它](?=.$)/u;

/** Lower case, compatibility forms unified, Latin letters without accents, contractions opened. */
function normalize(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replace(/(\p{L})['’](?:s|m|re|ve|ll|d|t)\b/gu, '$1 ');
}

function* bigrams(run: string): Generator<string> {
  const characters = [...run];
  if (characters.length === 1) yield run;
  for (let i = 0; i + 1 < characters.length; i++) yield `${characters[i]}${characters[i + 1]}`;
}

/** Terms of texts. Loads the Chinese dictionary when the first Chinese text comes. */
export class Analyzer {
  #jieba: Jieba | undefined;
  readonly #stems = new Map<string, string>();

  analyze(text: string): Analysis {
    const terms = new Map<string, number>();
    let length = 0;
    for (const term of this.termsOf(text)) {
      terms.set(term, (terms.get(term) ?? 0) + 1);
      length++;
    }
    return { terms, length };
  }

  /** In order, as often as each occurs. */
  *termsOf(text: string): Generator<string> {
    for (const { groups = {} } of normalize(text).matchAll(runs)) {
      if (groups['word'] !== undefined) yield* this.#word(groups['word']);
      else if (groups['number'] !== undefined) yield groups['number'].replaceAll(',', '');
      else if (groups['han'] !== undefined) yield* this.#chinese(groups['han']);
      else if (groups['unspaced'] !== undefined) yield* bigrams(groups['unspaced']);
    }
  }

  *#word(word: string): Generator<string> {
    if (!stopWords.has(word)) yield this.#stem(word);
  }

  *#chinese(run: string): Generator<string> {
    this.#jieba ??= Jieba.withDict(dict);
    for (const word of this.#jieba.cutForSearch(simplified(run), true))
      if (!stopWords.has(word)) yield word.replace(complement, '$1').replace(joinedPronoun, '');
  }

  #stem(word: string): string {
    const known = this.#stems.get(word);
    if (known !== undefined) return known;
    const stem = /^[a-z]{3,}$/.test(word) ? stemmer(irregularForms.get(word) ?? word) : word;
    if (this.#stems.size >= 50_000) this.#stems.clear();
    this.#stems.set(word, stem);
    return stem;
  }
}
