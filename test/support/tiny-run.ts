// The run folder of a language model that has learned nothing, for tests of what reads one.
import type { JsonObject } from '../../src/checkpoint/index.js';
import { createRun } from '../../src/checkpoint/index.js';
import { files } from '../../src/core/files.node.js';
import { Random } from '../../src/core/random.js';
import { LanguageModel } from '../../src/models/language-model.js';
import { trainable } from '../../src/tasks/language-model/load.js';
import { trainCharacterTokenizer } from '../../src/text/index.js';

/** @param characters all that it can read @param maxLength tokens it can hold @param sections of config.json */
export async function writeTinyRun(
  path: string,
  characters: string,
  maxLength = 16,
  sections: JsonObject = {},
): Promise<void> {
  const tokenizer = await trainCharacterTokenizer([characters]);
  const config = { vocabularySize: tokenizer.vocabularySize, width: 8, layers: 1, heads: 2, maxLength };
  const run = await createRun(files, path, {
    config: { ...sections, model: config },
    tokenizer: JSON.stringify(tokenizer.toJSON()),
  });
  await run.saveCheckpoint({
    model: trainable(new LanguageModel(config)).init(Random.fromSeed(1)),
    optimizer: {},
    state: {
      step: 1,
      tokens: 1,
      random: Random.fromSeed(1).state(),
      data: null,
      best: null,
      evaluationsSinceBest: 0,
    },
  });
  await run.close();
}
