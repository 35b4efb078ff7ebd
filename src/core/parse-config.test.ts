import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { parseConfig } from './parse-config.js';

const schema = z.strictObject({
  name: z.string(),
  training: z.strictObject({ steps: z.int().positive(), learningRate: z.number().default(0.1) }).optional(),
  tokenizer: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('character') }),
      z.strictObject({ kind: z.literal('pairs'), vocabularySize: z.int() }),
    ])
    .default({ kind: 'character' }),
});

const messageOf = (input: unknown): string => {
  try {
    parseConfig(schema, input, 'Plan');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return 'no error';
};

it('fills in defaults', () => {
  expect(parseConfig(schema, { name: 'a', training: { steps: 2 } }, 'Plan')).toEqual({
    name: 'a',
    training: { steps: 2, learningRate: 0.1 },
    tokenizer: { kind: 'character' },
  });
});

it('names the nearest known key, at any depth', () => {
  expect(messageOf({ nmae: 'a', name: 'a' })).toBe('Plan: unknown key "nmae". Did you mean "name"?');
  expect(messageOf({ name: 'a', training: { steps: 2, learningrate: 1 } })).toBe(
    'Plan: unknown key "training.learningrate". Did you mean "learningRate"?',
  );
});

it('knows the keys of each variant', () => {
  expect(messageOf({ name: 'a', tokenizer: { kind: 'pairs', vocabularySize: 1, vocabulary: 1 } })).toContain(
    'unknown key "tokenizer.vocabulary". Did you mean "vocabularySize"?',
  );
});

it('says where a value is wrong', () => {
  expect(messageOf({ name: 'a', training: { steps: -1 } })).toContain('Plan: training.steps: ');
  expect(messageOf(7)).toContain('Plan: the configuration: ');
});
