// A classifier whose tokenizer, labels and model are known: how it learns, validates and is evaluated. Knows nothing of files.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData as Values } from '../../core/tensor-data.js';
import type { Random } from '../../core/random.js';
import type { Tree } from '../../core/tree.js';
import type { Row, RowBatch } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { TextBatch, TextClassifierParameters } from '../../models/text-classifier.js';
import type { Tokenizer } from '../../text/index.js';
import type { ExampleModel, Examples, Named, Validation } from '../../train/index.js';
import type { OpenTask, OpenTaskOptions } from '../tune/task.js';
import type { ScoredTexts } from './calibration.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { EncodedText } from './encoded-text.js';
import { TensorData } from '../../core/tensor-data.js';
import { ignoredTarget, LabelSet } from '../../data/index.js';
import { TextClassifier } from '../../models/text-classifier.js';
import { classificationReport } from '../../metrics/index.js';
import { crossEntropy } from '../../nn/cross-entropy.js';
import {
  expectedCalibrationError,
  fitTemperature,
  negativeLogLikelihood,
  probabilities,
} from './calibration.js';
import { textInContext } from '../tune/text-in-context.js';
import { TextEncoding } from './encoded-text.js';
import { NGramTable } from './n-grams.js';
import { Scorer } from './scorer.js';

const detailsSchema = z.strictObject({
  labels: z.array(z.string()),
  nGrams: z.array(z.string()),
  nGramsPerToken: z.int().nonnegative(),
  maxLength: z.int().positive(),
  labelSmoothing: z.number(),
  wordDropout: z.number(),
  classWeights: z.array(z.number()).nullable(),
});

const finishedSchema = z.looseObject({ temperature: z.number().positive() });

/** A reading to learn from. */
interface LabelledText {
  readonly text: EncodedText;
  readonly label: number;
  /** How much it counts. */
  readonly weight: number;
}

/** The tensors of a step: texts, the class of each as int32 [batch], and how much it counts as float32 [batch]. */
type LabelledBatch = TextBatch<Tensor> & Readonly<Record<'labels' | 'weights', Tensor>>;

export class OpenClassifier implements OpenTask {
  readonly classifier: TextClassifier;
  readonly labels: LabelSet;
  readonly encoding: TextEncoding;
  /** What logits are divided by; 1 before it is known. */
  readonly temperature: number;
  readonly model: ExampleModel;
  private readonly context: readonly string[];
  private readonly details: z.output<typeof detailsSchema>;
  private readonly unknownId: number | undefined;

  constructor({ model, details, tokenizer, context, finished }: OpenTaskOptions) {
    this.classifier = new TextClassifier(model);
    this.details = detailsSchema.parse(details);
    this.labels = new LabelSet(this.details.labels);
    this.temperature = finished === undefined ? 1 : finishedSchema.parse(finished).temperature;
    this.context = context;
    const { nGrams, nGramsPerToken, maxLength } = this.details;
    this.encoding = new TextEncoding({
      tokenizer,
      nGrams: new NGramTable(nGrams),
      nGramsPerToken,
      maxLength,
      marks: marksOf(tokenizer, this.classifier.reader?.config.kind),
    });
    this.unknownId = idAmong(tokenizer, ['[MASK]', '[UNK]', '<unk>']);
    this.model = this.exampleModel();
  }

  /** What is read of a row: several readings where it is long. */
  readings(row: Row): readonly EncodedText[] {
    return this.encoding.readings(textInContext(row, 'text', this.context));
  }

  /** @throws {DataError} when the label was never seen in training */
  labelOf({ values, line }: Row): number {
    return this.labels.indexOf(values['label'] ?? '', `line ${line}`, line);
  }

  check(row: Row): void {
    this.labelOf(row);
  }

  /** Every reading of a text is an example; those of one text count as much as one together. */
  examples(rows: readonly Row[]): Examples {
    const examples = rows.flatMap((row) => {
      const label = this.labelOf(row);
      const readings = this.readings(row);
      const weight = (this.details.classWeights?.[label] ?? 1) / readings.length;
      return readings.map((text): LabelledText => ({ text, label, weight }));
    });
    return {
      lengths: examples.map(({ text }) => this.encoding.lengthOf(text)),
      tensors: (batch, random) => this.tensors(batch, examples, random),
    };
  }

  validation(rows: readonly Row[], runtime: Runtime): Validation & { dispose(): Promise<void> } {
    const scorer = new Scorer(runtime, this.classifier, this.encoding);
    return {
      metric: 'accuracy',
      higherIsBetter: true,
      measure: async (parameters) => {
        const scored = await this.score(rows, parameters, scorer);
        const { accuracy, macroF1 } = this.report(scored);
        return { accuracy, macroF1, loss: negativeLogLikelihood(scored) };
      },
      dispose: () => scorer.dispose(),
    };
  }

