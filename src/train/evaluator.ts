// The loss of a model over a text, exact for each token. Knows nothing of training.
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { Batch, BatchSize, Tokens } from '../data/index.js';
import type { Trainable } from './trainable.js';
import { throwIfAborted } from '../core/abort.js';
import { evaluationBatches, tokenRange } from '../data/index.js';
import { compile } from '../engine/compile.js';
import { int32 } from '../engine/trace.js';
import { bitsPerByte, perplexity } from '../metrics/perplexity.js';

/** How well a model predicts a text. */
export interface Evaluation {
  /** Mean cross-entropy, in nats per token. */
  readonly loss: number;
  readonly perplexity: number;
  /** `null` when nobody knows how many bytes the tokens stand for. */
  readonly bitsPerByte: number | null;
  /** Tokens that were predicted: all but the first. */
  readonly tokens: number;
}

export interface EvaluationOptions {
  /** UTF-8 bytes of the text that the predicted tokens stand for. */
  readonly textBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number) => void;
}

/** What the graph returns: scalars, float32. */
interface Sums<T> {
  readonly sum: T;
  readonly count: T;
}

type BatchTypes = Readonly<Record<'inputs' | 'targets', TensorType>>;

/** The beginning of a text that fills at most `batches` batches; `null`: all of it. */
export function firstBatches(tokens: Tokens, batches: number | null, size: BatchSize): Tokens {
  if (batches === null) return tokens;
  return tokenRange(tokens, 0, Math.min(tokens.count, batches * size.batchSize * size.blockLength + 1));
}

/** A compiled loss. The parameters are those of the device state that it is given, under `parameters`. */
export class Evaluator {
  private readonly executable: Executable<BatchTypes, Sums<Tensor>>;
  private readonly size: BatchSize;

  private constructor(executable: Executable<BatchTypes, Sums<Tensor>>, size: BatchSize) {
    this.executable = executable;
    this.size = size;
  }

  static async compile(
    runtime: Runtime,
    model: Trainable,
    parameters: Tree<TensorType>,
    size: BatchSize,
  ): Promise<Evaluator> {
    const block = int32(size.batchSize, size.blockLength);
    const executable = await compile(
      runtime,
      (state: { readonly parameters: Tree<Tensor> }, batch: Readonly<Record<keyof BatchTypes, Tensor>>) => {
        const { sum, count } = model.loss(state.parameters, batch.inputs, batch.targets);
        return { outputs: { sum, count } };
      },
      { state: { parameters }, inputs: { inputs: block, targets: block } },
    );
    return new Evaluator(executable, size);
  }

  /**
   * Every token but the first is predicted once, from what precedes it in its block.
   * @throws {DataError} when there are fewer than two tokens
   * @throws {AbortedError} when the signal fires
   */
  async evaluate(state: DeviceState, tokens: Tokens, options: EvaluationOptions = {}): Promise<Evaluation> {
    let nats = 0;
    let predicted = 0;
    for await (const batch of ahead(evaluationBatches(tokens, this.size))) {
      throwIfAborted(options.signal);
      const { sum, count } = await this.executable.run(state, {
        inputs: batch.inputs,
        targets: batch.targets,
      });
      nats += sum.data[0] ?? Number.NaN;
      predicted += count.data[0] ?? 0;
      options.onProgress?.(predicted);
    }
    const loss = nats / predicted;
    return {
      loss,
      perplexity: perplexity(loss),
      bitsPerByte: options.textBytes === undefined ? null : bitsPerByte(nats, options.textBytes),
      tokens: predicted,
    };
  }

  dispose(): Promise<void> {
    return this.executable.dispose();
  }
}

/** The same batches; each is read while the one before is used. */
async function* ahead(batches: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
  let next = batches.next();
  for (;;) {
    const { value, done } = await next;
    if (done === true) return;
    next = batches.next();
    // A failure is raised when its turn comes, not while the batch before is in use.
    next.catch(() => undefined);
    yield value;
  }
}
