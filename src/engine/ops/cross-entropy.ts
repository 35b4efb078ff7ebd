// Cross-entropy of rows of logits with target classes, without a one-hot tensor in either direction.
import type { Graph, Op, Tensor, TensorType } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { ShapeError, invariant } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/shape.js';
import { apply, applyOne } from '../graph.js';
import { mul, sub, add } from './arithmetic.js';
import { and, greaterOrEqual, less } from './comparison.js';
import { cast } from './cast.js';
import { reshape } from './layout.js';
import { sum } from './reduce.js';
import { logSoftmax, logSoftmaxOp } from './softmax.js';
import { takeAlongAxis } from './along-axis.js';
import { placeholder } from './constant.js';
import { log, neg } from './unary.js';
import type { NoAttributes } from './support.js';
import { at, fill, requireFloat, requireInt32 } from './support.js';

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
function boundedColumn(builder: OnnxBuilder, targets: string, classes: number): string {
  const low = builder.node('Max', [targets, builder.scalar('int32', 0)]);
  const bounded = builder.node('Min', [low, builder.scalar('int32', classes - 1)]);
  return builder.node('Unsqueeze', [bounded, builder.int64s([1])]);
}

/** Probabilities below this are too coarse in float32 to take a logarithm of: the loss is then computed the long way. */
const smallestProbability = 1e-30;

/**
 * Emits the loss of each row, [rows, 1]: -log p(target), as long as every such p is an ordinary float32 number; else all
 * of log softmax is computed. The branch that is not taken costs nothing.
 */
function emitLosses(
  builder: OnnxBuilder,
  x: string,
  probabilities: string,
  column: string,
  logits: TensorType,
): string {
  const { dtype, shape } = logits;
  const chosen = builder.node('GatherElements', [probabilities, column], { attributes: { axis: 1 } });
  const smallest = builder.node('ReduceMin', [chosen], { attributes: { keepdims: 0 } });
  const ordinary = builder.node('Greater', [smallest, builder.scalar(dtype, smallestProbability)]);
  const rows = { dtype, shape: [shape[0] ?? 0, 1] };
  const formal = {
    chosen: placeholder(rows, 'chosen'),
    logits: placeholder(logits, 'logits'),
    column: placeholder({ dtype: 'int32', shape: rows.shape }, 'column'),
  };
  const short: Graph = { inputs: [formal.chosen], outputs: [neg(log(formal.chosen))] };
  const long: Graph = {
    inputs: [formal.logits, formal.column],
    outputs: [neg(takeAlongAxis(logSoftmax(formal.logits), formal.column))],
  };
  return builder.node('If', [ordinary], {
    attributes: {
      then_branch: builder.subgraph(short, new Map([[formal.chosen, chosen]])),
      else_branch: builder.subgraph(
        long,
        new Map([
          [formal.logits, x],
          [formal.column, column],
        ]),
      ),
    },
  });
}

/**
 * Outputs: loss [rows] = -log softmax(logits)[target], 0 where the target is no class; and the probabilities
 * [rows, classes], which the gradient needs: d logits = (probabilities - onehot(target)) d loss.
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
  vjp([ofLoss, ofProbabilities], { inputs, outputs }) {
    const [logits, targets, probabilities] = [at(inputs, 0), at(inputs, 1), at(outputs, 1)];
    const [rows, classes] = [at(logits.shape, 0), at(logits.shape, 1)];
    const terms: Tensor[] = [];
    if (ofLoss !== undefined) {
      const counted = cast(and(greaterOrEqual(targets, 0), less(targets, classes)), logits.dtype);
      terms.push(mul(subtractOneHot(probabilities, targets), reshape(mul(ofLoss, counted), [rows, 1])));
    }
    if (ofProbabilities !== undefined) {
      const along = sum(mul(ofProbabilities, probabilities), 1, { keepDims: true });
      terms.push(mul(probabilities, sub(ofProbabilities, along)));
    }
    return terms.length === 0 ? [] : [terms.reduce((a, b) => add(a, b))];
  },
  onnx(builder, inputs, { inputs: [logits] }) {
    const [x, targets] = [at(inputs, 0), at(inputs, 1)];
    invariant(logits !== undefined, 'crossEntropy has logits.');
    const classes = logits.shape[1] ?? 0;
    const probabilities = builder.node('Softmax', [x], { attributes: { axis: 1 } });
    const column = boundedColumn(builder, targets, classes);
    const losses = emitLosses(builder, x, probabilities, column, logits);
    const isClass = builder.node('And', [
      builder.node('GreaterOrEqual', [targets, builder.scalar('int32', 0)]),
      builder.node('Less', [targets, builder.scalar('int32', classes)]),
    ]);
    const loss = builder.node('Squeeze', [losses, builder.int64s([1])]);
    return [builder.node('Where', [isClass, loss, builder.scalar(logits.dtype, 0)]), probabilities];
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
    return [loss, fill(at(outputs, 1), (i) => Math.exp(logProbabilities.data[i] ?? 0))];
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
 * Cross-entropy of each row, in nats.
 * @param logits [rows, classes]
 * @param targets int32 [rows]; a target outside [0, classes) gives loss 0 and no gradient
 * @returns [rows]
 */
export function crossEntropyRows(logits: Tensor, targets: Tensor): Tensor {
  return at(apply(crossEntropyOp, [logits, targets], {}), 0);
}
