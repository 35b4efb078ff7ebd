// Where a run begins: at its last checkpoint, or with new parameters. Knows nothing of the loop.
import type { JsonValue, TrainingRun, TrainingState } from '../checkpoint/index.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { BatchPosition } from '../data/index.js';
import type { OptimizerSettings } from './settings.js';
import type { Trainable } from './trainable.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import { z } from 'zod';
import { CheckpointError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { asSaved, asTrained, withAverage } from './averaging.js';
import { initialOptimizerState } from './move.js';

export interface StartingPoint {
  readonly isNew: boolean;
  readonly state: TrainingState;
  readonly trees: TrainingTrees<TensorData>;
}

/**
 * @param model draws new parameters, the same for the same random stream
 * @param memory what the model remembers before the first batch, where training carries it
 * @throws {CheckpointError} when the run's checkpoint is damaged or does not fit the model
 */
export async function startingPoint(
  run: TrainingRun,
  model: Pick<Trainable, 'init'>,
  settings: OptimizerSettings & { readonly seed: number; readonly average?: number | null },
  memory?: Tree<TensorData>,
): Promise<StartingPoint> {
  const random = Random.fromSeed(settings.seed);
  const parameters = model.init(random.split('parameters'));
  const carried = memory === undefined ? {} : { memory };
  const optimizer = initialOptimizerState(settings, parameters);
  const trees = withAverage({ parameters, optimizer, ...carried }, settings.average);
  if (!(await run.holds('last'))) return { isNew: true, state: initialState(random), trees };
  const { parameters: first, ...others } = asSaved(trees);
  const { trees: saved, state } = await run.load('last', { model: first, ...others });
  const { model: learned, ...rest } = saved;
  return { isNew: false, state, trees: asTrained({ parameters: learned, ...rest }, trees) };
}

function initialState(random: Random): TrainingState {
  const start: BatchPosition = { epoch: 0, index: 0 };
  return {
    step: 0,
    tokens: 0,
    random: random.state(),
    data: { ...start },
    best: null,
    evaluationsSinceBest: 0,
  };
}

const positionSchema = z.strictObject({ epoch: z.int().nonnegative(), index: z.int().nonnegative() });

/** The place in the data that a checkpoint holds. @throws {CheckpointError} when it is none */
export function positionOf(data: JsonValue): BatchPosition {
  const parsed = positionSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new CheckpointError(
    `The checkpoint does not say where in the data it stands: ${JSON.stringify(data)} was found, {"epoch", "index"} expected. Restore its state.json.`,
    { cause: parsed.error },
  );
}
