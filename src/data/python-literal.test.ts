import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { parsePythonLiteral } from './python-literal.js';

describe('a Python literal', () => {
  // What `repr` of Python 3.11 prints for the value on the right.
  it.each<[string, unknown]>([
    [
      `{'a': 1, 'b': "it's", 'c': [True, False, None], 'd': (1, 'x'), 'e': {}}`,
      { a: 1, b: "it's", c: [true, false, null], d: [1, 'x'], e: {} },
    ],
    [
      String.raw`{'a': 'both \' and "', 'b': 'line\nbreak\ttab \\ back'}`,
      { a: `both ' and "`, b: 'line\nbreak\ttab \\ back' },
    ],
    [
      String.raw`['\x00', '\x7f', '\u200b', '\U000e0001', 'é', '你好', '😀']`,
      ['\0', '\x7f', '\u200b', '\u{e0001}', 'é', '你好', '😀'],
    ],
    ['[-1, 1.5, 1e-05, -2.5e+20, []]', [-1, 1.5, 1e-5, -2.5e20, []]],
    [`('only',)`, ['only']],
  ])('is read: %s', (literal, value) => {
    expect(parsePythonLiteral(literal)).toEqual(value);
  });

  it('that is JSON too says the same', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()))),
        (value) => {
          expect(parsePythonLiteral(JSON.stringify(value))).toEqual({ ...value });
        },
      ),
      { examples: [[{ a: 'quote " and \\ and \u2028' }]] },
    );
  });

  it.each(['', '{', "{'a'", "{'a': }", "{'a': 1", "{'a': 1} x", '{1: 2}', "{'a': f()}", "'open", '[1 2]'])(
    'is not: %j',
    (text) => {
      expect(() => parsePythonLiteral(text)).toThrow(DataError);
    },
  );
});
