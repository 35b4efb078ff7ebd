import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.js';
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

  it('says that choices do not go together before there is a vocabulary', () => {
    expect(() => parseRecipe({ ...recipe, model: { ...recipe.model, heads: 3 } })).toThrow(ConfigError);
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

  it('shortens a warm-up that would take up more than half of the steps', () => {
    const training = { steps: 2000, warmUpSteps: 100 };
    expect(changeTraining(training, { steps: 200 })).toEqual({ steps: 200, warmUpSteps: 100 });
    expect(changeTraining(training, { steps: 50 })).toEqual({ steps: 50, warmUpSteps: 5 });
  });
});

describe('presets', () => {
  it.each(presetNames)('%s is a whole recipe', (name) => {
    const { training, model } = parseRecipe(presetNamed(name));
    expect(training.blockLength).toBe(model.maxLength);
    expect(training.warmUpSteps).toBeLessThan(training.steps);
  });

  it('are found by name only', () => {
    expect(() => presetNamed('char-gpt')).toThrow('Did you mean "char-gpt-cpu"?');
    expect(() => presetNamed('toString')).toThrow(ConfigError);
  });
});
