// The dynamic memory network: reads a story word by word, then its sentences in several episodes. Knows nothing of training.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { CellParameters } from '../memory/recurrent-cell.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { Linear, LinearParameters } from '../nn/linear.js';
import type { DynamicMemoryNetworkConfig } from './dynamic-memory-network/config.js';
import type { StoryBatch, StoryModel, StoryReading } from './story-model.js';
import { withScope } from '../engine/graph.js';
import { mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { gather } from '../engine/ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { concat, select, stack } from '../engine/ops/slicing.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { readGated } from '../memory/gated-reading.js';
import { gruCell } from '../memory/gru-cell.js';
import { isSentence, isWord } from '../nn/sentence-encoding.js';
import { compare } from './dynamic-memory-network/comparison.js';
import { parseDynamicMemoryNetworkConfig } from './dynamic-memory-network/config.js';
import { initCell, initWords, linear } from './dynamic-memory-network/parameters.js';
import { storySizes } from './story-model.js';

export interface DynamicMemoryNetworkParameters<T> {
  readonly words: EmbeddingParameters<T>;
  /** Reads the words of the story. */
  readonly input: CellParameters<T>;
  readonly question: CellParameters<T>;
  readonly attention: {
    /** W(b), [width] to [width]: how a fact matches a question or memory. */
    readonly match: LinearParameters<T>;
    /** [7 width + 2] to [width] */
    readonly hidden: LinearParameters<T>;
    /** [width] to [1] */
    readonly score: LinearParameters<T>;
  };
  readonly episode: CellParameters<T>;
  readonly memory: CellParameters<T>;
  readonly answer: CellParameters<T>;
  /** [width] to [vocabularySize] */
  readonly output: LinearParameters<T>;
}

/**
 * A GRU reads all words of the story; its state at the end of sentence i is the fact c_i. The question q is the last state
 * of a GRU of its own. In each episode, with m the memory before (at first q),
 * z = [c, m, q, c * q, c * m, |c - q|, |c - m|, c Wb q, c Wb m], g = sigmoid(W2 tanh(W1 z + b1) + b2),
 * h_i = g_i GRU(c_i, h_i-1) + (1 - g_i) h_i-1, and m becomes GRU(h_last, m). The answer is W GRU(q, m).
 *
 * Source: Kumar et al. 2016, "Ask Me Anything: Dynamic Memory Networks for Natural Language Processing", section 2. All
 * answers are classes, so that the answer module takes one step, before which nothing was said (y_0 = 0).
 *
 * @example
 * const network = new DynamicMemoryNetwork({ vocabularySize: 40, width: 40 });
 * const parameters = network.init(Random.fromSeed(1));
 */
export class DynamicMemoryNetwork implements StoryModel<DynamicMemoryNetworkParameters<TensorData>> {
  readonly config: DynamicMemoryNetworkConfig;
  private readonly match: Linear;
  private readonly attentionHidden: Linear;
  private readonly attentionScore: Linear;
  private readonly output: Linear;

  /** @throws {ConfigError} when the config has an unknown key or an impossible value */
  constructor(config: unknown) {
    this.config = parseDynamicMemoryNetworkConfig(config);
    const { width, vocabularySize } = this.config;
    this.match = linear(width, width, false);
    this.attentionHidden = linear(7 * width + 2, width);
    this.attentionScore = linear(width, 1);
    this.output = linear(width, vocabularySize, false);
  }

  init(random: Random): DynamicMemoryNetworkParameters<TensorData> {
    const { width, vocabularySize } = this.config;
    const gru = (name: string): CellParameters<TensorData> =>
      initCell(gruCell, width, width, random.split(name));
    return {
      words: initWords(vocabularySize, width, random.split('words')),
      input: gru('input'),
      question: gru('question'),
      attention: {
        match: this.match.init(random.split('match')),
        hidden: this.attentionHidden.init(random.split('attention.hidden')),
        score: this.attentionScore.init(random.split('attention.score')),
      },
      episode: gru('episode'),
      memory: gru('memory'),
      answer: gru('answer'),
      output: this.output.init(random.split('output')),
    };
  }

  /** Reads stories and scores answers. @throws {ShapeError} when the batch is no story with a question */
  read(parameters: DynamicMemoryNetworkParameters<Tensor>, batch: StoryBatch<Tensor>): StoryReading<Tensor> {
    const { width, episodes, vocabularySize } = this.config;
    storySizes(`DynamicMemoryNetwork(${vocabularySize} words, width ${width})`, batch);
    const facts = withScope('input', () => this.facts(parameters, batch.story));
    const question = withScope('question', () => this.question(parameters, batch.question));
    const present = cast(isSentence(batch.story), 'float32'); // [batch, sentences]
    const [episode, remember] = [gruCell.bind(parameters.episode), gruCell.bind(parameters.memory)];
    const attention: Tensor[] = [];
    let memory = question;
    for (let t = 0; t < episodes; t++) {
      const gates = mul(this.gates(parameters, facts, question, memory), present);
      const { final } = readGated(episode, facts, gates, width);
      memory = remember.step(remember.fromInput(final), { hidden: memory }).state.hidden;
      attention.push(gates);
    }
    const answer = gruCell.bind(parameters.answer);
    const said = answer.step(answer.fromInput(question), { hidden: memory }).state.hidden;
    return { logits: this.output.apply(parameters.output, said), attention: stack(attention, 1) };
  }

  /** c_i: [batch, sentences, width]. */
  private facts({ words, input }: DynamicMemoryNetworkParameters<Tensor>, story: Tensor): Tensor {
    const { width } = this.config;
    const [batch = 0, sentences = 0, length = 0] = story.shape;
    const ids = reshape(story, [batch, sentences * length]);
    const mask = cast(isWord(ids), 'float32');
    const { output } = readGated(gruCell.bind(input), gather(words.weight, ids), mask, width);
    // Padding leaves the state as it is, so that the last place of a sentence holds the state after its last word.
    return select(reshape(output, [batch, sentences, length, width]), 2, length - 1);
  }

  /** q: [batch, width]. */
  private question({ words, question }: DynamicMemoryNetworkParameters<Tensor>, ids: Tensor): Tensor {
    const mask = cast(isWord(ids), 'float32');
    return readGated(gruCell.bind(question), gather(words.weight, ids), mask, this.config.width).final;
  }

  /** g: [batch, sentences]. */
  private gates(
    { attention }: DynamicMemoryNetworkParameters<Tensor>,
    facts: Tensor,
    question: Tensor,
    memory: Tensor,
  ): Tensor {
    const [batch = 0, sentences = 0] = facts.shape;
    const everywhere = (vector: Tensor): Tensor => broadcastTo(expandDims(vector, 1), facts.shape);
    const matches = (vector: Tensor): Tensor =>
      matmul(this.match.apply(attention.match, facts), expandDims(vector, 2)); // [batch, sentences, 1]
    const [ofQuestion, ofMemory] = [compare(facts, question), compare(facts, memory)];
    const parts = [facts, everywhere(memory), everywhere(question)];
    const products = [ofQuestion.product, ofMemory.product];
    const distances = [ofQuestion.distance, ofMemory.distance];
    const matched = [matches(question), matches(memory)];
    const z = concat([...parts, ...products, ...distances, ...matched]); // [batch, sentences, 7 width + 2]
    const inner = tanh(this.attentionHidden.apply(attention.hidden, z));
    return sigmoid(reshape(this.attentionScore.apply(attention.score, inner), [batch, sentences]));
  }
}
