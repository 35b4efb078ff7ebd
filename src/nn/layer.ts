// What all layers have in common: their contract, and the error for an input that does not fit. Knows no particular layer.
import type { Random } from '../core/random.js';
import type { Symbolic } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import { ShapeError } from '../core/errors.js';
import { formatShape } from '../core/shape.js';
import { currentScope, formatType } from '../engine/graph.js';

/**
 * A layer is immutable: options in the constructor, parameters in a plain tree that it makes and is given back.
 * `Parameters` is that tree with values as leaves; `apply` gets the same tree with symbolic tensors.
 */
export interface Layer<Parameters> {
  /** New parameters. Each tensor draws from a stream of its own, split off by its name. */
  init(random: Random): Parameters;
  /** The output for an input: a pure function. @throws {ShapeError} when `x` does not fit */
  apply(parameters: Symbolic<Parameters>, x: Tensor): Tensor;
}

/**
 * Refuses an input, as in `blocks.3.feedForward.up: Linear(512 -> 64) got input [8, 500]: last axis must be 512.`
 * @param layer the layer with its sizes
 * @param expected what must hold, and how to fix it where that is not the same
 */
export function badInput(layer: string, input: TensorType, expected: string): ShapeError {
  const scope = currentScope();
  const given = input.dtype === 'float32' ? formatShape(input.shape) : formatType(input);
  return new ShapeError(`${scope === '' ? '' : `${scope}: `}${layer} got input ${given}: ${expected}.`, {
    fields: { given: input.shape, dtype: input.dtype, ...(scope === '' ? {} : { scope }) },
  });
}

/** @throws {ShapeError} unless the last axis of `x` has the given size */
export function requireWidth(layer: string, x: Tensor, width: number): void {
  if (x.shape.at(-1) !== width) throw badInput(layer, x, `last axis must be ${width}`);
}

/** @throws {ShapeError} unless `x` has the given axes, named in the order of its shape */
export function requireAxes(layer: string, x: Tensor, axes: readonly string[]): void {
  if (x.shape.length !== axes.length) throw badInput(layer, x, `it must be [${axes.join(', ')}]`);
}