  /** Calibrated probabilities of the labels for each text, [texts, classes] row by row. @param scorer with the parameters to use */
  async probabilitiesOf(texts: readonly TextInContext[], scorer: Scorer): Promise<readonly Float64Array[]> {
    const classes = this.labels.labels.length;
    const scored = await scorer.logProbabilities(texts.map((text) => this.encoding.readings(text)));
    return texts.map((_, i) =>
      probabilities(scored.subarray(i * classes, (i + 1) * classes), this.temperature),
    );
  }

  async evaluate(rows: readonly Row[], parameters: Tree<Values>, runtime: Runtime): Promise<JsonObject> {
    const scored = await this.scoreOnce(rows, parameters, runtime);
    const { temperature } = this;
    const calibration = {
      loss: negativeLogLikelihood(scored, temperature),
      calibrationError: expectedCalibrationError(scored, temperature),
      temperature,
    };
    const { accuracy, macroF1, microF1, weightedF1, classes, confusion } = this.report(scored);
    const report = { accuracy, macroF1, microF1, weightedF1, rows: rows.length, ...calibration };
    return { ...report, classes, confusion } as unknown as JsonObject;
  }

  /** Fits the temperature. Source: Guo et al. 2017. */
  async finish(rows: readonly Row[], parameters: Tree<Values>, runtime: Runtime): Promise<JsonObject> {
    const scored = await this.scoreOnce(rows, parameters, runtime);
    const temperature = fitTemperature(scored);
    return {
      temperature,
      calibrationError: {
        before: expectedCalibrationError(scored),
        after: expectedCalibrationError(scored, temperature),
      },
    };
  }

  private async scoreOnce(
    rows: readonly Row[],
    parameters: Tree<Values>,
    runtime: Runtime,
  ): Promise<ScoredTexts> {
    const scorer = new Scorer(runtime, this.classifier, this.encoding);
    try {
      return await this.score(rows, parameters, scorer);
    } finally {
      await scorer.dispose();
    }
  }

  private async score(rows: readonly Row[], parameters: Tree<Values>, scorer: Scorer): Promise<ScoredTexts> {
    const labels = rows.map((row) => this.labelOf(row));
    await scorer.use(parameters);
    const logits = await scorer.logProbabilities(rows.map((row) => this.readings(row)));
    return { logits, labels, classes: this.labels.labels.length };
  }

  private report({ logits, labels, classes }: ScoredTexts) {
    const nameOf = (index: number): string => this.labels.labels[index] ?? '';
    const actual = Array.from(labels, nameOf);
    const predicted = actual.map((_, i) => nameOf(highest(logits.subarray(i * classes, (i + 1) * classes))));
    return classificationReport(predicted, actual, this.labels.labels);
  }

  private tensors(batch: RowBatch, examples: readonly LabelledText[], random: Random): Named<Values> {
    const { batchSize } = batch;
    const own = batch.rows.flatMap((row) => examples[row] ?? []);
    const labels = new Int32Array(batchSize).fill(ignoredTarget);
    const weights = new Float32Array(batchSize);
    own.forEach(({ label, weight }, i) => {
      labels[i] = label;
      weights[i] = weight;
    });
    const texts = own.map(({ text }, i) => this.withDroppedWords(text, random.split(i)));
    return {
      ...this.encoding.tensors(texts, batch),
      labels: new TensorData('int32', [batchSize], labels),
      weights: new TensorData('float32', [batchSize], weights),
    };
  }

  /** Word dropout: tokens are hidden at random. Source: Iyyer et al. 2015, section 3.1 (there they are left out). */
  private withDroppedWords(text: EncodedText, random: Random): EncodedText {
    const { wordDropout } = this.details;
    const { unknownId } = this;
    if (wordDropout === 0 || unknownId === undefined) return text;
    const ids = text.ids.map((id) => (random.uniform() < wordDropout ? unknownId : id));
    return { ...text, ids };
  }

  private exampleModel(): ExampleModel {
    const { classifier } = this;
    const { labelSmoothing } = this.details;
    return {
      init: (random) => classifier.init(random) as unknown as Tree<Values>,
      loss: (parameters, batch, key) => {
        const { labels, weights, ...texts } = batch as unknown as LabelledBatch;
        const own = parameters as unknown as TextClassifierParameters<Tensor>;
        return crossEntropy(classifier.read(own, texts, key), labels, { labelSmoothing, weights });
      },
    };
  }
}

/** The position of the largest number. */
export function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

function idAmong(tokenizer: Tokenizer, names: readonly string[]): number | undefined {
  const name = names.find((name) => tokenizer.idOf(name) !== undefined);
  return name === undefined ? undefined : tokenizer.idOf(name);
}

/** Encoders of BERT's kind read between marks; whatever reads puts something between context and text. */
function marksOf(tokenizer: Tokenizer, reader: string | undefined) {
  const separator = idAmong(tokenizer, ['[SEP]', '</s>', '<|endoftext|>', '<eos>']);
  const start = reader === 'encoder' ? idAmong(tokenizer, ['[CLS]']) : undefined;
  return { start, separator };
}
