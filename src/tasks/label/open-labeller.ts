// A labeller whose tokenizer, labels and model are known: how it learns, validates and is evaluated. Knows nothing of files.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData as Values } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Row, RowBatch } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { TokenLabellerParameters } from '../../models/token-labeller.js';
import type { Tokenizer } from '../../text/index.js';
import type { ExampleModel, Examples, Named, Validation } from '../../train/index.js';
import type { OpenTask, OpenTaskOptions } from '../tune/task.js';
import { DataError } from '../../core/errors.js';
import { TensorData } from '../../core/tensor-data.js';
import { ignoredTarget, LabelSet, padRows } from '../../data/index.js';
import { argmax } from '../../engine/ops/reduce.js';
import { accuracy, classificationReport, spanF1 } from '../../metrics/index.js';
import { TokenLabeller } from '../../models/token-labeller.js';
import { crossEntropy } from '../../nn/cross-entropy.js';
import { BatchRunner } from '../tune/batch-runner.js';

/** A sentence as data has it. */
export interface LabelledWords {
  readonly words: readonly string[];
  readonly labels: readonly string[];
}

/** @throws {DataError} when there are not as many labels as words, with the line */
export function labelledWords(row: Row): LabelledWords {
  const { values, line } = row;
  const words = wordsOfRow(row);
  const labels = listOf(values['labels']);
  if (words.length === labels.length) return { words, labels };
  throw new DataError(
    `Line ${line} has ${words.length} words and ${labels.length} labels. Give one label for each word.`,
    { fields: { line, words: words.length, labels: labels.length } },
  );
}

/** The words of a row alone. */
export function wordsOfRow({ values }: Row): readonly string[] {
  return listOf(values['tokens']);
}

/** Lists in a column were joined line by line when the table was read. */
function listOf(text = ''): readonly string[] {
  return text.split('\n').map((word) => word.trim());
}

const detailsSchema = z.strictObject({
  labels: z.array(z.string()),
  maxLength: z.int().positive(),
  /** Whether Chinese was labelled character by character. */
  byCharacter: z.boolean().default(false),
});

/** Words as tokens: where each word begins. */
interface EncodedWords {
  readonly ids: Int32Array;
  /** The place of the first token of each word; those behind `maxLength` are left out. */
  readonly places: readonly number[];
}

type LabelledBatch = Readonly<Record<'ids' | 'lengths' | 'labels', Tensor>>;

/** The label of a word that does not fit into what is read: nothing. */
const outside = 'O';

/** A labeller on a device. */
export interface LabelScorer {
  /** The label of each word of each sentence. */
  label(sentences: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]>;
  dispose(): Promise<void>;
}

export class OpenLabeller implements OpenTask {
  readonly labeller: TokenLabeller;
  readonly labels: LabelSet;
  readonly model: ExampleModel;
  /** Whether Chinese was labelled character by character. */
  readonly byCharacter: boolean;
  private readonly tokenizer: Tokenizer;
  private readonly maxLength: number;

  constructor({ model, details, tokenizer }: OpenTaskOptions) {
    const { labels, maxLength, byCharacter } = detailsSchema.parse(details);
    this.byCharacter = byCharacter;
    this.labeller = new TokenLabeller(model);
    this.labels = new LabelSet(labels);
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.model = {
      init: (random) => this.labeller.init(random) as unknown as Tree<Values>,
      loss: (parameters, batch, key) => {
        const { labels, ...input } = batch as unknown as LabelledBatch;
        const own = parameters as unknown as TokenLabellerParameters<Tensor>;
        return crossEntropy(this.labeller.read(own, { ...input, key }), labels);
      },
    };
  }

  /** The numbers of a row's labels. @throws {DataError} when one was never seen in training, or there are not as many as words */
  check(row: Row): number[] {
    return labelledWords(row).labels.map((label) => this.labels.indexOf(label, `line ${row.line}`, row.line));
  }

  /** The first token of a word has its label; the others do not count. Source: Devlin et al. 2019, section 5.3. */
  examples(rows: readonly Row[]): Examples {
    const sentences = rows.map((row) => ({
      ...this.encode(labelledWords(row).words),
      numbers: this.check(row),
    }));
    return {
      lengths: sentences.map(({ ids }) => ids.length),
      tensors: (batch) => {
        const own = batch.rows.flatMap((row) => sentences[row] ?? []);
        const labels = new Int32Array(batch.batchSize * batch.length).fill(ignoredTarget);
        own.forEach(({ places, numbers }, i) =>
          places.forEach((place, k) => (labels[i * batch.length + place] = numbers[k] ?? ignoredTarget)),
        );
        const shape = [batch.batchSize, batch.length];
        return { ...inputsOf(own, batch), labels: new TensorData('int32', shape, labels) };
      },
    };
  }

