// Matrix products, batched and with transposed operands read in place.
import type { Shape } from '../../core/shape.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { ShapeError } from '../../core/errors.js';
import { broadcastShapes, formatShape, sizeOf } from '../../core/shape.js';
import { applyOne } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { emitReshape, reshape, unbroadcast } from './layout.js';
import { at, broadcastIndices, commonDType, fill, requireFloat } from './support.js';

export interface MatmulOptions {
  /** Use the transpose of the last two axes of `a`. */
  readonly transposeA?: boolean;
  /** Use the transpose of the last two axes of `b`. */
  readonly transposeB?: boolean;
  /** Factor of the product; it costs nothing. */
  readonly scale?: number;
}

export interface MatmulAttributes extends Readonly<Record<string, unknown>> {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly scale: number;
}

/** Rows and columns of the matrices of an operand, as the product sees them. */
function matrixOf(type: TensorType, transposed: boolean): readonly [rows: number, columns: number] {
  const [rows, columns] = [at(type.shape, type.shape.length - 2), at(type.shape, type.shape.length - 1)];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Rows of a block, at least: 128 columns of its result, 256 KB, stay in the second cache of a core. */
const blockRows = 512;
/** Fewer rows are not cut. */
const rowsToCut = 4 * blockRows;
/** Elements of right matrices for which it pays: smaller ones take few passes anyway, larger ones are read from memory again. */
const [smallestRight, largestRight] = [2 ** 16, 2 ** 20];

/**
 * Blocks [count, rows, inner] into which the rows of `a` are cut, each a product of its own; `undefined` where one product is
 * as fast. ONNX Runtime joins all rows that one right matrix is applied to, and passes over them and over their results once
 * for every 128 x 128 elements of that matrix: through memory, where they are many. On one core 4,096 rows times [256, 1024]
 * take 46 ms whole and 31 ms in blocks, times [1024, 256] 43 and 29 ms, times [256, 256] 9.9 and 7.9 ms.
 * See docs/decisions/products-for-the-cache.md.
 */
function rowBlocks(a: TensorType, b: TensorType): Shape | undefined {
  const [rows, inner] = [sizeOf(a.shape.slice(0, -1)), at(a.shape, a.shape.length - 1)];
  const right = sizeOf(b.shape);
  if (b.shape.length !== 2 || rows < rowsToCut || right < smallestRight || right > largestRight)
    return undefined;
  for (let count = Math.floor(rows / blockRows); count > 1; count--)
    if (rows % count === 0) return [count, rows / count, inner];
  return undefined;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  shape(inputs, { transposeA, transposeB }) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const dtype = commonDType('matmul', inputs);
    requireFloat('matmul', a);
    if (a.shape.length < 2 || b.shape.length < 2) {
      throw new ShapeError(
        `matmul: got ${formatShape(a.shape)} and ${formatShape(b.shape)}; both need at least 2 axes.`,
      );
    }
    const [rows, inner] = matrixOf(a, transposeA);
    const [other, columns] = matrixOf(b, transposeB);
    if (inner !== other) {
      const note = transposeA || transposeB ? ` (transposeA: ${transposeA}, transposeB: ${transposeB})` : '';
      throw new ShapeError(
        `matmul: ${formatShape(a.shape)} times ${formatShape(b.shape)}${note}: ${inner} columns on the left, ${other} rows on the right; they must be equal.`,
        { fields: { left: a.shape, right: b.shape, transposeA, transposeB } },
      );
    }
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul batch axes');
    return [{ dtype, shape: [...batch, rows, columns] }];
  },
  vjp([cotangent], { inputs, attributes: { transposeA, transposeB, scale } }) {
    if (cotangent === undefined) return [];
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const ofA = transposeA
      ? matmul(b, cotangent, { transposeA: transposeB, transposeB: true, scale })
      : matmul(cotangent, b, { transposeB: !transposeB, scale });
    return [unbroadcast(ofA, a.shape), gradientOfRight(cotangent, a, b, { transposeA, transposeB, scale })];
  },
  onnx(builder, names, { inputs, outputs, attributes }) {
    const { dtype, shape } = at(outputs, 0);
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    // ONNX Runtime does not broadcast empty batches, and leaves products over an empty axis unwritten.
    if (sizeOf(shape) === 0 || matrixOf(a, attributes.transposeA)[1] === 0) {
      return [builder.node('Expand', [builder.scalar(dtype, 0), builder.int64s(shape)])];
    }
    const blocks = attributes.transposeA ? undefined : rowBlocks(a, b);
    if (blocks === undefined) return [emitProduct(builder, names, attributes)];
    const cut = emitReshape(builder, at(names, 0), blocks);
    // With more axes than the blocks it is applied to each, instead of to all their rows joined.
    const right = emitReshape(builder, at(names, 1), [1, 1, ...b.shape]);
    return [emitReshape(builder, emitProduct(builder, [cut, right], attributes), shape)];
  },
  reference(inputs, { outputs, attributes: { transposeA, transposeB, scale } }) {
    const [a, b, out] = [at(inputs, 0), at(inputs, 1), at(outputs, 0)];
    const [rows, inner] = matrixOf(a, transposeA);
    const columns = matrixOf(b, transposeB)[1];
    const batch = out.shape.slice(0, -2);
    const [ofA, ofB] = [a, b].map((x) => broadcastIndices(x.shape.slice(0, -2), batch));
    const element = (i: number): number => {
      const [row, column] = [Math.floor(i / columns) % rows, i % columns];
      const matrix = Math.floor(i / (rows * columns));
      const startA = (ofA?.[matrix] ?? 0) * rows * inner;
      const startB = (ofB?.[matrix] ?? 0) * inner * columns;
      let total = 0;
      for (let k = 0; k < inner; k++) {
        const left = a.data[startA + (transposeA ? k * rows + row : row * inner + k)] ?? 0;
        total += left * (b.data[startB + (transposeB ? column * inner + k : k * columns + column)] ?? 0);
      }
      return total * scale;
    };
    return [fill(out, element)];
  },
};

function emitProduct(
  builder: OnnxBuilder,
  operands: readonly string[],
  { transposeA, transposeB, scale }: MatmulAttributes,
): string {
  if (!transposeA && !transposeB && scale === 1) return builder.node('MatMul', operands);
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } };
  return builder.node('FusedMatMul', operands, { domain: 'com.microsoft', attributes });
}

/** When one right matrix serves a whole batch, its gradient is one product over all rows of the batch. */
function gradientOfRight(
  cotangent: Tensor,
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB, scale }: MatmulAttributes,
): Tensor {
  const shared = b.shape.length === 2 && a.shape.length > 2 && !transposeA;
  const [left, upstream] = shared ? [rowsOf(a), rowsOf(cotangent)] : [a, cotangent];
  const gradient = transposeB
    ? matmul(upstream, left, { transposeA: true, transposeB: transposeA, scale })
    : matmul(left, upstream, { transposeA: !transposeA, scale });
  return unbroadcast(gradient, b.shape);
}

/** All rows of a batch of matrices as one matrix: [..., n, m] to [..*n, m]. */
export function rowsOf(x: Tensor): Tensor {
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), at(x.shape, x.shape.length - 1)]);
}

/**
 * scale * a b, over the last two axes; leading axes broadcast.
 * @param a [..., rows, inner], or [..., inner, rows] with `transposeA`
 * @param b [..., inner, columns], or [..., columns, inner] with `transposeB`
 * @returns [..., rows, columns]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, scale = 1 } = options;
  return applyOne(matmulOp, [a, b], { transposeA, transposeB, scale });
}
