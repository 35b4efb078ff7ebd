// The Porter stemmer with the extensions of NLTK, which rouge_score uses. Knows nothing of ROUGE; English only.
// Source: Porter 1980, "An algorithm for suffix stripping"; extensions: NLTK, `PorterStemmer.NLTK_EXTENSIONS`.

/** A suffix, what replaces it, and what the rest of the word must fulfil. */
type Rule = readonly [suffix: string, replacement: string, condition?: (stem: string) => boolean];

const irregular = new Map([
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['innings', 'inning'],
  ['outings', 'outing'],
  ['cannings', 'canning'],
  ...['sky', 'news', 'inning', 'outing', 'canning', 'howe', 'proceed', 'exceed', 'succeed'].map(
    (word) => [word, word] as const,
  ),
]);

/** The stem of an English word in lower case. */
export function porterStem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 2) return word;
  const steps = [
    plurals,
    pastAndProgressive,
    finalY,
    doubleSuffixes,
    fullSuffixes,
    bareSuffixes,
    finalE,
    finalL,
  ];
  return steps.reduce((stem, step) => step(stem), word);
}

/** `c` for each consonant and `v` for each vowel; `y` is a vowel after a consonant. */
function pattern(word: string): string {
  let letters = '';
  for (const letter of word) {
    const isVowel = 'aeiou'.includes(letter) || (letter === 'y' && letters.endsWith('c'));
    letters += isVowel ? 'v' : 'c';
  }
  return letters;
}

/** Porter's m: how many times a consonant follows a vowel. */
function measure(stem: string): number {
  return pattern(stem).split('vc').length - 1;
}

const isLong = (stem: string): boolean => measure(stem) > 0;
const isVeryLong = (stem: string): boolean => measure(stem) > 1;

function endsInDoubleConsonant(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && pattern(word).endsWith('c');
}

/** Porter's *o: consonant, vowel, consonant other than w, x, y; NLTK adds words of one vowel and one consonant. */
function endsInShortSyllable(word: string): boolean {
  const letters = pattern(word);
  return letters === 'vc' || (letters.endsWith('cvc') && !/[wxy]$/.test(word));
}

/** Applies the first rule whose suffix fits; when its condition does not hold, the word stays as it is. */
function applyFirst(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const [suffix, replacement, condition] = rule;
  const stem = word.slice(0, word.length - suffix.length);
  return condition === undefined || condition(stem) ? stem + replacement : word;
}

/** Step 1a. */
function plurals(word: string): string {
  const ies: Rule = ['ies', word.length === 4 ? 'ie' : 'i'];
  return applyFirst(word, [['sses', 'ss'], ies, ['ss', 'ss'], ['s', '']]);
}

/** Step 1b. */
function pastAndProgressive(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return applyFirst(word, [['eed', 'ee', isLong]]);
  const stem = word.replace(/(ed|ing)$/, '');
  if (stem === word || !pattern(stem).includes('v')) return word;
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsInDoubleConsonant(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

/** Step 1c. */
function finalY(word: string): string {
  return applyFirst(word, [['y', 'i', (stem) => stem.length > 1 && pattern(stem).endsWith('c')]]);
}

const step2: readonly Rule[] = [
  ['ational', 'ate', isLong],
  ['tional', 'tion', isLong],
  ['enci', 'ence', isLong],
  ['anci', 'ance', isLong],
  ['izer', 'ize', isLong],
  ['bli', 'ble', isLong],
  ['alli', 'al', isLong],
  ['entli', 'ent', isLong],
  ['eli', 'e', isLong],
  ['ousli', 'ous', isLong],
  ['ization', 'ize', isLong],
  ['ation', 'ate', isLong],
  ['ator', 'ate', isLong],
  ['alism', 'al', isLong],
  ['iveness', 'ive', isLong],
  ['fulness', 'ful', isLong],
  ['ousness', 'ous', isLong],
  ['aliti', 'al', isLong],
  ['iviti', 'ive', isLong],
  ['biliti', 'ble', isLong],
  ['fulli', 'ful', isLong],
  ['logi', 'log', (stem) => isLong(`${stem}l`)],
];

/** Step 2. What ends in "alli" is taken through it twice. */
function doubleSuffixes(word: string): string {
  const result = applyFirst(word, step2);
  return word.endsWith('alli') && result !== word ? doubleSuffixes(result) : result;
}

/** Step 3. */
function fullSuffixes(word: string): string {
  return applyFirst(word, [
    ['icate', 'ic', isLong],
    ['ative', '', isLong],
    ['alize', 'al', isLong],
    ['iciti', 'ic', isLong],
    ['ical', 'ic', isLong],
    ['ful', '', isLong],
    ['ness', '', isLong],
  ]);
}

const step4: readonly Rule[] = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map(remove),
  ['ion', '', (stem) => isVeryLong(stem) && /[st]$/.test(stem)],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map(remove),
];

function remove(suffix: string): Rule {
  return [suffix, '', isVeryLong];
}

/** Step 4. */
function bareSuffixes(word: string): string {
  return applyFirst(word, step4);
}

function dropsE(stem: string): boolean {
  return isVeryLong(stem) || (isLong(stem) && !endsInShortSyllable(stem));
}

/** Step 5a. */
function finalE(word: string): string {
  return applyFirst(word, [['e', '', dropsE]]);
}

/** Step 5b. */
function finalL(word: string): string {
  return applyFirst(word, [['ll', 'l', (stem) => isVeryLong(`${stem}l`)]]);
}
