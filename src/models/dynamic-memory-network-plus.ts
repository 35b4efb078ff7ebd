// The improved dynamic memory network, DMN+: reads a story in several episodes, each led by what the one before found.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { CellParameters } from '../memory/recurrent-cell.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { Linear, LinearParameters } from '../nn/linear.js';
import type { DynamicMemoryNetworkPlusConfig } from './dynamic-memory-network/config.js';
import type { StoryBatch, StoryModel, StoryReading, StoryReadOptions } from './story-model.js';
import { invariant } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { gather } from '../engine/ops/indexing.js';
import { reshape } from '../engine/ops/layout.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { concat, stack } from '../engine/ops/slicing.js';
import { softmax } from '../engine/ops/softmax.js';
import { relu, tanh } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { attentionGruCell } from '../memory/attention-gru.js';
import { readGated } from '../memory/gated-reading.js';
import { gruCell } from '../memory/gru-cell.js';
import { Dropout } from '../nn/dropout.js';
import { encodeSentences, isSentence, isWord } from '../nn/sentence-encoding.js';
import { compare } from './dynamic-memory-network/comparison.js';
import { parseDynamicMemoryNetworkPlusConfig } from './dynamic-memory-network/config.js';
import { initCell, initWords, linear } from './dynamic-memory-network/parameters.js';
import { storySizes } from './story-model.js';
import { hiddenScore } from '../nn/mask.js';

export interface DynamicMemoryNetworkPlusParameters<T> {
  readonly words: EmbeddingParameters<T>;
  readonly question: CellParameters<T>;
  /** Carries information between sentences, in both directions. */
  readonly fusion: { readonly forward: CellParameters<T>; readonly backward: CellParameters<T> };
  readonly attention: {
    /** [4 width] to [width] */
    readonly hidden: LinearParameters<T>;
    /** [width] to [1] */
    readonly score: LinearParameters<T>;
  };
  readonly episode: CellParameters<T>;
  /** [3 width] to [width]: one for each episode, or one for all of them. */
  readonly memories: readonly LinearParameters<T>[];
  /** [2 width] to [vocabularySize] */
  readonly answer: LinearParameters<T>;
}

/**
 * Sentences are position encoded and fused, f_i = forward GRU + backward GRU; the question q is the last state of a GRU. In
 * episode t, z_i = [f_i * q, f_i * m, |f_i - q|, |f_i - m|] with m of the episode before (at first q),
 * g = softmax(W2 tanh(W1 z + b1) + b2), c the last state of the attention GRU over f with g, and
 * m = relu(Wt [m, c, q] + bt). The answer is a linear layer of [q, m].
 *
 * Source: Xiong, Merity and Socher 2016, "Dynamic Memory Networks for Visual and Textual Question Answering", section 3:
 * the model DMN+ of table 1. All answers are classes, so that one of several words is one class.
 *
 * @example
 * const network = new DynamicMemoryNetworkPlus({ vocabularySize: 40 });
 * const parameters = network.init(Random.fromSeed(1));
 */
export class DynamicMemoryNetworkPlus implements StoryModel<DynamicMemoryNetworkPlusParameters<TensorData>> {
  readonly config: DynamicMemoryNetworkPlusConfig;
  private readonly dropout: Dropout;
  private readonly attentionHidden: Linear;
  private readonly attentionScore: Linear;
  private readonly memory: Linear;
  private readonly answer: Linear;

  /** @throws {ConfigError} when the config has an unknown key or an impossible value */
  constructor(config: unknown) {
    this.config = parseDynamicMemoryNetworkPlusConfig(config);
    const { width, vocabularySize, dropout } = this.config;
    this.dropout = new Dropout({ rate: dropout });
    this.attentionHidden = linear(4 * width, width);
    this.attentionScore = linear(width, 1);
    this.memory = linear(3 * width, width);
    this.answer = linear(2 * width, vocabularySize);
  }

