import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bandKeys, wordingOf } from '../near-duplicate.js';
import { Analyzer } from './analyzer.js';
import { irregularForms } from './irregular-forms.js';
import { stopWords } from './stop-words.js';
import { analyzerVersion } from './version.js';

/** Something for every rule and table of the analyzer, and for the bands that near-duplicates share. */
const sample = [
  [...irregularForms.keys()].join(' '),
  [...stopWords].join(' '),
  "Caroline's painters haven't painted 1,000 cafés at 10:30; ﬁsh cost 3.14, and the Children's running shoes went missing.",
  'generalization nationally hopefulness electricity relational triplicate adjustment bowdlerized',
  '我住在里昂，毕业于中国科学院，去年搬到了南特。他用TypeScript写代码，北京大学的学生喜欢喝乌龙茶。',
  '我住在臺北，喜歡烏龍茶，沒去過東京。',
  'ひらがな カタカナ ภาษาไทย Ελληνικά русский язык العربية 한국어 🙂',
];

test('an analysis that gives other terms or bands has another version', () => {
  const analyzer = new Analyzer();
  const found = sample.map((text) => [[...analyzer.analyze(text).terms], bandKeys(wordingOf(text, 'Ann'))]);
  const digest = createHash('sha256').update(JSON.stringify(found)).digest('hex').slice(0, 16);
  // Where this fails the analysis has changed: raise `analyzerVersion`, and put the new pair here.
  expect([analyzerVersion, digest]).toEqual([2, '4a598d4b1a9ee9d2']);
});
