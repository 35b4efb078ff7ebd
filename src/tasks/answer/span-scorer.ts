// Runs a span extractor on windows: start and end logits for each, in batches of few shapes. Knows nothing of answers.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Executable } from '../../engine/compile.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type {
  QuestionedContexts,
  SpanExtractor,
  SpanExtractorParameters,
  SpanLogits,
} from '../../models/span-extractor.js';
import type { Window, Windows } from './windows.js';
import { flattenTree } from '../../core/tree.js';
import { rowBatchesOnce } from '../../data/index.js';
import { compile } from '../../engine/compile.js';
import { typesOf } from '../../engine/trace.js';
import { once } from '../../train/index.js';

type Program = Executable<QuestionedContexts<TensorType>, SpanLogits<Tensor>>;

/** Windows of a batch, where there are several. */
const batchSize = 8;
const shortest = 32;

/** Logits of the places of one window. */
export type WindowLogits = SpanLogits<ArrayLike<number>>;

export class SpanScorer {
  private readonly runtime: Runtime;
  private readonly model: SpanExtractor;
  private readonly windows: Windows;
  private readonly programs = new Map<string, Promise<Program>>();
  private readonly lengths: readonly number[];
  private state: DeviceState | undefined;

  constructor(runtime: Runtime, model: SpanExtractor, windows: Windows) {
    this.runtime = runtime;
    this.model = model;
    this.windows = windows;
    const { maxLength } = model.config;
    const lengths: number[] = [];
    for (let length = shortest; length < maxLength; length *= 2) lengths.push(length);
    this.lengths = [...lengths, maxLength];
  }

  /** @returns logits of each window, in their order */
  async score(parameters: Tree<TensorData>, windows: readonly Window[]): Promise<readonly WindowLogits[]> {
    const state = (this.state ??= await this.runtime.createState());
    await state.write(flattenTree<TensorData>({ parameters }));
    const size = windows.length === 1 ? 1 : batchSize;
    const buckets = { lengths: this.lengths, batchSizes: this.lengths.map(() => size) };
    const all = new Map<number, WindowLogits>();
    const batches = rowBatchesOnce(
      windows.map(({ ids }) => ids.length),
      buckets,
    );
    for (const { rows, ...shape } of batches) {
      const own = rows.flatMap((row) => windows[row] ?? []);
      const tensors = this.windows.tensors(own, shape);
      const program = await this.program(tensors, parameters);
      const { start, end } = await program.run(state, tensors);
      const { length } = shape;
      rows.forEach((row, i) => {
        const [from, to] = [i * length, (i + 1) * length];
        all.set(row, { start: start.data.slice(from, to), end: end.data.slice(from, to) });
      });
    }
    return windows.map((_, i) => all.get(i) ?? { start: [], end: [] });
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.state?.dispose();
  }

  private program(tensors: QuestionedContexts<TensorData>, parameters: Tree<TensorData>): Promise<Program> {
    const inputs = typesOf(tensors);
    return once(this.programs, { ...inputs }, () =>
      compile(
        this.runtime,
        (state: { readonly parameters: Tree<Tensor> }, given: QuestionedContexts<Tensor>) => ({
          outputs: this.model.read(state.parameters as unknown as SpanExtractorParameters<Tensor>, given),
        }),
        { state: typesOf({ parameters }) as { readonly parameters: Tree<TensorType> }, inputs },
      ),
    );
  }
}
