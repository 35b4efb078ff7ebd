// What a language model answers to the questions of a task, compiled once. Knows nothing of training.
import type { Tree } from '../../core/tree.js';
import type { RecallBatch } from '../../data/index.js';
import type { Executable } from '../../engine/compile.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { LanguageModel, LanguageModelParameters } from '../../models/index.js';
import type { RecallAccuracy } from './recall-accuracy.js';
import { throwIfAborted } from '../../core/abort.js';
import { compile } from '../../engine/compile.js';
import { argmax } from '../../engine/ops/reduce.js';
import { int32 } from '../../engine/trace.js';
import { RecallTally } from './recall-accuracy.js';

type Inputs<T> = { readonly inputs: T };
type Answers<T> = { readonly predictions: T };

export class RecallEvaluator {
  private readonly executable: Executable<Inputs<TensorType>, Answers<Tensor>>;

  private constructor(executable: Executable<Inputs<TensorType>, Answers<Tensor>>) {
    this.executable = executable;
  }

  /** @param parameters types of the model's parameters, which lie on the device under `parameters` */
  static async compile(
    runtime: Runtime,
    model: LanguageModel,
    parameters: Tree<TensorType>,
    size: { readonly batchSize: number; readonly length: number },
  ): Promise<RecallEvaluator> {
    const executable = await compile(
      runtime,
      (state: { readonly parameters: Tree<Tensor> }, { inputs }: Inputs<Tensor>) => {
        const { logits } = model.read(state.parameters as LanguageModelParameters<Tensor>, inputs);
        return { outputs: { predictions: argmax(logits, -1) } };
      },
      { state: { parameters }, inputs: { inputs: int32(size.batchSize, size.length) } },
    );
    return new RecallEvaluator(executable);
  }

  /** @throws {AbortedError} when the signal fires */
  async evaluate(
    state: DeviceState,
    batches: Iterable<RecallBatch>,
    signal?: AbortSignal,
  ): Promise<RecallAccuracy> {
    const tally = new RecallTally();
    for (const batch of batches) {
      throwIfAborted(signal);
      const { predictions } = await this.executable.run(state, { inputs: batch.inputs });
      tally.add(batch, predictions.data as Int32Array);
    }
    return tally.result();
  }

  dispose(): Promise<void> {
    return this.executable.dispose();
  }
}
