// The task of telling which of some labels a text has. Knows nothing of tables or of terminals.
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData as Values } from '../../core/tensor-data.js';
import type { Row } from '../../data/index.js';
import type { ReaderConfig } from '../../models/reader.js';
import type { Tokenizer } from '../../text/index.js';
import type { Base } from '../tune/base.js';
import type { Task } from '../tune/task.js';
import type { ClassifyRecipe } from './recipe.js';
import { DataError } from '../../core/errors.js';
import { TensorData } from '../../core/tensor-data.js';
import { LabelSet } from '../../data/index.js';
import { createReader } from '../../models/reader.js';
import { TextClassifier } from '../../models/text-classifier.js';
import { learnTokenizer } from '../language-model/prepare-data.js';
import { baseReader, readableKinds } from '../tune/base-reader.js';
import { balancedWeights } from './class-weights.js';
import { textInContext, wholeText } from '../tune/text-in-context.js';
import { logCountRatios } from './naive-bayes.js';
import { NGramTable } from './n-grams.js';
import { OpenClassifier } from './open-classifier.js';
import { classifyPresets, parseClassifyRecipe } from './recipe.js';

export const classifyTask: Task<ClassifyRecipe> = {
  name: 'classify',
  summary: 'tells which label a text has',
  roles: {
    text: { column: 'text', holds: 'the text' },
    label: { column: 'label', holds: 'its label' },
  },
  contextRole: 'text',
  labelRole: 'label',
  bases: readableKinds,
  presets: classifyPresets,
  parseRecipe: parseClassifyRecipe,

  async prepare({ files, recipe, rows, columns, base, signal, onProgress }) {
    const labels = labelsOf(rows);
    const texts = rows.map((row) => wholeText(textInContext(row, 'text', columns.context)));
    const control = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const tokenizer = base?.tokenizer ?? (await learnTokenizer(files, recipe.tokenizer, texts, control));
    const { featureMinimum: minimum, labelSmoothing, wordDropout, classWeights } = recipe.model;
    const nGrams = NGramTable.of(texts, { count: recipe.model.features, minimum });
    const model = modelOf(recipe, { labels, nGrams, tokenizer, base });
    const details = {
      labels: labels.labels,
      nGrams: nGrams.nGrams,
      nGramsPerToken: nGramsPerToken(texts, tokenizer, nGrams),
      maxLength: Math.min(recipe.model.maxLength, model.reader?.maxLength ?? Infinity),
      labelSmoothing,
      wordDropout,
      classWeights: classWeights === 'balanced' ? balancedWeights(rows.map(labelText), labels.labels) : null,
    };
    return { tokenizer, model: model.config as unknown as JsonObject, details };
  },

  initial({ recipe, rows, base, ...start }) {
    const known = new Map<string, Values>();
    const reading = base === undefined ? [] : baseReader(base).parameters;
    for (const [path, tensor] of reading) known.set(`reader.${path}`, tensor);
    const opened = start.opened as OpenClassifier;
    const { features: count, classes } = opened.classifier.config;
    if (count === 0 || recipe.model.naiveBayes === 0) return known;
    const readings = rows.flatMap((row) =>
      opened.readings(row).map(({ features }) => ({ features, label: opened.labelOf(row) })),
    );
    const features = readings.map((reading) => reading.features);
    const labels = readings.map(({ label }) => label);
    const ratios = logCountRatios(features, labels, { count, classes });
    const weight = ratios.map((ratio) => ratio * recipe.model.naiveBayes);
    return known.set('features.weight', new TensorData('float32', [count + 1, classes], weight));
  },

  open: (options) => new OpenClassifier(options),
};

function labelText({ values }: Row): string {
  return values['label'] ?? '';
}

/** @throws {DataError} when all rows have the same label */
function labelsOf(rows: readonly Row[]): LabelSet {
  const labels = new Set(rows.map(labelText));
  if (labels.size > 1) return LabelSet.of(labels);
  throw new DataError(
    `Every row has the label ${JSON.stringify([...labels][0] ?? '')}: there is nothing to tell apart. Give rows of at least two labels, or name another column with --label-column.`,
    { fields: { labels: [...labels] } },
  );
}

interface ModelParts {
  readonly labels: LabelSet;
  readonly nGrams: NGramTable;
  readonly tokenizer: Tokenizer;
  readonly base: Base | undefined;
}

function modelOf(recipe: ClassifyRecipe, { labels, nGrams, tokenizer, base }: ModelParts): TextClassifier {
  const { reader, pooling, dropout, featureDropout } = recipe.model;
  const own = reader && { ...reader, vocabularySize: tokenizer.vocabularySize };
  const chosen: ReaderConfig | null = base === undefined ? own : baseReader(base).config;
  return new TextClassifier({
    classes: labels.labels.length,
    features: nGrams.nGrams.length,
    dropout,
    featureDropout,
    ...(pooling && { pooling }),
    ...(chosen && { reader: { ...createReader(chosen).config } }),
  });
}

/** Part of the texts whose n-grams all find room. */
const roomy = 0.9;

/** For how many n-grams there is room beside each token. */
function nGramsPerToken(texts: readonly string[], tokenizer: Tokenizer, nGrams: NGramTable): number {
  if (nGrams.nGrams.length === 0) return 0;
  const ratios = texts.map((text) => {
    return nGrams.numbersOf(text).length / Math.max(1, tokenizer.encode(text).length);
  });
  const sorted = ratios.sort((a, b) => a - b);
  return Math.max(1, Math.ceil(sorted[Math.floor(roomy * (sorted.length - 1))] ?? 1));
}
