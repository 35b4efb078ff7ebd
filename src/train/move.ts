// Moves parameters by their gradients: all of them, or all but those that are frozen. Knows nothing of the loss.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { Schedule } from '../optim/index.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import type { OptimizerSettings } from './settings.js';
import { ConfigError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { flattenTree, mapLeaves } from '../core/tree.js';
import { full } from '../engine/ops/constant.js';
import { applyGradients, globalNorm } from '../optim/index.js';
import { optimizerOf, scheduleOf } from './optimizer.js';

/** Trees after a step, and what is known of it. Scalars, float32. */
export interface Moved extends Pick<TrainingTrees<Tensor>, 'parameters' | 'optimizer'> {
  /** Of this step. */
  readonly learningRate: Tensor;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: Tensor;
}

/** @param gradient like the part of the parameters that learns, see `learningPart` */
export function move(
  settings: OptimizerSettings,
  { parameters, optimizer: before }: Pick<TrainingTrees<Tensor>, 'parameters' | 'optimizer'>,
  gradient: Tree<Tensor>,
): Moved {
  const { schedule, rate } = observed(scheduleOf(settings));
  const learning = learningPart(parameters, settings);
  const next = applyGradients(optimizerOf(settings, schedule), gradient, before, learning);
  return {
    parameters: withPart(parameters, next.parameters),
    optimizer: next.state,
    learningRate: rate(),
    gradientNorm: globalNorm(gradient),
  };
}

/** The state of the optimizer before the first step. @throws {ConfigError} when nothing, or something unknown, is frozen */
export function initialOptimizerState(
  settings: OptimizerSettings,
  parameters: Tree<TensorData>,
): Tree<TensorData> {
  return optimizerOf(settings, scheduleOf(settings)).init(learningPart(parameters, settings));
}

/**
 * The parameters that learn: all of them, as the same tree, or those that are not frozen, by their dotted paths, so that
 * paths in the optimizer's state are the same either way.
 * @throws {ConfigError} when a frozen path names no parameter, or none is left to learn
 */
export function learningPart<T>(
  parameters: Tree<T>,
  { freeze = [] }: Pick<OptimizerSettings, 'freeze'>,
): Tree<T> {
  if (freeze.length === 0) return parameters;
  const paths = flattenTree(parameters);
  for (const prefix of freeze) requireKnown(prefix, [...paths.keys()]);
  const learning = [...paths].filter(([path]) => !freeze.some((prefix) => isBelow(path, prefix)));
  if (learning.length > 0) return Object.fromEntries(learning) as Tree<T>;
  throw new ConfigError(
    `Every parameter is frozen by ${freeze.join(', ')}, so nothing can learn. Freeze less.`,
    { fields: { freeze } },
  );
}

/** All parameters, with those of a part in the place of their own. */
function withPart<T>(parameters: Tree<T>, part: Tree<T>): Tree<T> {
  const changed = flattenTree(part);
  return mapLeaves(parameters, (leaf: T, path) => changed.get(path) ?? leaf);
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}

function requireKnown(prefix: string, paths: readonly string[]): void {
  if (paths.some((path) => isBelow(path, prefix))) return;
  const tops = [...new Set(paths.map((path) => path.split('.')[0] ?? path))];
  throw new ConfigError(
    `There is no parameter at or below "${prefix}" to freeze.${didYouMean(prefix, tops)}`,
    { fields: { freeze: prefix, found: tops } },
  );
}

/** A schedule, and the rate that it gave when the optimizer asked it. */
function observed(schedule: Schedule): { readonly schedule: Schedule; readonly rate: () => Tensor } {
  let asked = full(0);
  return { schedule: (count) => (asked = schedule(count)), rate: () => asked };
}
