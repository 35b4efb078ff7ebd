// Runs a span extractor on windows: start and end logits for each. Knows nothing of answers.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type {
  QuestionedContexts,
  SpanExtractor,
  SpanExtractorParameters,
  SpanLogits,
} from '../../models/span-extractor.js';
import type { Window, Windows } from './windows.js';
import { stack } from '../../engine/ops/slicing.js';
import { BatchRunner } from '../tune/batch-runner.js';

/** Logits of the places of one window. */
export type WindowLogits = SpanLogits<ArrayLike<number>>;

export class SpanScorer {
  private readonly runner: BatchRunner;
  private readonly windows: Windows;

  constructor(runtime: Runtime, model: SpanExtractor, windows: Windows) {
    this.windows = windows;
    this.runner = new BatchRunner(runtime, model.config.maxLength, (parameters, batch) => {
      const own = parameters as unknown as SpanExtractorParameters<Tensor>;
      const { start, end } = model.read(own, batch as unknown as QuestionedContexts<Tensor>);
      return stack([start, end], 1); // [batch, 2, time]
    });
  }

  /** @returns logits of each window, in their order */
  async score(parameters: Tree<TensorData>, windows: readonly Window[]): Promise<readonly WindowLogits[]> {
    await this.runner.use(parameters);
    const all: WindowLogits[] = windows.map(() => ({ start: [], end: [] }));
    const lengths = windows.map(({ ids }) => ids.length);
    const tensors: Parameters<BatchRunner['run']>[1] = (batch) => ({
      ...this.windows.tensors(
        batch.rows.flatMap((row) => windows[row] ?? []),
        batch,
      ),
    });
    for await (const { batch, values } of this.runner.run(lengths, tensors)) {
      const { rows, length } = batch;
      const part = (place: number): ArrayLike<number> => values.slice(place * length, (place + 1) * length);
      rows.forEach((row, i) => (all[row] = { start: part(2 * i), end: part(2 * i + 1) }));
    }
    return all;
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }
}
