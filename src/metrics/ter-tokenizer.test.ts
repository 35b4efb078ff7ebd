import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { terWords } from './ter-tokenizer.js';

type Lines = readonly (readonly [line: string, expected: string])[];
type Vectors = Readonly<
  Record<
    'test_tokenizer_ter.py',
    Readonly<Record<`test_cases_${'default' | 'no_punct' | 'norm' | 'asian'}`, Lines>>
  >
>;

describe('the tokenizer of TER', () => {
  it.for([
    ['test_cases_default', {}],
    ['test_cases_no_punct', { noPunctuation: true }],
    ['test_cases_norm', { normalized: true }],
    ['test_cases_asian', { normalized: true, asianSupport: true }],
  ] as const)('equals that of sacreBLEU on %s', ([group, options], context) => {
    const vectors = vectorsOrSkip<Vectors>(context, 'sacrebleu_vectors/sacrebleu_vectors.json');
    for (const [line, expected] of vectors['test_tokenizer_ter.py'][group]) {
      expect(terWords(line, options).join(' ')).toBe(expected);
    }
  });

  it('keeps capitals on request', () => {
    expect(terWords('Ab C')).toEqual(['ab', 'c']);
    expect(terWords('Ab C', { caseSensitive: true })).toEqual(['Ab', 'C']);
  });

  it('removes Chinese punctuation only with Asian support', () => {
    expect(terWords('好。Yes!', { noPunctuation: true })).toEqual(['好。yes']);
    expect(terWords('好。Yes!', { noPunctuation: true, asianSupport: true })).toEqual(['好yes']);
  });
});
