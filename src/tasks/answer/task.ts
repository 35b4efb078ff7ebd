// The task of finding the answer to a question in a text. Knows nothing of tables or of terminals.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Base } from '../tune/base.js';
import type { Task } from '../tune/task.js';
import type { AnswerRecipe } from './recipe.js';
import { plainJson } from '../../checkpoint/index.js';
import { ConfigError } from '../../core/errors.js';
import { SpanExtractor } from '../../models/span-extractor.js';
import { learnTokenizer } from '../language-model/prepare-data.js';
import { baseReader } from '../tune/base-reader.js';
import { textInContext, wholeText } from '../tune/text-in-context.js';
import { answersOf, findAnswer } from './find-answer.js';
import { OpenAnswerer } from './open-answerer.js';
import { answerPresets, parseAnswerRecipe } from './recipe.js';

export const answerTask: Task<AnswerRecipe> = {
  name: 'answer',
  summary: 'finds the answer to a question in a text',
  roles: {
    question: { column: 'question', holds: 'the question' },
    context: { column: 'context', holds: 'the text that answers it' },
    answer: {
      column: 'answer',
      optional: true,
      holds: 'a stretch of the text; empty where there is no answer',
    },
    start: {
      column: 'answer_start',
      optional: true,
      holds: 'where the answer begins; searched for without it',
    },
  },
  contextRole: 'question',
  bases: ['masked-language-model', 'encoder', 'question-answerer', 'text-classifier'],
  presets: answerPresets,
  parseRecipe: parseAnswerRecipe,
  check: findAnswer,

  async prepare({ files, recipe, rows, columns, base, signal, onProgress }) {
    const texts = rows.flatMap((row) => [
      wholeText(textInContext(row, 'question', columns.context)),
      row.values['context'] ?? '',
    ]);
    const control = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const tokenizer = base?.tokenizer ?? (await learnTokenizer(files, recipe.tokenizer, texts, control));
    const { encoder, ...sizes } = recipe.model;
    const own =
      base === undefined ? { ...encoder, vocabularySize: tokenizer.vocabularySize } : encoderOf(base);
    const { config } = new SpanExtractor(own);
    const mayLackAnswer = rows.some((row) => answersOf(row).length === 0);
    const model = plainJson({ kind: 'question-answerer', encoder: config });
    return { tokenizer, model, details: { ...sizes, mayLackAnswer } };
  },

  initial({ base }) {
    const reading = base === undefined ? [] : baseReader(base).parameters;
    return new Map([...reading].map(([path, tensor]) => [`encoder.${path}`, tensor]));
  },

  open: (options) => new OpenAnswerer(options),
};

/** @throws {ConfigError} when what the base reads with is no encoder */
function encoderOf(base: Base): JsonObject {
  const { config } = baseReader(base);
  if (config.kind === 'encoder') return config as unknown as JsonObject;
  throw new ConfigError(
    `"${base.path}" reads with a model of the kind "${config.kind}", and answers are found with an encoder. Pre-train one with: mneme train --task masked-language-model --data TEXT --out RUN`,
    { fields: { path: base.path, kind: config.kind } },
  );
}
