// Layer norm and RMS norm over the last axis, each one op with its own gradient.
import type { Op, Tensor, TensorType } from '../graph.js';
import { ShapeError, invariant } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { apply } from '../graph.js';
import { add, mul, sub } from './arithmetic.js';
import { broadcastTo, reshape } from './layout.js';
import { matmul, rowsOf } from './matmul.js';
import { mean, sum } from './reduce.js';
import { at, commonDType, fill, requireFloat } from './support.js';

export type NormAttributes = Readonly<Record<string, unknown>> & { readonly epsilon: number };

/** Output types: the normalized tensor, and `statistics` tensors with one element a row. */
function normShape(name: string, inputs: readonly TensorType[], statistics: number): TensorType[] {
  const x = at(inputs, 0);
  const dtype = commonDType(name, inputs);
  requireFloat(name, x);
  const width = x.shape.at(-1);
  for (const parameter of inputs.slice(1)) {
    if (width === undefined || width === 0 || !sameShape(parameter.shape, [width])) {
      throw new ShapeError(
        `${name}: got input ${formatShape(x.shape)} and parameter ${formatShape(parameter.shape)}; the parameter must be [${width ?? 'width'}], the size of the last axis.`,
        { fields: { given: x.shape, parameter: parameter.shape } },
      );
    }
  }
  const rows = { dtype, shape: [...x.shape.slice(0, -1), 1] };
  return [{ dtype, shape: x.shape }, ...Array.from({ length: statistics }, () => rows)];
}

/** Sum over all rows: [..., width] to [width]. */
function sumRows(x: Tensor): Tensor {
  return sum(rowsOf(x), 0);
}

/** Mean over the last axis of x times weights, as a product with a column: [..., width] and [width] to [..., 1]. */
function weightedMean(x: Tensor, weights: Tensor): Tensor {
  const width = at(weights.shape, 0);
  return mul(matmul(x, reshape(weights, [width, 1])), 1 / width);
}

/** Sums cotangents, where `undefined` is zero. */
function total(terms: readonly (Tensor | undefined)[]): Tensor | undefined {
  return terms.reduce((a, b) => (a === undefined || b === undefined ? (a ?? b) : add(a, b)), undefined);
}

/**
 * y = (x - mean) r scale + bias, with r = 1 / sqrt(variance + epsilon). Outputs y, mean and r.
 * With n = (x - mean) r and h = dy scale: dx = r (h - mean(h) - n mean(h n)).
 */
export const layerNormOp: Op<NormAttributes> = {
  name: 'layerNorm',
  shape: (inputs) => normShape('layerNorm', inputs, 2),
  vjp([ofY, ofMean, ofRate], { inputs, outputs }) {
    const [x, scale] = [at(inputs, 0), at(inputs, 1)];
    const [average, rate] = [at(outputs, 1), at(outputs, 2)];
    const width = at(x.shape, x.shape.length - 1);
    const centred = sub(x, average);
    const normalized = mul(centred, rate);
    // d rate = -rate^3 mean(centred dx), d mean = mean(dx)
    const throughRate = ofRate && mul(mul(normalized, mul(rate, rate)), mul(ofRate, -1 / width));
    const throughMean = ofMean && broadcastTo(mul(ofMean, 1 / width), x.shape);
    if (ofY === undefined) return [total([throughRate, throughMean])];
    const product = mul(ofY, normalized);
    const h = mul(ofY, scale);
    const aligned = mul(normalized, weightedMean(product, scale));
    const throughY = mul(sub(sub(h, mean(h, -1, { keepDims: true })), aligned), rate);
    return [total([throughY, throughRate, throughMean]), sumRows(product), sumRows(ofY)];
  },
  onnx: (builder, inputs, { attributes: { epsilon } }) =>
    builder.nodes('LayerNormalization', inputs, 3, { attributes: { axis: -1, epsilon: { float: epsilon } } }),
  reference(inputs, { outputs, attributes: { epsilon } }) {
    const [x, scale, bias] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const width = scale.data.length;
    const rows = rowsAsArrays(x, width);
    const means = rows.map((row) => row.reduce((a, b) => a + b, 0) / width);
    const rates = rows.map((row, i) => {
      const variance = row.reduce((a, b) => a + (b - at(means, i)) ** 2, 0) / width;
      return 1 / Math.sqrt(variance + epsilon);
    });
    const value = (i: number): number => {
      const [row, column] = [Math.floor(i / width), i % width];
      return (
        ((x.data[i] ?? 0) - at(means, row)) * at(rates, row) * (scale.data[column] ?? 0) +
        (bias.data[column] ?? 0)
      );
    };
    return [
      fill(at(outputs, 0), value),
      fill(at(outputs, 1), (i) => at(means, i)),
      fill(at(outputs, 2), (i) => at(rates, i)),
    ];
  },
};

