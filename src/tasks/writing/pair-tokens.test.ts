// Pairs with their context as token ids.
import { expect, it } from 'vitest';
import { trainBpe } from '../../text/index.js';
import { PairEncoder, pairSpecialTokens } from './pair-tokens.js';

const tokenizer = await trainBpe(['ab cd'], { vocabularySize: 262, specialTokens: [...pairSpecialTokens] });
const options = { lowercase: true, maxSourceTokens: 10, maxTargetTokens: 8, context: ['topic', 'turn'] };
const encoder = new PairEncoder(tokenizer, options);
const bytes = (text: string): number[] => Array.from(tokenizer.encode(text));
const { endToken } = encoder.ids;

it('puts context in front of a source, each part with an end, and cuts its far end first', () => {
  const given = { text: 'XYZ', context: ['q', '你'] };
  expect(encoder.source(given)).toEqual([
    ...bytes('q'),
    endToken,
    ...bytes('你'),
    endToken,
    ...bytes('xyz'),
    endToken,
  ]);
  const long = { text: 'uvwxyz', context: ['q', 'rs'] };
  expect(encoder.source(long)).toEqual([...bytes('rs'), endToken, ...bytes('uvwxyz'), endToken]);
  expect(encoder.source({ text: 'qrstuvwxyz', context: ['q'] })).toEqual([...bytes('qrstuvwxy'), endToken]);
  expect(encoder.source('xyz')).toEqual([...bytes('xyz'), endToken]);
});

it('leaves at least half of the room to a text that is read in parts', () => {
  expect(encoder.roomBeside([])).toBe(9);
  expect(encoder.roomBeside(['q'])).toBe(7);
  expect(encoder.roomBeside(['qrstuvwxyz', 'qrstuvwxyz'])).toBe(5);
});

it('takes the context of a row from its columns, empty ones too', () => {
  const values = { source: 'xy', target: 'z', 'context.0': '', 'context.1': 'q' };
  const { source } = encoder.pair({ values, line: 1 }, 'source', 'target');
  expect(source).toEqual([endToken, ...bytes('q'), endToken, ...bytes('xy'), endToken]);
});
