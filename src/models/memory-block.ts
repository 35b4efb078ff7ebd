// A block of a language model: a memory, then a feed-forward layer. Knows memories only by their contract.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { MemoryConfig } from '../memory/create-memory.js';
import type { AnyMemory } from '../memory/memory-kind.js';
import type { Initializer } from '../nn/initializers.js';
import type { Layer } from '../nn/layer.js';
import type { LanguageModelConfig } from './language-model-config.js';
import { ConfigError, invariant } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { createMemory } from '../memory/create-memory.js';
import { Dropout } from '../nn/dropout.js';
import { FeedForward, SwiGlu } from '../nn/feed-forward.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { RmsNorm } from '../nn/rms-norm.js';

/** A layer of a kind that only the configuration knows. */
export type AnyLayer = Layer<Tree<TensorData>>;

/** Parameters of one block; what they hold depends on the kinds of layers that the config names. */
export type BlockParameters<T> = {
  readonly memoryNorm?: Tree<T>;
  readonly memory: Tree<T>;
  readonly feedForwardNorm?: Tree<T>;
  readonly feedForward?: Tree<T>;
};

/** What the blocks make of a segment, and what is to be remembered of it. */
export interface BlockReading {
  /** [batch, time, width] */
  readonly output: Tensor;
  readonly state: Tree<Tensor>;
  readonly auxiliaryLoss?: Tensor;
}

/** Keys of the random numbers of one block, uint32[2] each. */
export interface BlockKeys {
  readonly memory: Tensor;
  readonly memoryOutput: Tensor;
  readonly feedForwardOutput: Tensor;
}

/** The norm that a config names. `undefined` for `none`. */
export function createNorm({ norm, width }: LanguageModelConfig): AnyLayer | undefined {
  if (norm === 'none') return undefined;
  return (norm === 'rms' ? new RmsNorm({ width }) : new LayerNorm({ width })) as unknown as AnyLayer;
}

/** x = x + memory(norm(x)); x = x + feedForward(norm(x)); without residual connections x = memory(norm(x)) and so on. */
export class MemoryBlock {
  readonly memory: AnyMemory;
  private readonly residual: boolean;
  private readonly norm: AnyLayer | undefined;
  private readonly feedForward: AnyLayer | undefined;
  private readonly dropout: Dropout;

  /**
   * @param path of the block, such as `blocks.1`, for errors
   * @throws {ConfigError} when sizes of the memory do not fit
   */
  constructor(config: LanguageModelConfig, memory: MemoryConfig, path: string) {
    const { width, heads, keyValueHeads, maxLength, position, bias, initializer, residual } = config;
    const shared = { width, bias, weightInitializer: initializer, outputInitializer: ofOutputs(config) };
    this.memory = at(`${path}.memory`, () =>
      createMemory(memory, { ...shared, heads, keyValueHeads, maxLength, position }),
    );
    this.residual = residual;
    this.norm = createNorm(config);
    this.feedForward = createFeedForward(config, shared);
    this.dropout = new Dropout({ rate: config.dropout });
  }

  init(random: Random): BlockParameters<TensorData> {
    const { norm, memory, feedForward } = this;
    return {
      ...(norm && { memoryNorm: norm.init(random.split('memoryNorm')) }),
      memory: memory.init(random.split('memory')),
      ...(norm && feedForward && { feedForwardNorm: norm.init(random.split('feedForwardNorm')) }),
      ...(feedForward && { feedForward: feedForward.init(random.split('feedForward')) }),
    };
  }

  /**
   * @param x [batch, time, width]
   * @param state default: nothing was read before
   * @param keys without them nothing is dropped
   */
  read(
    parameters: BlockParameters<Tensor>,
    x: Tensor,
    state: Tree<Tensor> | undefined,
    keys?: BlockKeys,
  ): BlockReading {
    const normed = this.normed('memoryNorm', parameters.memoryNorm, x);
    const { output, ...reading } = withScope('memory', () =>
      this.memory.read(parameters.memory, normed, state, keys && { key: keys.memory }),
    );
    const remembered = this.joined(x, output, keys?.memoryOutput);
    return { ...reading, output: this.feed(parameters, remembered, keys?.feedForwardOutput) };
  }

  private feed(parameters: BlockParameters<Tensor>, x: Tensor, key: Tensor | undefined): Tensor {
    const { feedForward } = this;
    if (feedForward === undefined) return x;
    invariant(parameters.feedForward !== undefined, 'The feed-forward layer has parameters.');
    const own = parameters.feedForward;
    const normed = this.normed('feedForwardNorm', parameters.feedForwardNorm, x);
    const output = withScope('feedForward', () => feedForward.apply(own, normed));
    return this.joined(x, output, key);
  }

  private normed(name: string, parameters: Tree<Tensor> | undefined, x: Tensor): Tensor {
    const { norm } = this;
    if (norm === undefined || parameters === undefined) return x;
    return withScope(name, () => norm.apply(parameters, x));
  }

  private joined(x: Tensor, output: Tensor, key: Tensor | undefined): Tensor {
    const dropped = this.dropout.apply(output, key);
    return this.residual ? add(x, dropped) : dropped;
  }
}

function createFeedForward(
  { feedForward, hiddenSize }: LanguageModelConfig,
  shared: { readonly width: number; readonly bias: boolean; readonly weightInitializer: Initializer },
): AnyLayer | undefined {
  if (feedForward === 'none') return undefined;
  return (feedForward === 'swiglu'
    ? new SwiGlu({ ...shared, hiddenSize })
    : new FeedForward({ ...shared, hiddenSize, activation: feedForward })) as unknown as AnyLayer;
}

/** Each block adds to the residual stream twice, so outputs start smaller the deeper the model is (GPT-2). */
function ofOutputs({ initializer, layers, residual }: LanguageModelConfig): Initializer {
  if (!residual) return initializer;
  const factor = 1 / Math.sqrt(2 * layers);
  return 'normal' in initializer
    ? { normal: initializer.normal * factor }
    : { uniform: initializer.uniform * factor };
}

/** Lets a refusal of a configuration say which layer it is about. */
function at<T>(path: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${path}: ${error.message}`, {
      fields: { ...error.fields, layer: path },
      cause: error,
    });
  }
}