  init(random: Random): DynamicMemoryNetworkPlusParameters<TensorData> {
    const { width, vocabularySize, episodes, untied } = this.config;
    const gru = (name: string): CellParameters<TensorData> =>
      initCell(gruCell, width, width, random.split(name));
    const memories = random.split('memories');
    return {
      words: initWords(vocabularySize, width, random.split('words')),
      question: gru('question'),
      fusion: { forward: gru('forward'), backward: gru('backward') },
      attention: {
        hidden: this.attentionHidden.init(random.split('attention.hidden')),
        score: this.attentionScore.init(random.split('attention.score')),
      },
      episode: initCell(attentionGruCell, width, width, random.split('episode')),
      memories: Array.from({ length: untied ? episodes : 1 }, (_, t) => this.memory.init(memories.split(t))),
      answer: this.answer.init(random.split('answer')),
    };
  }

  /** Reads stories and scores answers. @throws {ShapeError} when the batch is no story with a question */
  read(
    parameters: DynamicMemoryNetworkPlusParameters<Tensor>,
    batch: StoryBatch<Tensor>,
    { key }: StoryReadOptions = {},
  ): StoryReading<Tensor> {
    const { width, episodes } = this.config;
    storySizes(`DynamicMemoryNetworkPlus(${this.config.vocabularySize} words, width ${width})`, batch);
    const present = isSentence(batch.story); // [batch, sentences]
    const facts = withScope('fusion', () => this.facts(parameters, batch.story, present, key));
    const question = withScope('question', () => this.question(parameters, batch.question));
    const scoresOf = this.scorer(parameters, facts, question);
    const episode = attentionGruCell.bind(parameters.episode);
    const attention: Tensor[] = [];
    let memory = question;
    for (let t = 0; t < episodes; t++) {
      const gates = softmax(where(present, scoresOf(memory), hiddenScore)); // [batch, sentences]
      const { final: context } = readGated(episode, facts, gates, width);
      const own = parameters.memories[Math.min(t, parameters.memories.length - 1)];
      invariant(own !== undefined, 'There are weights of a memory.');
      memory = relu(this.memory.apply(own, concat([memory, context, question])));
      attention.push(gates);
    }
    const known = this.dropout.apply(concat([question, memory]), key && foldIn(key, 1));
    return { logits: this.answer.apply(parameters.answer, known), attention: stack(attention, 1) };
  }

  /** f_i: [batch, sentences, width]. */
  private facts(
    { words, fusion }: DynamicMemoryNetworkPlusParameters<Tensor>,
    story: Tensor,
    present: Tensor,
    key: Tensor | undefined,
  ): Tensor {
    const { width } = this.config;
    const sentences = this.dropout.apply(encodeSentences(words.weight, story), key && foldIn(key, 0));
    const mask = cast(present, 'float32');
    const forward = readGated(gruCell.bind(fusion.forward), sentences, mask, width);
    const backward = readGated(gruCell.bind(fusion.backward), sentences, mask, width, { reverse: true });
    return add(forward.output, backward.output);
  }

  /** q: [batch, width]. */
  private question({ words, question }: DynamicMemoryNetworkPlusParameters<Tensor>, ids: Tensor): Tensor {
    const mask = cast(isWord(ids), 'float32');
    return readGated(gruCell.bind(question), gather(words.weight, ids), mask, this.config.width).final;
  }

  /** Scores [batch, sentences] of all facts for a memory. */
  private scorer(
    { attention }: DynamicMemoryNetworkPlusParameters<Tensor>,
    facts: Tensor,
    question: Tensor,
  ): (memory: Tensor) => Tensor {
    const [batch = 0, sentences = 0] = facts.shape;
    const ofQuestion = compare(facts, question);
    return (memory) => {
      const ofMemory = compare(facts, memory);
      const products = [ofQuestion.product, ofMemory.product];
      const distances = [ofQuestion.distance, ofMemory.distance];
      const z = concat([...products, ...distances]); // [batch, sentences, 4 width]
      const inner = tanh(this.attentionHidden.apply(attention.hidden, z));
      return reshape(this.attentionScore.apply(attention.score, inner), [batch, sentences]);
    };
  }
}
