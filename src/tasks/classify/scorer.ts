// Runs a classifier on encoded texts: logits for each, in batches of few shapes. Knows nothing of labels.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Executable } from '../../engine/compile.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { TextBatch, TextClassifier, TextClassifierParameters } from '../../models/text-classifier.js';
import type { Named } from '../../train/index.js';
import type { EncodedText, TextEncoding } from './encoded-text.js';
import { invariant } from '../../core/errors.js';
import { flattenTree } from '../../core/tree.js';
import { rowBatchesOnce } from '../../data/index.js';
import { compile } from '../../engine/compile.js';
import { typesOf } from '../../engine/trace.js';
import { once } from '../../train/index.js';
import { probabilities } from './calibration.js';

type Program = Executable<Named<TensorType>, { readonly logits: Tensor }>;
type Trees<T> = { readonly parameters: Tree<T> };

/** Texts of a batch, where there are several. */
const batchSize = 32;
const shortest = 16;
/** Keeps logarithms finite. */
const leastProbability = 1e-30;

export class Scorer {
  private readonly runtime: Runtime;
  private readonly model: TextClassifier;
  private readonly encoding: TextEncoding;
  private readonly programs = new Map<string, Promise<Program>>();
  private readonly lengths: readonly number[];
  private state: DeviceState | undefined;
  private types: Tree<TensorType> | undefined;

  constructor(runtime: Runtime, model: TextClassifier, encoding: TextEncoding) {
    this.runtime = runtime;
    this.model = model;
    this.encoding = encoding;
    const { maxLength } = encoding.options;
    const lengths: number[] = [];
    for (let length = shortest; length < maxLength; length *= 2) lengths.push(length);
    this.lengths = [...lengths, maxLength];
  }

  /** From now on these parameters are used. */
  async use(parameters: Tree<TensorData>): Promise<void> {
    this.types ??= typesOf(parameters) as Tree<TensorType>;
    this.state ??= await this.runtime.createState();
    await this.state.write(flattenTree<TensorData>({ parameters }));
  }

  /**
   * What is said of texts of any length, from the readings of each: the logarithm of the mean of the probabilities over its readings, weighted
   * by their tokens. For a single reading that is log softmax(logits).
   * @returns [texts, classes] in one array, in the order of the texts
   */
  async logProbabilities(texts: readonly (readonly EncodedText[])[]): Promise<Float32Array> {
    const { classes } = this.model.config;
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

  /** @returns logits [texts, classes] in one array, in the order of the texts */
  private async logits(texts: readonly EncodedText[]): Promise<Float32Array> {
    const { classes } = this.model.config;
    const size = texts.length === 1 ? 1 : batchSize;
    const all = new Float32Array(texts.length * classes);
    const buckets = { lengths: this.lengths, batchSizes: this.lengths.map(() => size) };
    const lengths = texts.map((text) => this.encoding.lengthOf(text));
    for (const batch of rowBatchesOnce(lengths, buckets)) {
      const own = batch.rows.flatMap((row) => texts[row] ?? []);
      const logits = await this.run(this.encoding.tensors(own, batch));
      batch.rows.forEach((row, i) =>
        all.set(logits.data.subarray(i * classes, (i + 1) * classes) as Float32Array, row * classes),
      );
    }
    return all;
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.state?.dispose();
  }

  private async run(batch: Named<TensorData>): Promise<TensorData> {
    const { runtime, model, state, types } = this;
    invariant(state !== undefined && types !== undefined, 'There are parameters to score with.');
    const inputs = typesOf(batch);
    const program = await once(this.programs, inputs, () =>
      compile(
        runtime,
        ({ parameters }: Trees<Tensor>, inputs: Named<Tensor>) => ({
          outputs: {
            logits: model.read(
              parameters as unknown as TextClassifierParameters<Tensor>,
              inputs as unknown as TextBatch<Tensor>,
            ),
          },
        }),
        { state: { parameters: types } as Trees<TensorType>, inputs },
      ),
    );
    return (await program.run(state, batch)).logits;
  }
}
