// Reads a sequence with one recurrent cell, in either direction, padding left out. Knows a cell only by its contract.
import type { Tensor } from '../engine/graph.js';
import type { BoundCell, CellState, Gates } from './recurrent-cell.js';
import { observe } from '../engine/observe.js';
import { less } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { expandDims, transpose } from '../engine/ops/layout.js';
import { scan } from '../engine/ops/scan.js';
import { where } from '../engine/ops/where.js';
import { badInput } from '../nn/layer.js';

export interface CellReadingOptions {
  /** bool [time, batch, 1]: where there is a token. Elsewhere the state stays as it is. Default: everywhere. */
  readonly present?: Tensor | undefined;
  /** Read from the last token to the first. Default: false. */
  readonly reverse?: boolean | undefined;
}

export interface CellReading {
  /** The hidden state at each token: [time, batch, width]. */
  readonly output: Tensor;
  /** The state after all tokens. */
  readonly state: CellState<Tensor>;
}

/**
 * Steps through a sequence in one loop. What does not depend on the state is one product over all time steps, before it.
 * @param x [time, batch, inputSize]
 */
export function readCell(
  cell: BoundCell,
  x: Tensor,
  start: CellState<Tensor>,
  { present, reverse = false }: CellReadingOptions = {},
): CellReading {
  const step = (state: CellState<Tensor>, now: { readonly fromInput: Gates; readonly present?: Tensor }) => {
    const { state: stepped, shown } = cell.step(now.fromInput, state);
    const next = now.present === undefined ? stepped : chosen(now.present, stepped, state);
    return { carry: next, y: { hidden: next.hidden, shown } };
  };
  const sequences = { fromInput: cell.fromInput(x), ...(present && { present }) };
  const { carry, ys } = scan(step, start, sequences, { reverse });
  // Gates that nobody looks at are dropped from the loop by the optimizer.
  for (const [name, gate] of Object.entries(ys.shown)) observe(name, transpose(gate, [1, 0, 2]));
  return { output: ys.hidden, state: carry };
}

/** One state where the condition holds, another where it does not. */
function chosen(condition: Tensor, a: CellState<Tensor>, b: CellState<Tensor>): CellState<Tensor> {
  const hidden = where(condition, a.hidden, b.hidden);
  if (a.cell === undefined || b.cell === undefined) return { hidden };
  return { hidden, cell: where(condition, a.cell, b.cell) };
}

/**
 * Where sequences padded on the right have tokens: bool [time, batch, 1].
 * @param layer the layer with its sizes, for the error
 * @param x [batch, time, width]
 * @param lengths int32 [batch]
 * @throws {ShapeError} when there is not one length for each sequence
 */
export function presentTokens(layer: string, x: Tensor, lengths: Tensor): Tensor {
  const [batch, time = 0] = x.shape;
  if (lengths.dtype !== 'int32' || lengths.shape.length !== 1 || lengths.shape[0] !== batch)
    throw badInput(layer, lengths, `lengths must be int32 [${batch}], the tokens of each sequence`);
  return expandDims(less(expandDims(range(time), 1), expandDims(lengths, 0)), 2);
}
