// What a model tells its memories: each uses it or refuses it.
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { LanguageModel } from '../models/language-model.js';
import { createMemory, memoryKinds } from './create-memory.js';

const shared = { width: 16, heads: 4, maxLength: 16 };
const grouping = ['attention', 'longformer', 'sliding-window'];

describe('heads of keys and values', () => {
  it.each(grouping)('make the state of %s smaller', (kind) => {
    const whole = createMemory(kind, shared).stateBytes(16);
    expect(createMemory(kind, { ...shared, keyValueHeads: 2 }).stateBytes(16)).toBeLessThan(0.51 * whole + 8);
    const own = createMemory({ kind, keyValueHeads: 1 }, shared);
    expect(own.stateBytes(16)).toBe(createMemory(kind, { ...shared, keyValueHeads: 1 }).stateBytes(16));
  });

  it.each(memoryKinds.filter((kind) => !grouping.includes(kind)))('are refused by %s', (kind) => {
    const model = { vocabularySize: 8, memory: ['attention', kind], ...shared };
    expect(() => new LanguageModel({ ...model, keyValueHeads: 2 })).toThrow(
      `blocks.1.memory: ${kind}: keyValueHeads is 2 and heads is 4, and this memory cannot share keys and values`,
    );
    const mixed = { ...model, memory: [{ kind: 'attention', keyValueHeads: 2 }, kind] };
    expect(() => new LanguageModel(mixed)).not.toThrow();
  });
});

describe('sizes', () => {
  it.each(memoryKinds)('of %s are whole numbers above 0', (kind) => {
    for (const width of [-16, 0, 2.5, NaN])
      expect(() => createMemory(kind, { ...shared, width }), String(width)).toThrow(ConfigError);
  });

  it.each(grouping)('of the heads of %s are, too', (kind) => {
    for (const heads of [-4, 0, 0.5])
      expect(() => createMemory(kind, { ...shared, heads })).toThrow(
        `${kind}: heads is ${heads}; it must be a whole number above 0.`,
      );
  });

  it('of a cache leave room for a token', () => {
    expect(() => createMemory('attention', { ...shared, maxLength: 0 })).toThrow(
      'attention: capacity is 0; it must be a whole number of at least 1.',
    );
  });
});

describe('a memory in a configuration', () => {
  it.each([[3], [[null]], [[['gru']]], [[{ window: 3 }]]])(
    'is refused as %j, with what was expected',
    (memory) => {
      expect(() => new LanguageModel({ vocabularySize: 8, ...shared, memory })).toThrow(
        'memory: give the name of a memory, an object with its "kind" and options, or a list of them',
      );
    },
  );
});

/** Biases that are no bias of a linear layer: the first values of rates, and what every query asks in Transformer-XL. */
const rates = /^(gates|gates\.decay|decay|contentBias|distanceBias)\b/u;

describe('biases', () => {
  it.each(memoryKinds)('of %s go with bias: false', (kind) => {
    const named = (bias: boolean): string[] =>
      [...flattenTree(createMemory(kind, { ...shared, bias }).init(Random.fromSeed(1))).keys()].filter(
        (path) => /bias$/iu.test(path) && !rates.test(path),
      );
    expect(named(false)).toEqual([]);
    // Attention of Transformer-XL has none in any case.
    expect(named(true).length > 0).toBe(kind !== 'segment');
  });
});
