// Runs a model on encoded rows in batches of few shapes, compiled when they first come up. Knows nothing of what it computes.
import type { TensorData } from '../../core/tensor-data.js';
import type { TypedArray } from '../../core/dtype.js';
import type { Tree } from '../../core/tree.js';
import type { RowBatch } from '../../data/index.js';
import type { Executable } from '../../engine/compile.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { Named } from '../../train/index.js';
import { invariant } from '../../core/errors.js';
import { flattenTree } from '../../core/tree.js';
import { rowBatchesOnce } from '../../data/index.js';
import { compile } from '../../engine/compile.js';
import { typesOf } from '../../engine/trace.js';
import { once } from '../../train/index.js';

type Program = Executable<Named<TensorType>, { readonly values: Tensor }>;
type Trees<T> = { readonly parameters: Tree<T> };

/** Rows of a batch, where there are several. */
const batchSize = 32;
const shortest = 16;

/** What came of a batch. */
export interface BatchResult {
  readonly batch: RowBatch;
  /** Row-major, with the batch as the first axis. */
  readonly values: TypedArray;
}

export class BatchRunner {
  private readonly runtime: Runtime;
  private readonly model: (parameters: Tree<Tensor>, batch: Named<Tensor>) => Tensor;
  private readonly programs = new Map<string, Promise<Program>>();
  private readonly lengths: readonly number[];
  private state: DeviceState | undefined;
  private types: Tree<TensorType> | undefined;

  /**
   * @param maxLength of the longest row
   * @param model what is computed of a batch: [batch, ...]
   */
  constructor(
    runtime: Runtime,
    maxLength: number,
    model: (parameters: Tree<Tensor>, batch: Named<Tensor>) => Tensor,
  ) {
    this.runtime = runtime;
    this.model = model;
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

  /** Every row once, the shortest first; a single row in a batch of its own. @param tensors of a batch, whose shapes depend on its size and length */
  async *run(
    rowLengths: readonly number[],
    tensors: (batch: RowBatch) => Named<TensorData>,
  ): AsyncGenerator<BatchResult> {
    const size = rowLengths.length === 1 ? 1 : batchSize;
    const buckets = { lengths: this.lengths, batchSizes: this.lengths.map(() => size) };
    for (const batch of rowBatchesOnce(rowLengths, buckets))
      yield { batch, values: (await this.compute(tensors(batch))).data };
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.state?.dispose();
  }

  private async compute(batch: Named<TensorData>): Promise<TensorData> {
    const { runtime, model, state, types } = this;
    invariant(state !== undefined && types !== undefined, 'There are parameters to compute with.');
    const inputs = typesOf(batch);
    const program = await once(this.programs, inputs, () =>
      compile(
        runtime,
        ({ parameters }: Trees<Tensor>, inputs: Named<Tensor>) => ({
          outputs: { values: model(parameters, inputs) },
        }),
        { state: { parameters: types } as Trees<TensorType>, inputs },
      ),
    );
    return (await program.run(state, batch)).values;
  }
}