  validation(rows: readonly Row[], runtime: Runtime): Validation & { dispose(): Promise<void> } {
    const runner = this.runner(runtime);
    const actual = rows.map((row) => labelledWords(row).labels);
    const isSpans = this.hasSpans;
    return {
      metric: isSpans ? 'spanF1' : 'accuracy',
      higherIsBetter: true,
      measure: async (parameters) => {
        await runner.use(parameters);
        const predicted = await this.predict(
          rows.map((row) => labelledWords(row).words),
          runner,
        );
        const right = { accuracy: accuracy(predicted.flat(), actual.flat()) };
        return isSpans ? { spanF1: spanF1(predicted, actual).f1, ...right } : right;
      },
      dispose: () => runner.dispose(),
    };
  }

  async evaluate(rows: readonly Row[], parameters: Tree<Values>, runtime: Runtime): Promise<JsonObject> {
    const sentences = rows.map(labelledWords);
    for (const row of rows) this.check(row);
    const scorer = await this.scorer(parameters, runtime);
    const predicted = await scorer.label(sentences.map(({ words }) => words)).finally(() => scorer.dispose());
    const actual = sentences.map(({ labels }) => labels);
    const report = classificationReport(predicted.flat(), actual.flat(), this.labels.labels);
    const { precision, recall, f1, support } = spanF1(predicted, actual);
    const spans = { spanF1: f1, spanPrecision: precision, spanRecall: recall, spans: support };
    return {
      accuracy: report.accuracy,
      macroF1: report.macroF1,
      ...(this.hasSpans && spans),
      rows: rows.length,
      words: actual.flat().length,
      classes: report.classes,
      confusion: report.confusion,
    } as unknown as JsonObject;
  }

  /** The model on a device. */
  async scorer(parameters: Tree<Values>, runtime: Runtime): Promise<LabelScorer> {
    const runner = this.runner(runtime);
    await runner.use(parameters);
    return {
      label: (sentences) => this.predict(sentences, runner),
      dispose: () => runner.dispose(),
    };
  }

  /** Whether labels are of the form B-X and I-X. */
  get hasSpans(): boolean {
    return this.labels.labels.some((label) => /^[BI]-./.test(label));
  }

  private runner(runtime: Runtime): BatchRunner {
    return new BatchRunner(runtime, this.maxLength, (parameters, batch) => {
      const input = batch as unknown as LabelledBatch;
      return argmax(this.labeller.read(parameters as unknown as TokenLabellerParameters<Tensor>, input));
    });
  }

  private async predict(
    sentences: readonly (readonly string[])[],
    runner: BatchRunner,
  ): Promise<readonly (readonly string[])[]> {
    const encoded = sentences.map((words) => this.encode(words));
    const found: (readonly string[])[] = [];
    const lengths = encoded.map(({ ids }) => ids.length);
    const tensors = (batch: RowBatch): Named<Values> =>
      inputsOf(
        batch.rows.flatMap((row) => encoded[row] ?? []),
        batch,
      );
    for await (const { batch, values } of runner.run(lengths, tensors)) {
      batch.rows.forEach((row, i) => {
        const { places = [] } = encoded[row] ?? {};
        found[row] = (sentences[row] ?? []).map((_, k) => {
          const place = places[k];
          return place === undefined
            ? outside
            : (this.labels.labels[values[i * batch.length + place] ?? 0] ?? '');
        });
      });
    }
    return found;
  }

  private encode(words: readonly string[]): EncodedWords {
    const ids: number[] = [];
    const places: number[] = [];
    for (const word of words) {
      const pieces = this.tokenizer.encode(word);
      if (ids.length + Math.max(1, pieces.length) > this.maxLength) break;
      places.push(ids.length);
      ids.push(...(pieces.length === 0 ? [0] : pieces));
    }
    return { ids: Int32Array.from(ids), places };
  }
}

function inputsOf(sentences: readonly EncodedWords[], batch: RowBatch): Named<Values> {
  return {
    ...padRows(
      sentences.map(({ ids }) => ids),
      batch,
      0,
    ),
  };
}
