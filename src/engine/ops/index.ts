// The table of all ops, and the functions of tensors that apply them. Nothing runs here.
import type { Op } from '../graph.js';
import { scatterAddAlongAxisOp, takeAlongAxisOp } from './along-axis.js';
import { addOp, divOp, maximumOp, minimumOp, mulOp, powOp, subOp } from './arithmetic.js';
import { castOp } from './cast.js';
import {
  andOp,
  equalOp,
  greaterOp,
  greaterOrEqualOp,
  lessOp,
  lessOrEqualOp,
  notOp,
  orOp,
} from './comparison.js';
import { constantOp, input } from './constant.js';
import { crossEntropyOp, subtractOneHotOp } from './cross-entropy.js';
import { cumulativeSumOp } from './cumulative-sum.js';
import { dynamicSliceOp, updateSliceOp } from './dynamic-slice.js';
import { geluOp, geluTanhOp, siluOp } from './gelu.js';
import { afterOp, customGradientOp, stopGradientOp } from './identity.js';
import { gatherOp, scatterAddOp } from './indexing.js';
import { broadcastOp, flipOp, reshapeOp, transposeOp } from './layout.js';
import { matmulOp } from './matmul.js';
import { layerNormOp, rmsNormOp } from './normalization.js';
import { foldInOp, randomBitsOp, shiftOp } from './random-bits.js';
import { argmaxOp, logSumExpOp, maxOp, meanOp, sumOp } from './reduce.js';
import { scanOp } from './scan.js';
import { concatOp, padOp, sliceOp, splitOp } from './slicing.js';
import { logSoftmaxOp, softmaxOp } from './softmax.js';
import { topKOp } from './top-k.js';
import {
  absOp,
  cosOp,
  erfOp,
  expOp,
  floorOp,
  logOp,
  negOp,
  reluOp,
  sigmoidOp,
  signOp,
  sinOp,
  softplusOp,
  sqrtOp,
  tanhOp,
} from './unary.js';
import { whereOp } from './where.js';

/** Every op by its name: what a legal graph may consist of. */
export const ops = {
  abs: absOp,
  add: addOp,
  after: afterOp,
  and: andOp,
  argmax: argmaxOp,
  broadcast: broadcastOp,
  cast: castOp,
  concat: concatOp,
  constant: constantOp,
  cos: cosOp,
  crossEntropy: crossEntropyOp,
  cumulativeSum: cumulativeSumOp,
  customGradient: customGradientOp,
  div: divOp,
  dynamicSlice: dynamicSliceOp,
  equal: equalOp,
  erf: erfOp,
  exp: expOp,
  flip: flipOp,
  floor: floorOp,
  foldIn: foldInOp,
  gather: gatherOp,
  gelu: geluOp,
  geluTanh: geluTanhOp,
  greater: greaterOp,
  greaterOrEqual: greaterOrEqualOp,
  input,
  layerNorm: layerNormOp,
  less: lessOp,
  lessOrEqual: lessOrEqualOp,
  log: logOp,
  logSoftmax: logSoftmaxOp,
  logSumExp: logSumExpOp,
  matmul: matmulOp,
  max: maxOp,
  maximum: maximumOp,
  mean: meanOp,
  minimum: minimumOp,
  mul: mulOp,
  neg: negOp,
  not: notOp,
  or: orOp,
  pad: padOp,
  pow: powOp,
  randomBits: randomBitsOp,
  relu: reluOp,
  reshape: reshapeOp,
  rmsNorm: rmsNormOp,
  scan: scanOp,
  scatterAdd: scatterAddOp,
  scatterAddAlongAxis: scatterAddAlongAxisOp,
  shift: shiftOp,
  sigmoid: sigmoidOp,
  sign: signOp,
  silu: siluOp,
  sin: sinOp,
  slice: sliceOp,
  softmax: softmaxOp,
  softplus: softplusOp,
  split: splitOp,
  sqrt: sqrtOp,
  stopGradient: stopGradientOp,
  sub: subOp,
  subtractOneHot: subtractOneHotOp,
  sum: sumOp,
  takeAlongAxis: takeAlongAxisOp,
  tanh: tanhOp,
  topK: topKOp,
  transpose: transposeOp,
  updateSlice: updateSliceOp,
  where: whereOp,
} satisfies Record<string, Op>;

/** The name of an op. */
export type OpName = keyof typeof ops;

export { scatterAddAlongAxis, takeAlongAxis } from './along-axis.js';
export { add, div, logAddExp, maximum, minimum, mul, pow, square, sub } from './arithmetic.js';
export { cast } from './cast.js';
export { and, equal, greater, greaterOrEqual, isFinite, less, lessOrEqual, not, or } from './comparison.js';
export { constant, full, placeholder, range, scalarValue, vector } from './constant.js';
export type { TensorLike } from './constant.js';
export { crossEntropyRows } from './cross-entropy.js';
export { cumulativeSum } from './cumulative-sum.js';
export type { CumulativeSumOptions } from './cumulative-sum.js';
export { dynamicSlice, updateSlice } from './dynamic-slice.js';
export { gelu, geluTanh, silu } from './gelu.js';
export { stopGradient } from './identity.js';
export { gather, oneHot, scatterAdd } from './indexing.js';
export { broadcastTo, expandDims, flip, reshape, transpose, zerosLike } from './layout.js';
export { matmul, rowsOf } from './matmul.js';
export type { MatmulOptions } from './matmul.js';
export { layerNorm, rmsNorm } from './normalization.js';
export { bernoulli, dropout, normal, uniform } from './random.js';
export { foldIn, randomBits } from './random-bits.js';
export { argmax, logSumExp, max, mean, min, sum } from './reduce.js';
export type { ReduceOptions } from './reduce.js';
export { scan } from './scan.js';
export type { ScanOptions, ScanStep } from './scan.js';
export { concat, pad, select, slice, split, stack } from './slicing.js';
export { logSoftmax, softmax } from './softmax.js';
export { topK } from './top-k.js';
export {
  abs,
  addScaled,
  clamp,
  cos,
  erf,
  exp,
  floor,
  log,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  tanh,
} from './unary.js';
export { where } from './where.js';
