// What an optimizer is: a transformation of gradients into updates, or a chain of them. Knows no particular one.
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { Update } from './update.js';
import { ShapeError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { mapLeaves } from '../core/tree.js';
import { formatType } from '../engine/graph.js';
import { sizeOf } from '../core/shape.js';
import { applyUpdates, updatesFrom } from './update.js';

export interface Transformed<State> {
  readonly updates: Tree<Update>;
  readonly state: State;
}

/**
 * One link of an optimizer. All of `update` is symbolic, so that a training step is one compiled graph; the state is a plain
 * tree of tensors that a checkpoint holds.
 */
export interface GradientTransformation<State extends Tree<Tensor> = Tree<Tensor>> {
  /** The state before the first step. @throws {ShapeError} when a parameter is not float32 */
  init(parameters: Tree<TensorData>): Tree<TensorData>;
  update(updates: Tree<Update>, state: State): Transformed<State>;
}

/** A transformation without state. */
export function stateless(transform: (updates: Tree<Update>) => Tree<Update>): GradientTransformation {
  return { init: () => ({}), update: (updates, state) => ({ updates: transform(updates), state }) };
}

/**
 * Transformations one after another, first to last. The state is the list of theirs.
 *
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: 1e-3, weightDecay: 0.1 }));
 */
export function chain(
  ...transformations: readonly GradientTransformation[]
): GradientTransformation<readonly Tree<Tensor>[]> {
  return {
    init: (parameters) => transformations.map((transformation) => transformation.init(parameters)),
    update(updates, states) {
      const next: Tree<Tensor>[] = [];
      let current = updates;
      transformations.forEach((transformation, i) => {
        const transformed = transformation.update(current, states[i] ?? {});
        next.push(transformed.state);
        current = transformed.updates;
      });
      return { updates: current, state: next };
    },
  };
}

/** Parameters and optimizer state after a step. */
export interface Stepped<Parameters> {
  readonly parameters: Parameters;
  readonly state: Tree<Tensor>;
}

/**
 * One step of an optimizer: gradients become updates, and the parameters move.
 *
 * @example
 * const state = optimizer.init(parameters); // values, before the first step
 * const next = applyGradients(optimizer, gradient, symbolicState, symbolicParameters); // in the traced step
 */
export function applyGradients<Parameters>(
  optimizer: GradientTransformation,
  gradients: Parameters,
  state: Tree<Tensor>,
  parameters: Parameters,
): Stepped<Parameters> {
  const updates = updatesFrom(gradients as Tree<Tensor>, parameters as Tree<Tensor>);
  const transformed = optimizer.update(updates, state);
  return { parameters: applyUpdates(transformed.updates) as Parameters, state: transformed.state };
}

/** Zeros for each parameter. @throws {ShapeError} when one is not float32 */
export function zerosLike(parameters: Tree<TensorData>): Tree<TensorData> {
  return mapLeaves(parameters, (parameter: TensorData, path) => {
    if (parameter.dtype !== 'float32') {
      throw new ShapeError(
        `Parameter "${path}" is ${formatType(parameter)}; optimizers move float32 parameters.`,
      );
    }
    return new TensorData('float32', parameter.shape, new Float32Array(sizeOf(parameter.shape)));
  });
}

/** The step counter of a state before the first step. */
export function stepZero(): TensorData {
  return new TensorData('int32', [], Int32Array.of(0));
}
