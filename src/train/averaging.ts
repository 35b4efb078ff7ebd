// How a training state with averaged parameters lies in a checkpoint: the average is the model, what learns stands beside the optimizer. Knows nothing of files.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { MovingAverage } from '../optim/index.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import { averageOf } from '../optim/index.js';

/** Trees of training, with the average where the settings ask for one. */
export function withAverage(
  trees: TrainingTrees<TensorData>,
  decay: number | null | undefined,
): TrainingTrees<TensorData> {
  const average = decay === null || decay === undefined ? undefined : averageOf(trees.parameters);
  return average === undefined ? trees : { ...trees, average };
}

/** The parameters to validate and to use. */
export function parametersToUse({ parameters, average }: TrainingTrees<TensorData>): Tree<TensorData> {
  return average?.weights ?? parameters;
}

/** What of the optimizer's file belongs to the average. */
interface Beside {
  readonly optimizer: Tree<TensorData>;
  readonly learning: Tree<TensorData>;
  readonly step: TensorData;
}

/** As checkpoints have it. */
export function asSaved({ average, ...trees }: TrainingTrees<TensorData>): TrainingTrees<TensorData> {
  if (average === undefined) return trees;
  const { parameters: learning, optimizer, ...rest } = trees;
  const beside: Beside = { optimizer, learning, step: average.step };
  return { ...rest, parameters: average.weights, optimizer: beside as unknown as Tree<TensorData> };
}

/** The other way round. @param like trees before the first step: they say whether there is an average */
export function asTrained(
  saved: TrainingTrees<TensorData>,
  like: TrainingTrees<TensorData>,
): TrainingTrees<TensorData> {
  if (like.average === undefined) return saved;
  const { optimizer, learning, step } = saved.optimizer as unknown as Beside;
  const average: MovingAverage<TensorData> = { step, weights: saved.parameters };
  return { ...saved, parameters: learning, optimizer, average };
}
