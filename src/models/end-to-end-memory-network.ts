// The end-to-end memory network: looks at all sentences of a story at once, several times. Knows nothing of training.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { EndToEndMemoryNetworkConfig } from './end-to-end-memory-network-config.js';
import type { StoryBatch, StoryModel, StoryReading, StoryReadOptions } from './story-model.js';
import { invariant } from '../core/errors.js';
import { add, minimum, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { cumulativeSum } from '../engine/ops/cumulative-sum.js';
import { gather } from '../engine/ops/indexing.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { bernoulli } from '../engine/ops/random.js';
import { stack } from '../engine/ops/slicing.js';
import { softmax } from '../engine/ops/softmax.js';
import { relu } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { initialize } from '../nn/initializers.js';
import { badInput } from '../nn/layer.js';
import { encodeSentences, isSentence } from '../nn/sentence-encoding.js';
import { parseEndToEndMemoryNetworkConfig } from './end-to-end-memory-network-config.js';
import { storySizes } from './story-model.js';

/** Tables shared by neighbouring hops: table k embeds what hop k addresses, table k + 1 what it takes out. */
export interface EndToEndMemoryNetworkParameters<T> {
  /** hops + 1 tables of words, [vocabularySize, width] each. The first embeds questions too, the last scores answers. */
  readonly words: readonly T[];
  /** hops + 1 tables of moments, [memorySize, width] each; row 0 is the latest sentence. */
  readonly moments: readonly T[];
}

export interface EndToEndReadOptions extends StoryReadOptions {
  /** Leaves out the softmax of attention, as training does at its beginning ("linear start"). Default: false. */
  readonly linear?: boolean;
}

/**
 * u_1 = encode(B, question); for each hop k over sentences x_i: m_i = encode(A_k, x_i) + TA_k(i),
 * c_i = encode(C_k, x_i) + TC_k(i), p = softmax(m u_k), u_k+1 = u_k + sum_i p_i c_i; logits = C_K u_K+1.
 * With the config's `nonlinear`, u_k+1 = relu(..), the paper's last variant, without which questions of yes or no stay hard.
 * Adjacent tying: A_k+1 = C_k, B = A_1, and the same for the moments TA and TC.
 *
 * Source: Sukhbaatar et al. 2015, "End-To-End Memory Networks", sections 2, 4.1 and 4.2. Moments count back from the latest
 * sentence. Random noise moves sentences apart in time as if empty memories stood between them; these are not attended to.
 *
 * @example
 * const network = new EndToEndMemoryNetwork({ vocabularySize: 40 });
 * const parameters = network.init(Random.fromSeed(1));
 */
export class EndToEndMemoryNetwork implements StoryModel<EndToEndMemoryNetworkParameters<TensorData>> {
  readonly config: EndToEndMemoryNetworkConfig;

  /** @throws {ConfigError} when the config has an unknown key or an impossible value */
  constructor(config: unknown) {
    this.config = parseEndToEndMemoryNetworkConfig(config);
  }

  /** All weights normal with the deviation of the config, as in the paper. */
  init(random: Random): EndToEndMemoryNetworkParameters<TensorData> {
    const { vocabularySize, memorySize, width, hops, deviation } = this.config;
    const tables = (name: string, rows: number): TensorData[] =>
      Array.from({ length: hops + 1 }, (_, k) =>
        initialize({ normal: deviation }, [rows, width], random.split(name).split(k)),
      );
    return { words: tables('words', vocabularySize), moments: tables('moments', memorySize) };
  }

  /**
   * Reads stories and scores answers.
   * @throws {ShapeError} when a story has more sentences than the memory
   */
  read(
    parameters: EndToEndMemoryNetworkParameters<Tensor>,
    batch: StoryBatch<Tensor>,
    { key, linear = false }: EndToEndReadOptions = {},
  ): StoryReading<Tensor> {
    const { hops, encoding } = this.config;
    const { story, question } = batch;
    const present = this.presentSentences(batch); // [batch, sentences]
    const moments = this.moments(present, key);
    const memories = parameters.words.map((table, k) =>
      add(encodeSentences(table, story, encoding), gather(at(parameters.moments, k), moments)),
    ); // [batch, sentences, width] each
    let state = encodeSentences(at(parameters.words, 0), question, encoding); // [batch, width]
    const attention: Tensor[] = [];
    for (let k = 0; k < hops; k++) {
      const weights = attend(at(memories, k), state, present, linear); // [batch, sentences]
      const next = add(state, weightedSum(weights, at(memories, k + 1)));
      state = this.config.nonlinear ? relu(next) : next;
      attention.push(weights);
    }
    const logits = matmul(state, at(parameters.words, hops), { transposeB: true });
    return { logits, attention: stack(attention, 1) };
  }

  private presentSentences(batch: StoryBatch<Tensor>): Tensor {
    const { vocabularySize, width, hops, memorySize } = this.config;
    const name = `EndToEndMemoryNetwork(${vocabularySize} words, width ${width}, ${hops} hops)`;
    const { sentences } = storySizes(name, batch);
    if (sentences <= memorySize) return isSentence(batch.story);
    throw badInput(
      name,
      batch.story,
      `the memory holds ${memorySize} sentences; keep the latest ones or raise memorySize`,
    );
  }

  /** How many sentences (and in training, empty memories) were told since each one: int32 [batch, sentences]. */
  private moments(present: Tensor, key: Tensor | undefined): Tensor {
    const { noise, memorySize } = this.config;
    const told = cast(present, 'int32');
    const later = sub(cumulativeSum(told, 1, { reverse: true }), told);
    if (key === undefined || noise === 0) return later;
    const empty = mul(cast(bernoulli(key, present.shape, noise), 'int32'), told);
    return minimum(add(later, cumulativeSum(empty, 1, { reverse: true })), memorySize - 1);
  }
}

/** softmax(m u) over the sentences that there are, or m u itself: [batch, sentences]. */
function attend(memories: Tensor, state: Tensor, present: Tensor, linear: boolean): Tensor {
  const [batch = 0, sentences = 0] = memories.shape;
  const scores = reshape(matmul(memories, expandDims(state, 2)), [batch, sentences]);
  return linear ? where(present, scores, 0) : softmax(where(present, scores, -1e9));
}

/** sum_i w_i x_i: weights [batch, sentences], x [batch, sentences, width] to [batch, width]. */
function weightedSum(weights: Tensor, x: Tensor): Tensor {
  const [batch = 0, , width = 0] = x.shape;
  return reshape(matmul(expandDims(weights, 1), x), [batch, width]);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  invariant(item !== undefined, `The parameters have no table ${index}.`);
  return item;
}
