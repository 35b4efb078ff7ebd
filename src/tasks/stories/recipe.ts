// How each model of stories is trained, as plain data. Knows nothing of the models' code.

export interface StoryRecipe {
  /** Size of the vectors of the model. */
  readonly width: number;
  /** Episodes, or hops; read only by models that have them. */
  readonly episodes: number;
  /** Sentences (or tokens, for models that read these) of the longest story; a longer one keeps its latest. */
  readonly maxLength: number;
  readonly batchSize: number;
  /** Rates of the attempts, in turns. */
  readonly learningRates: readonly number[];
  /** Factor of the rate after every `decayEvery` epochs. */
  readonly decay: number;
  readonly decayEvery: number;
  /** L2 regularization of matrices: added to the gradient. */
  readonly l2: number;
  readonly clipNorm: number;
  /** At most so many epochs without softmax in attention at the beginning ("linear start"), at half the rate. */
  readonly linearEpochs: number;
  /** Attempts from other seeds, of which the best by validation goes on after `trialEpochs`. */
  readonly attempts: number;
  readonly trialEpochs: number;
  readonly epochs: number;
  /** Epochs without a better validation after which training ends. */
  readonly patience: number;
}

const shared = { clipNorm: 5, attempts: 4, linearEpochs: 0, decay: 1, decayEvery: 1, l2: 0 } as const;

/** The same for every recurrent classifier. */
const classifier = {
  ...shared,
  width: 64,
  episodes: 1,
  maxLength: 400,
  batchSize: 64,
  learningRates: [2e-3],
  attempts: 1,
  trialEpochs: 10,
  epochs: 40,
  patience: 10,
} as const;

/** Recipes for 10,000 questions of one task. Chosen on validation questions; sources are those of the models. */
export const recipes = {
  'dmn-plus': {
    ...shared,
    width: 80,
    episodes: 3,
    maxLength: 130,
    batchSize: 64,
    learningRates: [1e-3],
    l2: 3e-4,
    trialEpochs: 12,
    epochs: 100,
    patience: 20,
  },
  dmn: {
    ...shared,
    width: 40,
    episodes: 3,
    maxLength: 70,
    batchSize: 64,
    learningRates: [2e-3],
    trialEpochs: 10,
    epochs: 60,
    patience: 15,
  },
  'mem-n2n': {
    ...shared,
    width: 32,
    episodes: 3,
    maxLength: 50,
    batchSize: 32,
    learningRates: [5e-3],
    decay: 0.5,
    decayEvery: 12,
    clipNorm: 40,
    linearEpochs: 8,
    trialEpochs: 40,
    epochs: 60,
    patience: 20,
  },
  lstm: classifier,
  gru: classifier,
} as const satisfies Readonly<Record<string, StoryRecipe>>;
