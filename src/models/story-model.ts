// What models that answer questions about stories have in common. Knows no particular model.
import type { Random } from '../core/random.js';
import type { Symbolic } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { badInput } from '../nn/layer.js';

/** Stories with a question each. Id 0 fills up sentences and stories, always behind what there is. */
export interface StoryBatch<T> {
  /** int32 [batch, sentences, words] */
  readonly story: T;
  /** int32 [batch, words] */
  readonly question: T;
}

/** What a model makes of stories. */
export interface StoryReading<T> {
  /** Scores of all words (and answers) of the vocabulary: [batch, vocabulary]. */
  readonly logits: T;
  /** How much each episode or hop attended to each sentence, 0 at padding: [batch, episodes, sentences]. */
  readonly attention: T;
}

export interface StoryReadOptions {
  /** Key of the random numbers that training draws, uint32[2]; without it nothing is random. */
  readonly key?: Tensor;
}

/** A model that reads a story several times with a question in mind. */
export interface StoryModel<Parameters> {
  /** Plain data to make the same model again. */
  readonly config: Readonly<Record<string, unknown>>;
  init(random: Random): Parameters;
  /** @throws {ShapeError} when the batch is no story with a question */
  read(
    parameters: Symbolic<Parameters>,
    batch: StoryBatch<Tensor>,
    options?: StoryReadOptions,
  ): StoryReading<Tensor>;
}

/** Sizes of a batch. @throws {ShapeError} when it is no story with a question */
export function storySizes(
  model: string,
  { story, question }: StoryBatch<Tensor>,
): { readonly batch: number; readonly sentences: number } {
  if (story.dtype !== 'int32' || story.shape.length !== 3)
    throw badInput(model, story, 'a story must be int32 [batch, sentences, words]');
  const [batch = 0, sentences = 0] = story.shape;
  if (question.dtype !== 'int32' || question.shape.length !== 2 || question.shape[0] !== batch)
    throw badInput(model, question, `a question must be int32 [${batch}, words]`);
  return { batch, sentences };
}
