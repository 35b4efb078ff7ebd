// A language model: embedding, positions, blocks of a memory and a feed-forward layer, and a head. Knows memories only by their contract.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { LanguageModelConfig } from './language-model-config.js';
import type { AnyLayer, BlockKeys, BlockParameters } from './memory-block.js';
import { withScope } from '../engine/graph.js';
import { invariant } from '../core/errors.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { add } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { Linear } from '../nn/linear.js';
import { LearnedPositions, SinusoidalPositions } from '../nn/positions.js';
import { parseLanguageModelConfig } from './language-model-config.js';
import { createNorm, MemoryBlock } from './memory-block.js';

export type LanguageModelParameters<T> = {
  readonly embedding: { readonly weight: T };
  /** Learned positions only. */
  readonly position?: { readonly weight: T };
  readonly blocks: readonly BlockParameters<T>[];
  readonly norm?: Tree<T>;
  /** Without weight when the head is tied to the embedding. */
  readonly head?: { readonly weight?: T; readonly bias?: T };
};

/** What the model carries while it reads: its position, and the state of each block's memory. */
export type LanguageModelState<T> = {
  /** int32 scalar: tokens read so far */
  readonly position: T;
  readonly blocks: readonly Tree<T>[];
};

export interface LanguageModelReading {
  /** [batch, time, vocabularySize] */
  readonly logits: Tensor;
  readonly state: LanguageModelState<Tensor>;
}

/** What the blocks make of a segment, before the head. */
interface HiddenReading {
  /** [batch, time, width] */
  readonly hidden: Tensor;
  readonly state: LanguageModelState<Tensor>;
  /** Sum over the memories that have one. */
  readonly auxiliaryLoss: Tensor | undefined;
}

/**
 * A language model of blocks with a memory each: x = x + memory(norm(x)); x = x + feedForward(norm(x)); logits = norm(x) head.
 * The config can take norms, residual connections and feed-forward layers away, down to a plain stack of recurrent layers.
 * First weights are normal with deviation 0.02 unless it says otherwise (GPT-2; Radford et al. 2019, section 2.3).
 *
 * @example
 * const model = new LanguageModel({ kind: 'language-model', vocabularySize: 65, width: 128, layers: 4, heads: 4, maxLength: 64 });
 * const parameters = model.init(Random.fromSeed(1));
 */
