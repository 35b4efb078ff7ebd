// Uses a trained classifier: labels with calibrated probabilities for texts of any length. Knows nothing of training or of terminals.
import type { SavedTask } from '../tune/load.js';
import type { TextOrInContext } from '../tune/text-in-context.js';
import type { UseRunOptions } from '../tune/use-run.js';
import type { Surroundings } from '../surroundings.js';
import { inContext } from '../tune/text-in-context.js';
import { useRun } from '../tune/use-run.js';
import { highest, type OpenClassifier } from './open-classifier.js';
import { Scorer } from './scorer.js';

/** What a text is. */
export interface Classification {
  readonly label: string;
  /** Of that label, in [0, 1]. */
  readonly probability: number;
  /** Of every label; they sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A text with what stands in front of it, the furthest first, for runs that were trained with context. */
export type TextToClassify = TextOrInContext;

/** A trained classifier that is ready for texts. `dispose` releases what it holds on the device. */
export class Classifier {
  readonly labels: readonly string[];
  private readonly opened: OpenClassifier;
  private readonly scorer: Scorer;

  private constructor(opened: OpenClassifier, scorer: Scorer) {
    this.opened = opened;
    this.labels = opened.labels.labels;
    this.scorer = scorer;
  }

  /** @param saved of the task classify */
  static async open(
    { opened, parameters }: SavedTask,
    { runtime }: Pick<Surroundings, 'runtime'>,
  ): Promise<Classifier> {
    const classifier = opened as OpenClassifier;
    const scorer = new Scorer(runtime, classifier.classifier, classifier.encoding);
    await scorer.use(parameters);
    return new Classifier(classifier, scorer);
  }

  /** Long texts are read in chunks whose probabilities are pooled. */
  async classify(texts: readonly TextToClassify[]): Promise<readonly Classification[]> {
    const all = await this.opened.probabilitiesOf(texts.map(inContext), this.scorer);
    return all.map((probabilities) => {
      const best = highest(probabilities);
      return {
        label: this.labels[best] ?? '',
        probability: probabilities[best] ?? 0,
        probabilities: Object.fromEntries(this.labels.map((label, i) => [label, probabilities[i] ?? 0])),
      };
    });
  }

  dispose(): Promise<void> {
    return this.scorer.dispose();
  }
}

export type ClassifyOptions = UseRunOptions;

/**
 * The label of a text. For many texts give them at once: the run is read anew with each call.
 *
 * @param run the folder of a run of the task classify
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 *
 * @example
 * const { label, probability } = await classify('runs/reviews', '房间很大，早餐不错');
 */
export async function classify(
  run: string,
  text: TextToClassify,
  options?: ClassifyOptions,
): Promise<Classification>;
export async function classify(
  run: string,
  texts: readonly TextToClassify[],
  options?: ClassifyOptions,
): Promise<readonly Classification[]>;
export async function classify(
  run: string,
  given: TextToClassify | readonly TextToClassify[],
  options: ClassifyOptions = {},
): Promise<Classification | readonly Classification[]> {
  const isList = Array.isArray as (value: unknown) => value is readonly TextToClassify[];
  const found = await useRun(
    { run, task: 'classify', open: (saved, own) => Classifier.open(saved, own) },
    options,
    (classifier) => classifier.classify(isList(given) ? given : [given]),
  );
  return isList(given) ? found : (found[0] as Classification);
}
