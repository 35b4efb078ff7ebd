// The loop over time: applies one step to every slice of a sequence, carrying a state. Knows nothing of recurrent networks.
import type { Tree } from '../../core/tree.js';
import type { Graph, Op, Tensor } from '../graph.js';
import { ShapeError, invariant } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { leavesOf, unflattenLike } from '../../core/tree.js';
import { apply, formatType } from '../graph.js';
import { evaluate } from '../runtime/reference.js';
import { capturesOf, substitute } from '../substitute.js';
import { unobserved } from '../observe.js';
import { placeholder, range } from './constant.js';
import { scanVjp } from './scan-vjp.js';
import { at, fill } from './support.js';

/**
 * A traced step. Its graph takes [carries..., slices..., captures...] and returns [next carries..., ys...].
 * Inputs of the node: initial carries, sequences [length, ...], captured tensors; outputs: final carries, ys stacked.
 */
export interface ScanAttributes extends Readonly<Record<string, unknown>> {
  readonly body: Graph;
  readonly carries: number;
  readonly sequences: number;
  readonly length: number;
  /** Go from the last slice to the first; y of a slice still lands at the slice's place. */
  readonly reverse: boolean;
}

/** The inputs or outputs of a scan, by their role. */
export function partsOf<T>(
  items: readonly T[],
  carries: number,
  sequences: number,
): { carries: T[]; rest: T[]; sequences: T[] } {
  return {
    carries: items.slice(0, carries),
    sequences: items.slice(carries, carries + sequences),
    rest: items.slice(carries + sequences),
  };
}

export const scanOp: Op<ScanAttributes> = {
  name: 'scan',
  shape(inputs, { body, carries, length }) {
    inputs.slice(0, carries).forEach((initial, i) => {
      const next = at(body.outputs, i);
      if (initial.dtype === next.dtype && sameShape(initial.shape, next.shape)) return;
      throw new ShapeError(
        `scan: the step turns carry ${i} from ${formatType(initial)} into ${formatType(next)}; a carry must keep its type.`,
        { fields: { given: initial.shape, returned: next.shape } },
      );
    });
    return body.outputs.map(({ dtype, shape }, i) => ({
      dtype,
      shape: i < carries ? shape : [length, ...shape],
    }));
  },
  vjp: (cotangents, node) => scanVjp(cotangents, node),
  onnx(builder, inputs, { attributes: { body, carries, sequences, reverse } }) {
    const formals = partsOf(body.inputs, carries, sequences);
    const actuals = partsOf(inputs, carries, sequences);
    const captured = new Map(formals.rest.map((formal, i) => [formal, at(actuals.rest, i)]));
    const directions = Array.from({ length: sequences }, () => Number(reverse));
    const ys = body.outputs.length - carries;
    return builder.nodes('Scan', [...actuals.carries, ...actuals.sequences], body.outputs.length, {
      attributes: {
        body: builder.subgraph(body, captured),
        num_scan_inputs: sequences,
        scan_input_directions: directions,
        ...(ys === 0 ? {} : { scan_output_directions: Array.from({ length: ys }, () => Number(reverse)) }),
      },
    });
  },
  reference(inputs, { outputs, attributes: { body, carries, sequences, length, reverse } }) {
    const actuals = partsOf(inputs, carries, sequences);
    const ys = outputs.slice(carries).map((type) => fill(type, () => 0));
    let state: readonly TensorData[] = actuals.carries;
    for (let step = 0; step < length; step++) {
      const time = reverse ? length - 1 - step : step;
      const slices = actuals.sequences.map((sequence) => sliceAt(sequence, time));
      const results = evaluate(body, [...state, ...slices, ...actuals.rest]);
      state = results.slice(0, carries);
      results.slice(carries).forEach((y, i) => at(ys, i).data.set(y.data, time * y.data.length));
    }
    return [...state, ...ys];
  },
};

function sliceAt(sequence: TensorData, time: number): TensorData {
  const size = sequence.data.length / at(sequence.shape, 0);
  return new TensorData(
    sequence.dtype,
    sequence.shape.slice(1),
    sequence.data.slice(time * size, (time + 1) * size),
  );
}

