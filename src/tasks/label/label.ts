// Uses a trained labeller: the label of each word of a sentence. Knows nothing of training or of terminals.
import type { LabelledSpan } from '../../metrics/index.js';
import type { Surroundings } from '../surroundings.js';
import type { SavedTask } from '../tune/load.js';
import type { UseRunOptions } from '../tune/use-run.js';
import type { LabelScorer, OpenLabeller } from './open-labeller.js';
import { spansOf } from '../../metrics/index.js';
import { useRun } from '../tune/use-run.js';
import { wordsOf } from './words.js';

/** A sentence with the label of each of its words. */
export interface LabelledSentence {
  readonly tokens: readonly string[];
  readonly labels: readonly string[];
  /** Words that belong together by their labels, B-X and I-X: places among the tokens, the end not included. */
  readonly spans: readonly LabelledSpan[];
}

/** A sentence as its words; or as a text, which is then split as a dictionary has it. */
export type SentenceToLabel = string | readonly string[];

/** A trained labeller that is ready for sentences. `dispose` releases what it holds on the device. */
export class Labeller {
  readonly labels: readonly string[];
  private readonly opened: OpenLabeller;
  private readonly scorer: LabelScorer;

  private constructor(opened: OpenLabeller, scorer: LabelScorer) {
    this.opened = opened;
    this.labels = opened.labels.labels;
    this.scorer = scorer;
  }

  /** @param saved of the task label */
  static async open(
    { opened, parameters }: SavedTask,
    { runtime }: Pick<Surroundings, 'runtime'>,
  ): Promise<Labeller> {
    const labeller = opened as OpenLabeller;
    return new Labeller(labeller, await labeller.scorer(parameters, runtime));
  }

  async label(sentences: readonly SentenceToLabel[]): Promise<readonly LabelledSentence[]> {
    const words = sentences.map((sentence) =>
      typeof sentence === 'string' ? wordsOf(sentence, this.opened.byCharacter) : sentence,
    );
    const found = await this.scorer.label(words);
    return words.map((tokens, i) => {
      const labels = found[i] ?? [];
      return { tokens, labels, spans: this.opened.hasSpans ? spansOf(labels) : [] };
    });
  }

  dispose(): Promise<void> {
    return this.scorer.dispose();
  }
}

/**
 * The labels of a text's words. For many sentences give them at once with `labelAll`: the run is read anew with each call.
 *
 * @param run the folder of a run of the task label
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 *
 * @example
 * const { tokens, labels } = await label('runs/names', '李去上海');
 */
export async function label(
  run: string,
  sentence: SentenceToLabel,
  options?: UseRunOptions,
): Promise<LabelledSentence> {
  const [found] = await labelAll(run, [sentence], options);
  return found ?? { tokens: [], labels: [], spans: [] };
}

/** The labels of the words of many sentences. @throws {CheckpointError} as `label` */
export async function labelAll(
  run: string,
  sentences: readonly SentenceToLabel[],
  options: UseRunOptions = {},
): Promise<readonly LabelledSentence[]> {
  return useRun(
    { run, task: 'label', open: (saved, own) => Labeller.open(saved, own) },
    options,
    (labeller) => labeller.label(sentences),
  );
}
