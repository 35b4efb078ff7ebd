import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.js';
import { settingsFor } from '../../train/index.js';
import { presetNamed, presetNames } from './presets.js';
import { changeTraining, parseRecipe } from './recipe.js';

const recipe = {
  model: { width: 8, layers: 2, heads: 2, maxLength: 16 },
  training: { steps: 10, batchSize: 2, learningRate: 0.1 },
};

describe('a recipe', () => {
  it('makes every choice that was left open', () => {
    const parsed = parseRecipe(recipe);
    expect(parsed.tokenizer).toEqual({ kind: 'character', specialTokens: [] });
    expect(parsed.training).toMatchObject({ blockLength: 16, accumulation: 1, seed: 1, patience: null });
  });

  it('stays as it is when it is checked again, as a run folder holds it', () => {
    const parsed = parseRecipe(recipe);
    expect(parseRecipe(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  it('keeps how conversations are written, and names a key that is wrong in it', () => {
    const chat = { user: { prefix: 'Q: ' }, assistant: { prefix: 'A: ' }, stop: ['\n'] };
    const parsed = parseRecipe({ ...recipe, chat });
    expect(parsed.chat).toMatchObject({ user: { prefix: 'Q: ', suffix: '' }, stop: ['\n'] });
    expect(parseRecipe(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    expect(() => parseRecipe({ ...recipe, chat: { ...chat, sytem: {} } })).toThrow('Did you mean "system"');
  });

  it('says that choices do not go together before there is a vocabulary', () => {
    expect(() => parseRecipe({ ...recipe, model: { ...recipe.model, heads: 3 } })).toThrow(ConfigError);
  });

  it('says how long to train, in one way', () => {
    const { steps: _, ...training } = recipe.training;
    const parse = (length: object) => parseRecipe({ ...recipe, training: { ...training, ...length } });
    expect(parse({ epochs: 2.5 }).training).toMatchObject({ epochs: 2.5 });
    for (const length of [{}, { steps: 3, epochs: 1 }])
      expect(() => parse(length)).toThrow('either steps or epochs say how long to train');
  });

  it('carries what is remembered only where each row reads on', () => {
    const training = { ...recipe.training, carryState: true };
    expect(() => parseRecipe({ ...recipe, training })).toThrow('training.carryState: what is remembered');
    expect(parseRecipe({ ...recipe, training: { ...training, order: 'sequential' } }).training).toMatchObject(
      { carryState: true },
    );
  });

  it('does not choose the size of the vocabulary: the tokenizer does', () => {
    const model = { ...recipe.model, vocabularySize: 5 };
    expect(() => parseRecipe({ ...recipe, model })).toThrow('unknown key "model.vocabularySize"');
  });
});

describe('changing training settings', () => {
  it('replaces what is named and keeps the rest', () => {
    expect(changeTraining({ steps: 10, seed: 3 }, { seed: 4 })).toEqual({ steps: 10, seed: 4 });
  });

  it('counts in steps or in epochs, whichever was said last', () => {
    expect(changeTraining({ epochs: 3 }, { steps: 5 })).toEqual({ steps: 5 });
    expect(changeTraining({ steps: 5 }, { epochs: 3, seed: 2 })).toEqual({ epochs: 3, seed: 2 });
  });

  it('shortens a warm-up that would take up more than half of the steps', () => {
    const training = { steps: 2000, warmUpSteps: 100 };
    expect(changeTraining(training, { steps: 200 })).toEqual({ steps: 200, warmUpSteps: 100 });
    expect(changeTraining(training, { steps: 50 })).toEqual({ steps: 50, warmUpSteps: 5 });
  });
});

describe('presets', () => {
  it.each(presetNames)('%s is a whole recipe', (name) => {
    const { training, model } = parseRecipe(presetNamed(name));
    const { steps } = settingsFor(training, 1_000_000);
    expect(training.blockLength).toBe(model.maxLength);
    expect(training.warmUpSteps).toBeLessThan(steps);
  });

  it('are found by name only', () => {
    expect(() => presetNamed('char-gpt')).toThrow('Did you mean "char-gpt-cpu"?');
    expect(() => presetNamed('toString')).toThrow(ConfigError);
  });
});
