// The loss over examples that nothing is learned from, as what validates. Knows no particular model.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Buckets, RowBatch } from '../data/index.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import type { Examples, Validation } from './examples.js';
import type { Named } from './row-table.js';
import type { Loss } from './trainable.js';
import { flattenTree } from '../core/tree.js';
import { rowBatchesOnce } from '../data/index.js';
import { compile } from '../engine/compile.js';
import { cast } from '../engine/ops/cast.js';
import { typesOf } from '../engine/trace.js';
import { perplexity } from '../metrics/perplexity.js';
import { once } from './row-trainer.js';

export interface HeldLossOptions {
  readonly runtime: Runtime;
  readonly examples: Examples;
  /** The loss of a batch, nothing dropped. */
  readonly loss: (parameters: Tree<Tensor>, batch: Named<Tensor>) => Loss;
  readonly buckets: Buckets;
  /** What is drawn, such as masks, is the same in every measurement. */
  readonly random: Random;
}

type Program = Executable<Named<TensorType>, { readonly sum: Tensor; readonly count: Tensor }>;

/** Mean loss in nats and perplexity, exact for each target. */
export class HeldLoss implements Validation {
  readonly metric = 'loss';
  readonly higherIsBetter = false;
  private readonly options: HeldLossOptions;
  private readonly batches: readonly RowBatch[];
  private readonly programs = new Map<string, Promise<Program>>();

  /** @throws {DataError} when an example fits into no bucket */
  constructor(options: HeldLossOptions) {
    this.options = options;
    this.batches = rowBatchesOnce(options.examples.lengths, options.buckets);
  }

  async measure(parameters: Tree<TensorData>): Promise<Named<number>> {
    const { runtime, examples, random } = this.options;
    const state = await runtime.createState();
    let [total, targets] = [0, 0];
    try {
      await state.write(flattenTree<TensorData>({ parameters }));
      for (const [i, batch] of this.batches.entries()) {
        const tensors = await examples.tensors(batch, random.split(i), async () => parameters);
        const program = await this.program(tensors, parameters);
        const { sum, count } = await program.run(state, tensors);
        total += sum.data[0] ?? Number.NaN;
        targets += count.data[0] ?? Number.NaN;
      }
    } finally {
      await state.dispose();
    }
    const loss = total / targets;
    return { loss, perplexity: perplexity(loss) };
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
  }

  private program(tensors: Named<TensorData>, parameters: Tree<TensorData>): Promise<Program> {
    const { runtime, loss } = this.options;
    const inputs = typesOf(tensors);
    return once(this.programs, inputs, () =>
      compile(
        runtime,
        (state: { readonly parameters: Tree<Tensor> }, batch: Named<Tensor>) => {
          const { sum, count } = loss(state.parameters, batch);
          return { outputs: { sum, count: cast(count, 'float32') } };
        },
        { state: typesOf({ parameters }) as { readonly parameters: Tree<TensorType> }, inputs },
      ),
    );
  }
}