/**
 * y = x r scale, with r = 1 / sqrt(mean(x^2) + epsilon). Outputs y and r.
 * With n = x r and h = dy scale: dx = r (h - n mean(h n)).
 */
export const rmsNormOp: Op<NormAttributes> = {
  name: 'rmsNorm',
  shape: (inputs) => normShape('rmsNorm', inputs, 1),
  vjp([ofY, ofRate], { inputs, outputs }) {
    const [x, scale, rate] = [at(inputs, 0), at(inputs, 1), at(outputs, 1)];
    const width = at(x.shape, x.shape.length - 1);
    const normalized = mul(x, rate);
    const throughRate = ofRate && mul(mul(normalized, mul(rate, rate)), mul(ofRate, -1 / width));
    if (ofY === undefined) return [throughRate];
    const h = mul(ofY, scale);
    const product = mul(ofY, normalized);
    const aligned = mul(normalized, weightedMean(product, scale));
    return [total([mul(sub(h, aligned), rate), throughRate]), sumRows(product)];
  },
  onnx: (builder, inputs, { attributes: { epsilon } }) =>
    builder.nodes('SimplifiedLayerNormalization', inputs, 2, {
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    }),
  reference(inputs, { outputs, attributes: { epsilon } }) {
    const [x, scale] = [at(inputs, 0), at(inputs, 1)];
    const width = scale.data.length;
    const rates = rowsAsArrays(x, width).map(
      (row) => 1 / Math.sqrt(row.reduce((a, b) => a + b * b, 0) / width + epsilon),
    );
    const value = (i: number): number =>
      (x.data[i] ?? 0) * at(rates, Math.floor(i / width)) * (scale.data[i % width] ?? 0);
    return [fill(at(outputs, 0), value), fill(at(outputs, 1), (i) => at(rates, i))];
  },
};

function rowsAsArrays(x: TensorData, width: number): number[][] {
  const rows = x.data.length / width;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_, column) => x.data[row * width + column] ?? 0),
  );
}

function first(outputs: readonly Tensor[]): Tensor {
  const [output] = outputs;
  invariant(output !== undefined, 'A norm has an output.');
  return output;
}

/**
 * Normalizes each row to mean 0 and variance 1, then scales and shifts.
 * @param x [..., width]
 * @param scale [width]
 * @param bias [width]
 * @param epsilon added to the variance
 * Source: Ba et al. 2016, equation 4; the variance is the biased one.
 */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  return first(apply(layerNormOp, [x, scale, bias], { epsilon }));
}

/**
 * Divides each row by its root mean square, then scales.
 * @param x [..., width]
 * @param scale [width]
 * @param epsilon added to the mean square
 * Source: Zhang and Sennrich 2019, equation 4.
 */
export function rmsNorm(x: Tensor, scale: Tensor, epsilon = 1e-6): Tensor {
  return first(apply(rmsNormOp, [x, scale], { epsilon }));
}
