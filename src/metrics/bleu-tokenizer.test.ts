import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { bleuTokenizerNames, bleuTokenizers, type BleuTokenizerName } from './bleu-tokenizer.js';

type Vectors = Readonly<Record<Exclude<BleuTokenizerName, 'none'>, readonly (readonly [string, string])[]>>;

describe('the tokenizers of BLEU', () => {
  it('equal those of sacreBLEU on its vectors', (context) => {
    const file = 'sacrebleu_vectors/sacrebleu_vectors.json';
    const vectors = vectorsOrSkip<{ readonly tokenizers_generated_by_sacrebleu: Vectors }>(context, file);
    const names = bleuTokenizerNames.filter((name) => name !== 'none');
    for (const name of names) {
      const lines = vectors.tokenizers_generated_by_sacrebleu[name];
      expect(lines.length).toBeGreaterThan(0);
      for (const [line, expected] of lines) expect(bleuTokenizers[name](line)).toBe(expected);
    }
  });

  it.each([
    ['13a', 'It costs $1,250.50 (or "more") - right?', 'It costs $ 1,250.50 ( or " more " ) - right ?'],
    ['13a', 'Tom &amp; Ann &lt;3 a-b 5-6.', 'Tom & Ann < 3 a-b 5 - 6 .'],
    ['13a', 'hyphen-\nated <skipped>line\nbreak', 'hyphenated line break'],
    ['intl', 'saftig-grünes „Gras“ – 3,5 €', 'saftig - grünes „ Gras “ – 3,5 €'],
    ['zh', '他说“好”，2031年ok.', '他 说 “ 好 ” ， 2031 年 ok .'],
    ['zh', '\u{20000}\u{20001}', '\u{20000}\u{20001}'],
    ['char', 'a 😀b', 'a   😀 b'],
    ['none', ' as  it is ', ' as  it is '],
  ] as const)('%s turns %j into %j', (name, line, expected) => {
    expect(bleuTokenizers[name](line)).toBe(expected);
  });
});