/**
 * Applies the scan op; everything the step takes from outside becomes an input of the node.
 * ONNX wants at least one sequence: where there is none, the steps are counted.
 */
export function applyScan(
  step: Graph,
  initial: readonly Tensor[],
  sequences: readonly Tensor[],
  length: number,
  reverse: boolean,
): readonly Tensor[] {
  if (sequences.length === 0) {
    const counted = {
      inputs: [...step.inputs, placeholder({ dtype: 'int32', shape: [] }, 'time')],
      outputs: step.outputs,
    };
    return applyScan(counted, initial, [range(length)], length, reverse);
  }
  const captures = capturesOf(step.outputs, new Set(step.inputs));
  const formals = captures.map((tensor, i) => placeholder(tensor, `capture${i}`));
  const closed = substitute(step.outputs, new Map(captures.map((tensor, i) => [tensor, at(formals, i)])));
  const body: Graph = { inputs: [...step.inputs, ...formals], outputs: closed };
  const attributes = { body, carries: initial.length, sequences: sequences.length, length, reverse };
  return apply(scanOp, [...initial, ...sequences, ...captures], attributes);
}

export interface ScanOptions {
  /** Go from the last slice to the first. */
  readonly reverse?: boolean;
  /** Number of steps, needed only when there are no sequences. */
  readonly length?: number;
}

/** What a step returns: the next carry, and what is collected. */
export interface ScanStep<Carry, Y> {
  readonly carry: Carry;
  readonly y: Y;
}

/**
 * Runs `step` over the first axis of `sequences`.
 * @param step receives the carry and one slice of every sequence; may use any tensor from outside
 * @param initial tree of tensors: the carry before the first step; it keeps its types
 * @param sequences tree of tensors [length, ...]
 * @returns the last carry, and the ys stacked along a new first axis
 * @throws {ShapeError} when lengths differ or are 0, or the carry changes its type
 *
 * The gradient saves what the step computed and runs a reverse scan; gradients of captured weights are taken out of
 * that loop as one product over all steps.
 */
export function scan<Carry, Xs, Y>(
  step: (carry: Carry, x: Xs) => ScanStep<Carry, Y>,
  initial: Carry,
  sequences: Xs,
  options: ScanOptions = {},
): { readonly carry: Carry; readonly ys: Y } {
  const starts = leavesOf(initial as Tree<Tensor>);
  const given = leavesOf(sequences as Tree<Tensor>);
  const length = commonLength(given, options.length);
  const formalCarries = starts.map((tensor, i) => placeholder(tensor, `carry${i}`));
  const formalSlices = given.map(({ dtype, shape }, i) =>
    placeholder({ dtype, shape: shape.slice(1) }, `slice${i}`),
  );
  const carry = unflattenLike<Carry, Tensor, Tensor>(initial, formalCarries) as Carry;
  const slice = unflattenLike<Xs, Tensor, Tensor>(sequences, formalSlices) as Xs;
  const result = unobserved(() => step(carry, slice));
  const nextCarries = leavesOf(result.carry as Tree<Tensor>);
  invariant(
    nextCarries.length === starts.length,
    'The step of a scan must return a carry of the same structure.',
  );
  const graph: Graph = {
    inputs: [...formalCarries, ...formalSlices],
    outputs: [...nextCarries, ...leavesOf(result.y as Tree<Tensor>)],
  };
  const outputs = applyScan(graph, starts, given, length, options.reverse ?? false);
  return {
    carry: unflattenLike<Carry, Tensor, Tensor>(initial, outputs.slice(0, starts.length)) as Carry,
    ys: unflattenLike<Y, Tensor, Tensor>(result.y, outputs.slice(starts.length)) as Y,
  };
}

function commonLength(sequences: readonly Tensor[], given: number | undefined): number {
  const lengths = sequences.map((sequence) => sequence.shape[0]);
  const length = given ?? lengths[0];
  if (length === undefined || length < 1 || lengths.some((other) => other !== length)) {
    throw new ShapeError(
      `scan: the sequences have shapes ${sequences.map((sequence) => formatShape(sequence.shape)).join(', ') || 'none'}; their first axes must be equal and at least 1.`,
      { fields: { lengths } },
    );
  }
  return length;
}
