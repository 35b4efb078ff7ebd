// The task of giving each word of a sentence a label. Knows nothing of tables or of terminals.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Task } from '../tune/task.js';
import type { LabelRecipe } from './recipe.js';
import { DataError } from '../../core/errors.js';
import { LabelSet } from '../../data/index.js';
import { TokenLabeller } from '../../models/token-labeller.js';
import { learnTokenizer } from '../language-model/prepare-data.js';
import { baseReader, readableKinds } from '../tune/base-reader.js';
import { labelledWords, OpenLabeller } from './open-labeller.js';
import { areCharacters } from './words.js';
import { labelPresets, parseLabelRecipe } from './recipe.js';

export const labelTask: Task<LabelRecipe> = {
  name: 'label',
  summary: 'gives each word of a sentence a label',
  roles: {
    tokens: { column: 'tokens', holds: 'the words of a sentence, as a list or one a line' },
    labels: { column: 'labels', holds: 'the label of each word, such as B-PER, I-PER, O' },
  },
  bases: readableKinds,
  presets: labelPresets,
  parseRecipe: parseLabelRecipe,
  check: labelledWords,

  async prepare({ files, recipe, rows, base, signal, onProgress }) {
    const sentences = rows.map(labelledWords);
    const labels = new Set(sentences.flatMap((sentence) => sentence.labels));
    if (labels.size < 2) {
      throw new DataError(
        `Every word has the label ${JSON.stringify([...labels][0] ?? '')}: there is nothing to tell apart. Give words of at least two labels.`,
        { fields: { labels: [...labels] } },
      );
    }
    const texts = sentences.map(({ words }) => words.join(' '));
    const control = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const tokenizer = base?.tokenizer ?? (await learnTokenizer(files, recipe.tokenizer, texts, control));
    const own = { ...recipe.model.reader, vocabularySize: tokenizer.vocabularySize };
    const model = new TokenLabeller({
      classes: labels.size,
      reader: base === undefined ? own : baseReader(base).config,
      dropout: recipe.model.dropout,
    });
    const maxLength = Math.min(recipe.model.maxLength, model.reader.maxLength);
    const byCharacter = areCharacters(sentences.flatMap(({ words }) => words));
    const details = { labels: LabelSet.of(labels).labels, maxLength, byCharacter };
    return { tokenizer, model: model.config as unknown as JsonObject, details };
  },

  initial({ base }) {
    const reading = base === undefined ? [] : [...baseReader(base).parameters];
    return new Map(reading.map(([path, tensor]) => [`reader.${path}`, tensor]));
  },

  open: (options) => new OpenLabeller(options),
};
