// Cross-entropy of rows of logits with target classes, without a one-hot tensor in either direction.
import type { Op, Tensor, TensorType } from '../graph.js';
import { ShapeError } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/shape.js';
import { apply, applyOne } from '../graph.js';
import { and, greaterOrEqual, less, mul, sub, add } from './arithmetic.js';
import { cast } from './cast.js';
import { reshape } from './layout.js';
import { sum } from './reduce.js';
import { logSoftmaxOp } from './softmax.js';
import { at, fill, requireFloat, requireInt32 } from './support.js';
import { exp } from './unary.js';

type NoAttributes = Readonly<Record<string, never>>;

function checkRows(
  name: string,
  inputs: readonly TensorType[],
): readonly [logits: TensorType, targets: TensorType] {
  const [logits, targets] = [at(inputs, 0), at(inputs, 1)];
  requireFloat(name, logits);
  requireInt32(name, 'targets', targets);
  if (logits.shape.length !== 2 || !sameShape(targets.shape, logits.shape.slice(0, 1))) {
    throw new ShapeError(
      `${name}: got logits ${formatShape(logits.shape)} and targets ${formatShape(targets.shape)}; they must be [rows, classes] and [rows].`,
      { fields: { logits: logits.shape, targets: targets.shape } },
    );
  }
  return [logits, targets];
}

/** Whether a class exists. */
function inRange(target: number, classes: number): boolean {
  return target >= 0 && target < classes;
}

/** Emits targets bounded to existing classes, as a column of indices: [rows] to [rows, 1]. */
function boundedColumn(builder: Parameters<Op['onnx']>[0], targets: string, classes: number): string {
  const low = builder.node('Max', [targets, builder.scalar('int32', 0)]);
  const bounded = builder.node('Min', [low, builder.scalar('int32', classes - 1)]);
  return builder.node('Unsqueeze', [bounded, builder.int64s([1])]);
}

/**
 * Outputs: loss [rows] = -log softmax(logits)[target], 0 where the target is no class; and the log-probabilities
 * [rows, classes], which the gradient needs: d logits = (e^logProbabilities - onehot(target)) d loss.
 */
export const crossEntropyOp: Op<NoAttributes> = {
  name: 'crossEntropy',
  shape(inputs) {
    const [logits, targets] = checkRows('crossEntropy', inputs);
    return [
      { dtype: logits.dtype, shape: targets.shape },
      { dtype: logits.dtype, shape: logits.shape },
    ];
  },
  vjp([ofLoss, ofLogProbabilities], { inputs, outputs }) {
    const [logits, targets] = [at(inputs, 0), at(inputs, 1)];
    const [rows, classes] = [at(logits.shape, 0), at(logits.shape, 1)];
    const probabilities = exp(at(outputs, 1));
    const terms: Tensor[] = [];
    if (ofLoss !== undefined) {
      const counted = cast(and(greaterOrEqual(targets, 0), less(targets, classes)), logits.dtype);
      terms.push(mul(subtractOneHot(probabilities, targets), reshape(mul(ofLoss, counted), [rows, 1])));
    }
    if (ofLogProbabilities !== undefined) {
      const g = ofLogProbabilities;
      terms.push(sub(g, mul(probabilities, sum(g, 1, { keepDims: true }))));
    }
    return terms.length === 0 ? [] : [terms.reduce((a, b) => add(a, b))];
  },
  onnx(builder, inputs, { inputs: [logits] }) {
    const [x, targets] = [at(inputs, 0), at(inputs, 1)];
    const classes = logits?.shape[1] ?? 0;
    const logProbabilities = builder.node('LogSoftmax', [x], { attributes: { axis: 1 } });
    const column = boundedColumn(builder, targets, classes);
    const chosen = builder.node('GatherElements', [logProbabilities, column], { attributes: { axis: 1 } });
    const loss = builder.node('Neg', [builder.node('Squeeze', [chosen, builder.int64s([1])])]);
    const isClass = builder.node('And', [
      builder.node('GreaterOrEqual', [targets, builder.scalar('int32', 0)]),
      builder.node('Less', [targets, builder.scalar('int32', classes)]),
    ]);
    return [
      builder.node('Where', [isClass, loss, builder.scalar(logits?.dtype ?? 'float32', 0)]),
      logProbabilities,
    ];
  },
  reference(inputs, { outputs }) {
    const [logits, targets] = [at(inputs, 0), at(inputs, 1)];
    const classes = at(logits.shape, 1);
    const axis = { attributes: { axis: 1 } } as Parameters<typeof logSoftmaxOp.reference>[1];
    const logProbabilities = at(logSoftmaxOp.reference([logits], axis), 0);
    const loss = fill(at(outputs, 0), (row) => {
      const target = targets.data[row] ?? -1;
      return inRange(target, classes) ? -(logProbabilities.data[row * classes + target] ?? 0) : 0;
    });
    return [loss, logProbabilities];
  },
};

/** x - onehot(target), row by row; rows whose target is no class lose 1 at the nearest class. Linear in x. */
export const subtractOneHotOp: Op<NoAttributes> = {
  name: 'subtractOneHot',
  shape: (inputs) => [checkRows('subtractOneHot', inputs)[0]].map(({ dtype, shape }) => ({ dtype, shape })),
  vjp: ([cotangent]) => [cotangent],
  onnx(builder, inputs, { inputs: [x] }) {
    const column = boundedColumn(builder, at(inputs, 1), x?.shape[1] ?? 0);
    const values = at(inputs, 0);
    const chosen = builder.node('GatherElements', [values, column], { attributes: { axis: 1 } });
    const less = builder.node('Sub', [chosen, builder.scalar(x?.dtype ?? 'float32', 1)]);
    // One index a row, so the scatter has no repeated targets; it writes in place when nobody else reads `values`.
    return [builder.node('ScatterElements', [values, column, less], { attributes: { axis: 1 } })];
  },
  reference(inputs) {
    const [x, targets] = [at(inputs, 0), at(inputs, 1)];
    const classes = at(x.shape, 1);
    const result = fill(x, (i) => x.data[i] ?? 0);
    targets.data.forEach((target: number, row: number) => {
      const index = row * classes + Math.min(Math.max(target, 0), classes - 1);
      result.data[index] = (result.data[index] ?? 0) - 1;
    });
    return [result];
  },
};

function subtractOneHot(x: Tensor, targets: Tensor): Tensor {
  return applyOne(subtractOneHotOp, [x, targets], {});
}

/**
 * Cross-entropy of each row, in nats, with the log-probabilities it was computed from.
 * @param logits [rows, classes]
 * @param targets int32 [rows]; a target outside [0, classes) gives loss 0 and no gradient
 * @returns loss [rows] and logProbabilities [rows, classes]
 */
export function crossEntropyWithLogProbabilities(
  logits: Tensor,
  targets: Tensor,
): { readonly loss: Tensor; readonly logProbabilities: Tensor } {
  const outputs = apply(crossEntropyOp, [logits, targets], {});
  return { loss: at(outputs, 0), logProbabilities: at(outputs, 1) };
}

/** The losses of `crossEntropyWithLogProbabilities` alone. */
export function crossEntropyRows(logits: Tensor, targets: Tensor): Tensor {
  return crossEntropyWithLogProbabilities(logits, targets).loss;
}
