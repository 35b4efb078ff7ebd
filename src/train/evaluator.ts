// The loss of a model over a text, exact for each token. Knows nothing of training.
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { Batch, BatchSize, Tokens } from '../data/index.js';
import type { Trainable } from './trainable.js';
import { throwIfAborted } from '../core/abort.js';
import type { TensorData } from '../core/tensor-data.js';
import { flattenTree } from '../core/tree.js';
import { evaluationBatches, streamBatches, streamLength, tokenRange } from '../data/index.js';
import { compile } from '../engine/compile.js';
import { int32, typesOf } from '../engine/trace.js';
import { bitsPerByte, perplexity } from '../metrics/perplexity.js';
import { initialStateOf, requireReach } from './carried-state.js';

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

/** How a text is read for evaluation. */
export interface EvaluatorOptions extends BatchSize {
  /**
   * Whether what is remembered is carried from block to block: row r of the batch reads the r-th of `batchSize` stretches of
   * the text from its beginning to its end. Default: false, every block begins anew.
   */
  readonly carryState?: boolean;
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

/** What the graph reads: parameters, and what is remembered of the blocks before, if that is carried. */
interface Held<T> {
  readonly parameters: Tree<T>;
  readonly memory?: Tree<T>;
}

type EvaluationProgram = Executable<BatchTypes, Sums<Tensor>>;

/** A compiled loss. The parameters are those of the device state that it is given, under `parameters`. */
export class Evaluator {
  private readonly executable: EvaluationProgram;
  private readonly model: Trainable;
  private readonly options: EvaluatorOptions;

  private constructor(executable: EvaluationProgram, model: Trainable, options: EvaluatorOptions) {
    this.executable = executable;
    this.model = model;
    this.options = options;
  }

  /** @throws {ConfigError} when the model has no memory to carry */
  static async compile(
    runtime: Runtime,
    model: Trainable,
    parameters: Tree<TensorType>,
    options: EvaluatorOptions,
  ): Promise<Evaluator> {
    const { batchSize, blockLength, carryState = false } = options;
    const block = int32(batchSize, blockLength);
    const held = { parameters, ...(carryState && { memory: typesOf(initialStateOf(model, batchSize)) }) };
    const executable = await compile(
      runtime,
      ({ parameters, memory }: Held<Tensor>, batch: Readonly<Record<keyof BatchTypes, Tensor>>) => {
        const own = memory === undefined ? {} : { state: memory };
        const { sum, count, state } = model.loss(parameters, batch.inputs, batch.targets, own);
        return { outputs: { sum, count }, ...(memory && state && { state: { memory: state } }) };
      },
      { state: held as Held<TensorType>, inputs: { inputs: block, targets: block } },
    );
    return new Evaluator(executable, model, options);
  }

  /**
   * Every token but the first is predicted once: from what precedes it in its block, or with `carryState` in its stretch of
   * the text. With `carryState` and a batch of one row that is all of the text before it, as in one long reading.
   * @throws {DataError} when there are fewer than two tokens
   * @throws {ConfigError} when the stretches are longer than the model's memory
   * @throws {AbortedError} when the signal fires
   */
  async evaluate(state: DeviceState, tokens: Tokens, options: EvaluationOptions = {}): Promise<Evaluation> {
    if (!this.options.carryState) return this.sumUp(state, evaluationBatches(tokens, this.options), options);
    requireReach(this.model, streamLength(tokens.count, this.options), tokens);
    const own = await state.fork(); // What training remembers stays as it is.
    try {
      const memory = initialStateOf(this.model, this.options.batchSize);
      await own.write(flattenTree<TensorData>({ memory }));
      return await this.sumUp(own, streamBatches(tokens, this.options), options);
    } finally {
      await own.dispose();
    }
  }

  private async sumUp(
    state: DeviceState,
    batches: AsyncGenerator<Batch>,
    { signal, onProgress, textBytes }: EvaluationOptions,
  ): Promise<Evaluation> {
    let nats = 0;
    let predicted = 0;
    for await (const { inputs, targets } of ahead(batches)) {
      throwIfAborted(signal);
      const { sum, count } = await this.executable.run(state, { inputs, targets });
      nats += sum.data[0] ?? Number.NaN;
      predicted += count.data[0] ?? 0;
      onProgress?.(predicted);
    }
    const loss = nats / predicted;
    return {
      loss,
      perplexity: perplexity(loss),
      bitsPerByte: textBytes === undefined ? null : bitsPerByte(nats, textBytes),
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
