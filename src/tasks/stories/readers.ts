// The models that can answer questions about stories, by name, and how each is trained. The one list of them.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { StoryQuestion } from '../../data/babi.js';
import type { Tensor } from '../../engine/graph.js';
import type { SequenceClassifierParameters } from '../../models/sequence-classifier.js';
import type { StoryBatch, StoryModel } from '../../models/story-model.js';
import type { Named } from '../../train/row-table.js';
import type { StoryRecipe } from './recipe.js';
import type { StoryLayout } from './story-tables.js';
import type { StoryVocabulary } from './vocabulary.js';
import { UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { DynamicMemoryNetworkPlus } from '../../models/dynamic-memory-network-plus.js';
import { DynamicMemoryNetwork } from '../../models/dynamic-memory-network.js';
import { EndToEndMemoryNetwork } from '../../models/end-to-end-memory-network.js';
import { SequenceClassifier } from '../../models/sequence-classifier.js';
import { recipes } from './recipe.js';
import { sentenceLayout, tokenLayout } from './story-tables.js';

export interface ReaderOptions {
  /** uint32[2], in training. */
  readonly key?: Tensor;
  /** Attention without its softmax, where the model begins like that. */
  readonly linear?: boolean;
}

/** What a reader makes of a batch. */
export interface Answers {
  /** [batch, vocabulary] */
  readonly logits: Tensor;
  /** [batch, episodes, sentences]; absent where nothing attends. */
  readonly attention?: Tensor;
}

/** A model with the tables that it reads. */
export interface StoryReader {
  readonly layout: StoryLayout;
  init(random: Random): Tree<TensorData>;
  /** @param rows the tensors of a table of the layout */
  read(parameters: Tree<Tensor>, rows: Named<Tensor>, options?: ReaderOptions): Answers;
}

type MakeReader = (
  all: readonly StoryQuestion[],
  vocabulary: StoryVocabulary,
  recipe: StoryRecipe,
) => StoryReader;

/** Readers of sentences. Parameters are trees of tensors; only the model knows which ones. */
function ofSentences<P>(make: (vocabularySize: number, recipe: StoryRecipe) => StoryModel<P>): MakeReader {
  return (all, vocabulary, recipe) => {
    const model = make(vocabulary.size, recipe) as unknown as StoryModel<Tree<TensorData>>;
    return {
      layout: sentenceLayout(all, vocabulary, recipe.maxLength),
      init: (random) => model.init(random),
      read: (parameters, rows, options) =>
        model.read(parameters, rows as unknown as StoryBatch<Tensor>, options),
    };
  };
}

/** Readers of tokens, with the memory of that name. */
function ofTokens(memory: string): MakeReader {
  return (all, vocabulary, { maxLength, width }) => {
    const sizes = { vocabularySize: vocabulary.size, classes: vocabulary.size };
    const model = new SequenceClassifier({ ...sizes, width, memory, maxLength });
    type Own = SequenceClassifierParameters<Tensor>;
    return {
      layout: tokenLayout(all, vocabulary, maxLength),
      init: (random) => model.init(random) as unknown as Tree<TensorData>,
      read: (parameters, rows) => ({
        logits: model.read(parameters as unknown as Own, rows['tokens'] as Tensor),
      }),
    };
  };
}

const makers = {
  'dmn-plus': ofSentences(
    (vocabularySize, { width, episodes }) =>
      new DynamicMemoryNetworkPlus({ vocabularySize, width, episodes }),
  ),
  dmn: ofSentences(
    (vocabularySize, { width, episodes }) => new DynamicMemoryNetwork({ vocabularySize, width, episodes }),
  ),
  'mem-n2n': ofSentences(
    (vocabularySize, { width, episodes: hops, maxLength: memorySize }) =>
      new EndToEndMemoryNetwork({ vocabularySize, width, hops, memorySize }),
  ),
  lstm: ofTokens('lstm'),
  gru: ofTokens('gru'),
} satisfies Record<keyof typeof recipes, MakeReader>;

export type StoryReaderName = keyof typeof makers;

/** Names of all readers. */
export const storyReaderNames = Object.keys(makers) as readonly StoryReaderName[];

/** @throws {UsageError} when there is no reader of that name, with the nearest one */
export function storyReaderName(name: string): StoryReaderName {
  const known = storyReaderNames.find((other) => other === name);
  if (known !== undefined) return known;
  throw new UsageError(`No model "${name}" answers questions.${didYouMean(name, storyReaderNames)}`);
}

export function makeStoryReader(name: StoryReaderName, ...given: Parameters<MakeReader>): StoryReader {
  return makers[name](...given);
}
