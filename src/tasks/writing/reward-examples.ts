// Examples that the model makes itself: texts that it draws, each with what a metric thinks of it. Knows no particular task.
import type { Random } from '../../core/random.js';
import type { Tree } from '../../core/tree.js';
import type { RowBatch } from '../../data/index.js';
import type { TextMetric } from '../../metrics/index.js';
import type { Examples, Named } from '../../train/index.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { EncodedPair, PairIds } from './pair-tokens.js';
import type { RewardChoices } from './recipe.js';
import type { TextWriter, WrittenText } from './text-writer.js';
import { TensorData } from '../../core/tensor-data.js';
import { bleu, rouge } from '../../metrics/index.js';
import { pairBatch, pairExamples } from './pair-examples.js';
import { areChinese } from './scores.js';

export interface RewardOptions {
  readonly pairs: readonly EncodedPair[];
  /** The texts of the pairs, with all references. */
  readonly texts: readonly { readonly source: TextInContext; readonly references: readonly string[] }[];
  readonly ids: PairIds;
  readonly reward: RewardChoices;
  /** The model on a device, for texts to be drawn. */
  readonly open: (parameters: Tree<TensorData>) => Promise<TextWriter>;
}

/**
 * Minimum risk training (Shen et al. 2016): of each source some texts are drawn; the risk is the mean of what they lack in
 * reward, each by its probability among them, Q(y) ~ P(y)^sharpness (equations 10 and 11 there). Its gradient is that of the
 * cross-entropy of each distinct text times Q(y) (reward(y) - mean reward under Q), so that texts become likelier which are
 * better than the others. The reference is not among them: it stands beside them with a share of its own, as in the mixed
 * objective of Paulus et al. 2018, equation 14, which leaves no doubt about its probability under the model.
 * A batch holds for each pair its reference and its samples: its rows are `samples + 1` times those of the pairs.
 */
export class RewardExamples implements Examples {
  readonly lengths: ArrayLike<number>;
  private readonly options: RewardOptions;
  private readonly metric: TextMetric;
  private readonly time: number;
  private writer: TextWriter | undefined;

  constructor(options: RewardOptions) {
    const { pairs, ids, texts, reward } = options;
    this.options = options;
    this.lengths = pairExamples(pairs, ids).lengths;
    this.time = pairs.reduce((most, { target }) => Math.max(most, target.length), 1);
    this.metric = rewardMetric(
      reward.metric,
      texts.flatMap(({ references }) => references),
    );
  }

  async tensors(
    { rows, batchSize, length }: RowBatch,
    random: Random,
    parameters: () => Promise<Tree<TensorData>>,
  ): Promise<Named<TensorData>> {
    const { pairs, ids, reward } = this.options;
    const time = Math.min(length, this.time);
    const drawn = await this.draw(rows, time, random, parameters);
    const { samples, referenceShare } = reward;
    const learned: EncodedPair[] = [];
    const weights: number[] = [];
    rows.forEach((row, i) => {
      const pair = pairs[row];
      if (pair === undefined) return;
      learned.push(pair);
      weights.push(referenceShare);
      for (const { target, factor } of drawn[i] ?? []) {
        learned.push({ source: pair.source, target });
        weights.push((1 - referenceShare) * factor);
      }
    });
    const size = batchSize * (samples + 1);
    const weighted = Float32Array.from({ length: size }, (_, i) => weights[i] ?? 0);
    return {
      ...pairBatch(learned, { batchSize: size, sourceTime: length, time }, ids),
      weights: new TensorData('float32', [size], weighted),
    };
  }

  async dispose(): Promise<void> {
    await this.writer?.dispose();
  }

  /** For each row the distinct texts that were drawn, with the factor of their cross-entropy. */
  private async draw(
    rows: readonly number[],
    maxTokens: number,
    random: Random,
    parameters: () => Promise<Tree<TensorData>>,
  ): Promise<readonly (readonly Drawn[])[]> {
    const { texts, reward, ids } = this.options;
    const writer = await this.current(parameters);
    const sources = rows.map((row) => texts[row]?.source ?? '');
    const { temperature, topK, samples: results } = reward;
    const sample = { temperature, topK, seed: random.integer(2 ** 31) };
    const drawn = await writer.writeSeveral(sources, { sample, results, maxTokens });
    return rows.map((row, i) => {
      const all = (drawn[i] ?? []).map((text) => [text.tokens.join(' '), text] as const);
      const distinct = [...new Map(all).values()];
      const factors = riskFactors(
        distinct.map(({ logProbability }) => logProbability),
        distinct.map((text) => this.rewardOf(text, row)),
        reward.sharpness,
      );
      return distinct.map(({ tokens, finish }, place) => ({
        target: finish === 'end' ? [...tokens, ids.endToken] : tokens,
        factor: factors[place] ?? 0,
      }));
    });
  }

  /** The model as it is now. */
  private async current(parameters: () => Promise<Tree<TensorData>>): Promise<TextWriter> {
    if (this.writer === undefined) this.writer = await this.options.open(await parameters());
    else await this.writer.replace(await parameters());
    return this.writer;
  }

  /** In [0, 1]. */
  private rewardOf(written: WrittenText | undefined, row: number): number {
    const references = this.options.texts[row]?.references ?? [];
    const statistics = this.metric.statistics(written?.text ?? '', references);
    return this.metric.scoreOf(statistics).score / this.metric.scale;
  }
}

/** A text that was drawn, and what its cross-entropy is multiplied by. */
interface Drawn {
  readonly target: readonly number[];
  readonly factor: number;
}

/**
 * n Q(y) (reward(y) - mean reward under Q) for each of n texts; they sum to 0 where Q is even.
 * @param sharpness of Q; small: all texts count nearly alike
 */
export function riskFactors(
  logProbabilities: readonly number[],
  rewards: readonly number[],
  sharpness: number,
): number[] {
  const highest = Math.max(...logProbabilities);
  const shares = logProbabilities.map((logProbability) => Math.exp(sharpness * (logProbability - highest)));
  const total = shares.reduce((a, b) => a + b, 0);
  const q = shares.map((share) => share / total);
  const mean = rewards.reduce((sum, reward, i) => sum + (q[i] ?? 0) * reward, 0);
  return rewards.map((reward, i) => rewards.length * (q[i] ?? 0) * (reward - mean));
}

/** BLEU of a sentence counts the orders that it has (effective order), as sacreBLEU does. */
function rewardMetric(name: RewardChoices['metric'], references: readonly string[]): TextMetric {
  const isChinese = areChinese(references);
  return name === 'bleu'
    ? bleu({ tokenize: isChinese ? 'zh' : '13a', effectiveOrder: true })
    : rouge('rougeL', { tokenize: isChinese ? 'characters' : 'english' });
}
