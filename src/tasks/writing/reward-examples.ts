// Examples that the model makes itself: texts that it draws, each with what a metric thinks of it. Knows no particular task.
import type { Random } from '../../core/random.js';
import type { Tree } from '../../core/tree.js';
import type { RowBatch } from '../../data/index.js';
import type { TextMetric } from '../../metrics/index.js';
import type { Examples, Named } from '../../train/index.js';
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
  readonly texts: readonly { readonly source: string; readonly references: readonly string[] }[];
  readonly ids: PairIds;
  readonly reward: RewardChoices;
  /** The model on a device, for texts to be drawn. */
  readonly open: (parameters: Tree<TensorData>) => Promise<TextWriter>;
}

/**
 * Self-critical sequence training (Rennie et al. 2017): of each source some texts are drawn, and one is written greedily;
 * the loss of a drawn text is its cross-entropy times what its reward is above that of the greedy one, so that texts become
 * likelier which are better than what the model would say. The gradient is equation 7 there, its mean over the samples.
 * Beside them stands the reference with a share of its own, as in the mixed objective of Paulus et al. 2018, equation 14.
 * A batch holds for each pair its samples and its reference: its rows are `samples + 1` times those of the pairs.
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
      for (const { target, advantage } of drawn[i] ?? []) {
        learned.push({ source: pair.source, target });
        weights.push((1 - referenceShare) * advantage);
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

  /** For each row the texts that were drawn, and what their rewards are above that of the greedy text. */
  private async draw(
    rows: readonly number[],
    maxTokens: number,
    random: Random,
    parameters: () => Promise<Tree<TensorData>>,
  ): Promise<readonly (readonly { readonly target: readonly number[]; readonly advantage: number }[])[]> {
    const { texts, reward, ids } = this.options;
    const writer = await this.current(parameters);
    const sources = rows.map((row) => texts[row]?.source ?? '');
    const { temperature, topK, samples: results } = reward;
    const sample = { temperature, topK, seed: random.integer(2 ** 31) };
    const greedy = await writer.write(sources, { beams: 1, noRepeatNgram: 0, maxTokens });
    const drawn = await writer.writeSeveral(sources, { sample, results, maxTokens });
    return rows.map((row, i) => {
      const usual = this.rewardOf(greedy[i], row);
      return (drawn[i] ?? []).map((text) => ({
        target: text.finish === 'end' ? [...text.tokens, ids.endToken] : text.tokens,
        advantage: this.rewardOf(text, row) - usual,
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

/** BLEU of a sentence counts the orders that it has (effective order), as sacreBLEU does. */
function rewardMetric(name: RewardChoices['metric'], references: readonly string[]): TextMetric {
  const isChinese = areChinese(references);
  return name === 'bleu'
    ? bleu({ tokenize: isChinese ? 'zh' : '13a', effectiveOrder: true })
    : rouge('rougeL', { tokenize: isChinese ? 'characters' : 'english' });
}
