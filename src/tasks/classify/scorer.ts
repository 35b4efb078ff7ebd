// Runs a classifier on encoded texts of any length. Knows nothing of labels.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { TextBatch, TextClassifier, TextClassifierParameters } from '../../models/text-classifier.js';
import type { EncodedText, TextEncoding } from './encoded-text.js';
import { BatchRunner } from '../tune/batch-runner.js';
import { probabilities } from './calibration.js';

/** Keeps logarithms finite. */
const leastProbability = 1e-30;

export class Scorer {
  private readonly classes: number;
  private readonly encoding: TextEncoding;
  private readonly runner: BatchRunner;

  constructor(runtime: Runtime, model: TextClassifier, encoding: TextEncoding) {
    this.classes = model.config.classes;
    this.encoding = encoding;
    this.runner = new BatchRunner(runtime, encoding.options.maxLength, (parameters, batch) =>
      model.read(
        parameters as unknown as TextClassifierParameters<Tensor>,
        batch as unknown as TextBatch<Tensor>,
      ),
    );
  }

  /** From now on these parameters are used. */
  use(parameters: Tree<TensorData>): Promise<void> {
    return this.runner.use(parameters);
  }

  /**
   * What is said of texts of any length, from the readings of each: the logarithm of the mean of the probabilities over its readings, weighted
   * by their tokens. For a single reading that is log softmax(logits).
   * @returns [texts, classes] in one array, in the order of the texts
   */
  async logProbabilities(texts: readonly (readonly EncodedText[])[]): Promise<Float32Array> {
    const { classes } = this;
    const logits = await this.logits(texts.flat());
    const all = new Float32Array(texts.length * classes);
    let first = 0;
    texts.forEach((readings, i) => {
      const mean = new Float64Array(classes);
      const total = readings.reduce((sum, { ids }) => sum + Math.max(1, ids.length), 0);
      readings.forEach(({ ids }, k) => {
        const own = probabilities(logits.subarray((first + k) * classes, (first + k + 1) * classes));
        own.forEach((p, j) => (mean[j] = (mean[j] ?? 0) + (p * Math.max(1, ids.length)) / total));
      });
      all.set(
        mean.map((p) => Math.log(Math.max(p, leastProbability))),
        i * classes,
      );
      first += readings.length;
    });
    return all;
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }

  /** @returns logits [texts, classes] in one array, in the order of the texts */
  private async logits(texts: readonly EncodedText[]): Promise<Float32Array> {
    const { classes, encoding } = this;
    const all = new Float32Array(texts.length * classes);
    const lengths = texts.map((text) => encoding.lengthOf(text));
    const results = this.runner.run(lengths, (batch) =>
      encoding.tensors(
        batch.rows.flatMap((row) => texts[row] ?? []),
        batch,
      ),
    );
    for await (const { batch, values } of results) {
      const rows = values as Float32Array;
      batch.rows.forEach((row, i) => all.set(rows.subarray(i * classes, (i + 1) * classes), row * classes));
    }
    return all;
  }
}