export class LanguageModel {
  readonly config: LanguageModelConfig;
  private readonly embedding: Embedding;
  private readonly positions: LearnedPositions | SinusoidalPositions | undefined;
  private readonly blocks: readonly MemoryBlock[];
  private readonly norm: AnyLayer | undefined;
  private readonly head: Linear;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.config = parseLanguageModelConfig(config);
    const { vocabularySize, width, maxLength, position, initializer, memory, headBias, dropout } =
      this.config;
    this.embedding = new Embedding({ vocabularySize, width, initializer });
    if (position === 'learned') this.positions = new LearnedPositions({ maxLength, width });
    if (position === 'sinusoidal') this.positions = new SinusoidalPositions({ width });
    this.blocks = memory.map((own, i) => new MemoryBlock(this.config, own, `blocks.${i}`));
    this.norm = createNorm(this.config);
    this.head = new Linear({
      inputSize: width,
      outputSize: vocabularySize,
      bias: headBias,
      weightInitializer: initializer,
    });
    this.dropout = new Dropout({ rate: dropout });
  }

  get vocabularySize(): number {
    return this.config.vocabularySize;
  }

  /** Tokens of the longest sequence it can read; Infinity where neither positions nor memories set a bound. */
  get maxLength(): number {
    const learned = this.positions instanceof LearnedPositions ? this.positions.maxLength : Infinity;
    return Math.min(learned, ...this.blocks.map(({ memory }) => memory.capacity ?? Infinity));
  }

  init(random: Random): LanguageModelParameters<TensorData> {
    const blockRandom = random.split('blocks');
    return {
      embedding: this.embedding.init(random.split('embedding')),
      ...(this.positions instanceof LearnedPositions
        ? { position: this.positions.init(random.split('position')) }
        : {}),
      blocks: this.blocks.map((block, i) => block.init(blockRandom.split(i))),
      ...(this.norm && { norm: this.norm.init(random.split('norm')) }),
      ...this.initHead(random.split('head')),
    };
  }

  /** The state before anything was read. */
  initialState(batch: number): LanguageModelState<TensorData> {
    return {
      position: new HostTensor('int32', [], Int32Array.of(0)),
      blocks: this.blocks.map((block) => block.memory.initialState(batch)),
    };
  }

  /** Bytes that the state of one sequence holds after `length` tokens. */
  stateBytes(length: number): number {
    return this.blocks.reduce((sum, block) => sum + block.memory.stateBytes(length), 4);
  }

  /**
   * Reads a segment of token ids.
   * @param ids int32 [batch, time]
   * @param state default: nothing was read before
   * @param key uint32[2] for dropout; without it nothing is dropped
   */
  read(
    parameters: LanguageModelParameters<Tensor>,
    ids: Tensor,
    state?: LanguageModelState<Tensor>,
    key?: Tensor,
  ): LanguageModelReading {
    const { hidden, state: next } = this.readHidden(parameters, ids, state, key);
    return { logits: this.headOf(parameters, hidden), state: next };
  }

  /**
   * What the head would read: the vectors of a segment behind all blocks and the last norm, for a head of another task.
   * @param ids int32 [batch, time]
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns [batch, time, width]
   */
  vectors(parameters: LanguageModelParameters<Tensor>, ids: Tensor, key?: Tensor): Tensor {
    return this.readHidden(parameters, ids, undefined, key).hidden;
  }

  /**
   * Reads one token for each sequence.
   * @param ids int32 [batch]
   * @returns logits [batch, vocabularySize]
   */
  step(
    parameters: LanguageModelParameters<Tensor>,
    ids: Tensor,
    state: LanguageModelState<Tensor>,
  ): LanguageModelReading {
    const { logits, state: next } = this.read(parameters, expandDims(ids, 1), state);
    return { logits: reshape(logits, [logits.shape[0] ?? 0, this.config.vocabularySize]), state: next };
  }

  /**
   * Cross-entropy of the next tokens, in nats.
   * @param ids int32 [batch, time]
   * @param targets int32 [batch, time]; -1 is not counted
   * @param options `key`: uint32[2] for dropout; `state`: what was read before, default: nothing
   * @returns `loss`, the mean over counted targets; `sum`; `count` of targets; scalars. `auxiliaryLoss`: what the memories
   * want to be minimized as well, in training only
   */
  loss(
    parameters: LanguageModelParameters<Tensor>,
    ids: Tensor,
    targets: Tensor,
    options: { readonly key?: Tensor; readonly state?: LanguageModelState<Tensor> } = {},
  ) {
    const { hidden, state, auxiliaryLoss } = this.readHidden(parameters, ids, options.state, options.key);
    const logits = this.headOf(parameters, hidden);
    const rows = reshape(logits, [-1, this.config.vocabularySize]);
    const loss = crossEntropy(rows, reshape(targets, [-1]));
    return { ...loss, state, ...(auxiliaryLoss && { auxiliaryLoss }) };
  }

  private initHead(random: Random): Pick<LanguageModelParameters<TensorData>, 'head'> {
    const { tiedHead, headBias } = this.config;
    if (tiedHead && !headBias) return {};
    const { weight, bias } = this.head.init(random);
    return { head: { ...(!tiedHead && { weight }), ...(bias && { bias }) } };
  }

  private readHidden(
    parameters: LanguageModelParameters<Tensor>,
    ids: Tensor,
    state: LanguageModelState<Tensor> | undefined,
    key: Tensor | undefined,
  ): HiddenReading {
    const start = state?.position ?? full(0, 'int32');
    const embedded = withScope('embedding', () => this.embedding.apply(parameters.embedding, ids));
    const placed = this.addPositions(parameters, embedded, state?.position ?? 0);
    let x = this.dropout.apply(placed, key && foldIn(key, 0)); // [batch, time, width]
    const auxiliary: Tensor[] = [];
    const blocks = this.blocks.map((block, i) => {
      const own = parameters.blocks[i];
      invariant(own !== undefined, `The parameters have no block ${i}.`);
      const reading = withScope(`blocks.${i}`, () =>
        block.read(own, x, state?.blocks[i], key && blockKeys(key, i)),
      );
      if (reading.auxiliaryLoss !== undefined) auxiliary.push(reading.auxiliaryLoss);
      x = reading.output;
      return reading.state;
    });
    return {
      hidden: this.normed(parameters.norm, x),
      state: { position: add(start, ids.shape[1] ?? 0), blocks },
      auxiliaryLoss: auxiliary.length === 0 ? undefined : auxiliary.reduce((a, b) => add(a, b)),
    };
  }

  private normed(parameters: Tree<Tensor> | undefined, x: Tensor): Tensor {
    const { norm } = this;
    if (norm === undefined || parameters === undefined) return x;
    return withScope('norm', () => norm.apply(parameters, x));
  }

  private addPositions(
    parameters: LanguageModelParameters<Tensor>,
    x: Tensor,
    start: Tensor | number,
  ): Tensor {
    return withScope('position', () => {
      if (this.positions instanceof SinusoidalPositions) return this.positions.apply({}, x, start);
      if (this.positions === undefined) return x;
      invariant(parameters.position !== undefined, 'Learned positions have parameters.');
      return this.positions.apply(parameters.position, x, start);
    });
  }

  private headOf(parameters: LanguageModelParameters<Tensor>, hidden: Tensor): Tensor {
    const { weight, bias } = parameters.head ?? {};
    if (weight !== undefined) {
      return withScope('head', () => this.head.apply({ weight, ...(bias && { bias }) }, hidden));
    }
    const logits = matmul(hidden, parameters.embedding.weight, { transposeB: true });
    return bias === undefined ? logits : add(logits, bias);
  }
}

/** Keys of a block; 0 is the embedding's. */
function blockKeys(key: Tensor, block: number): BlockKeys {
  const [memory, memoryOutput, feedForwardOutput] = [1, 2, 3].map((place) => foldIn(key, 3 * block + place));
  invariant(memory && memoryOutput && feedForwardOutput, 'There are three keys.');
  return { memory, memoryOutput, feedForwardOutput };
}
