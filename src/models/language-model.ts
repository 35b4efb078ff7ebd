// A language model: embedding, positions, blocks of a memory and a feed-forward layer, and a head. Knows memories only by their contract.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { MemoryConfig } from '../memory/create-memory.js';
import type { AnyMemory } from '../memory/memory-kind.js';
import type { Layer } from '../nn/layer.js';
import type { LanguageModelConfig } from './language-model-config.js';
import { withScope } from '../engine/graph.js';
import { invariant } from '../core/errors.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { add } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { createMemory } from '../memory/create-memory.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { Dropout } from '../nn/dropout.js';
import { Embedding } from '../nn/embedding.js';
import { FeedForward, SwiGlu } from '../nn/feed-forward.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { Linear } from '../nn/linear.js';
import { LearnedPositions, SinusoidalPositions } from '../nn/positions.js';
import { RmsNorm } from '../nn/rms-norm.js';
import { parseLanguageModelConfig } from './language-model-config.js';

/** Parameters of one block; what they hold depends on the kinds of layers that the config names. */
export type BlockParameters<T> = {
  readonly memoryNorm: Tree<T>;
  readonly memory: Tree<T>;
  readonly feedForwardNorm: Tree<T>;
  readonly feedForward: Tree<T>;
};

export type LanguageModelParameters<T> = {
  readonly embedding: { readonly weight: T };
  /** Learned positions only. */
  readonly position?: { readonly weight: T };
  readonly blocks: readonly BlockParameters<T>[];
  readonly norm: Tree<T>;
  /** Absent when the head is tied to the embedding. */
  readonly head?: { readonly weight: T };
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

type AnyLayer = Layer<Tree<TensorData>>;

interface Block {
  readonly memoryNorm: AnyLayer;
  readonly memory: AnyMemory;
  readonly feedForwardNorm: AnyLayer;
  readonly feedForward: AnyLayer;
}

/** Standard deviation of first weights. Source: Radford et al. 2019 (GPT-2), section 2.3. */
const initialDeviation = 0.02;

/**
 * A pre-norm language model: x = x + memory(norm(x)); x = x + feedForward(norm(x)); logits = norm(x) head.
 *
 * @example
 * const model = new LanguageModel({ kind: 'language-model', vocabularySize: 65, width: 128, layers: 4, heads: 4, maxLength: 64 });
 * const parameters = model.init(Random.fromSeed(1));
 */
export class LanguageModel {
  readonly config: LanguageModelConfig;
  private readonly embedding: Embedding;
  private readonly positions: LearnedPositions | SinusoidalPositions | undefined;
  private readonly blocks: readonly Block[];
  private readonly norm: AnyLayer;
  private readonly head: Linear;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.config = parseLanguageModelConfig(config);
    const { vocabularySize, width, maxLength, position, memories } = {
      ...this.config,
      memories: this.config.memory,
    };
    this.embedding = new Embedding({ vocabularySize, width, initializer: { normal: initialDeviation } });
    if (position === 'learned') this.positions = new LearnedPositions({ maxLength, width });
    if (position === 'sinusoidal') this.positions = new SinusoidalPositions({ width });
    this.blocks = memories.map((memory) => this.createBlock(memory));
    this.norm = this.createNorm();
    this.head = new Linear({
      inputSize: width,
      outputSize: vocabularySize,
      bias: false,
      weightInitializer: { normal: initialDeviation },
    });
    this.dropout = new Dropout({ rate: this.config.dropout });
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
      blocks: this.blocks.map((block, i) => initBlock(block, blockRandom.split(i))),
      norm: this.norm.init(random.split('norm')),
      ...(this.config.tiedHead ? {} : { head: this.head.init(random.split('head')) }),
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

  private readHidden(
    parameters: LanguageModelParameters<Tensor>,
    ids: Tensor,
    state: LanguageModelState<Tensor> | undefined,
    key: Tensor | undefined,
  ): HiddenReading {
    const drop = (x: Tensor, place: number): Tensor => this.dropout.apply(x, key && foldIn(key, place));
    const start = state?.position ?? 0;
    const embedded = withScope('embedding', () => this.embedding.apply(parameters.embedding, ids));
    let x = drop(this.addPositions(parameters, embedded, start), 0); // [batch, time, width]
    const auxiliary: Tensor[] = [];
    const states = this.blocks.map((block, i) => {
      const own = parameters.blocks[i];
      invariant(own !== undefined, `The parameters have no block ${i}.`);
      return withScope(`blocks.${i}`, () => {
        const normed = withScope('memoryNorm', () => block.memoryNorm.apply(own.memoryNorm, x));
        const reading = withScope('memory', () =>
          block.memory.read(own.memory, normed, state?.blocks[i], key && { key: foldIn(key, 3 * i + 1) }),
        );
        if (reading.auxiliaryLoss !== undefined) auxiliary.push(reading.auxiliaryLoss);
        x = add(x, drop(reading.output, 3 * i + 2));
        const fed = block.feedForward.apply(
          own.feedForward,
          block.feedForwardNorm.apply(own.feedForwardNorm, x),
        );
        x = add(x, drop(fed, 3 * i + 3));
        return reading.state;
      });
    });
    const hidden = withScope('norm', () => this.norm.apply(parameters.norm, x));
    const time = ids.shape[1] ?? 0;
    return {
      hidden,
      state: { position: add(state?.position ?? full(0, 'int32'), time), blocks: states },
      auxiliaryLoss: auxiliary.length === 0 ? undefined : auxiliary.reduce((a, b) => add(a, b)),
    };
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
    if (parameters.head === undefined)
      return matmul(hidden, parameters.embedding.weight, { transposeB: true });
    const { head } = parameters;
    return withScope('head', () => this.head.apply(head, hidden));
  }

  private createNorm(): AnyLayer {
    const options = { width: this.config.width };
    return (this.config.norm === 'rms'
      ? new RmsNorm(options)
      : new LayerNorm(options)) as unknown as AnyLayer;
  }

  private createBlock(memory: MemoryConfig): Block {
    const { width, heads, keyValueHeads, maxLength, position, feedForward, hiddenSize, bias, layers } =
      this.config;
    const weightInitializer = { normal: initialDeviation };
    // Each block adds to the residual stream twice, so outputs start smaller the deeper the model is (GPT-2).
    const outputInitializer = { normal: initialDeviation / Math.sqrt(2 * layers) };
    const shared = { width, bias, weightInitializer, outputInitializer };
    return {
      memoryNorm: this.createNorm(),
      memory: createMemory(memory, {
        ...shared,
        heads,
        keyValueHeads,
        maxLength,
        position,
      }),
      feedForwardNorm: this.createNorm(),
      feedForward: (feedForward === 'swiglu'
        ? new SwiGlu({ ...shared, hiddenSize })
        : new FeedForward({ ...shared, hiddenSize, activation: feedForward })) as unknown as AnyLayer,
    };
  }
}

function initBlock(block: Block, random: Random): BlockParameters<TensorData> {
  return {
    memoryNorm: block.memoryNorm.init(random.split('memoryNorm')),
    memory: block.memory.init(random.split('memory')),
    feedForwardNorm: block.feedForwardNorm.init(random.split('feedForwardNorm')),
    feedForward: block.feedForward.init(random.split('feedForward')),
  };
}
