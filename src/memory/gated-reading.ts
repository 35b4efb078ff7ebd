// Reads a sequence with a recurrent cell that a gate lets change its state at each token: by attention, or where there is a token at all. Knows a cell only by its contract.
import type { Tensor } from '../engine/graph.js';
import type { BoundCell, Gates } from './recurrent-cell.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, expandDims, transpose } from '../engine/ops/layout.js';
import { scan } from '../engine/ops/scan.js';
import { badInput, requireAxes } from '../nn/layer.js';

export interface GatedReadingOptions {
  /** [batch, width]: the state before the first token. Default: zeros. */
  readonly start?: Tensor;
  /** Read from the last token to the first. */
  readonly reverse?: boolean;
}

export interface GatedReading {
  /** The state at each token: [batch, time, width]. */
  readonly output: Tensor;
  /** The state after the last token that was read: [batch, width]. */
  readonly final: Tensor;
}

/**
 * h_i = g_i step(x_i, h_i-1) + (1 - g_i) h_i-1. With gates from attention this is the episode of a dynamic memory network;
 * with a mask of 0 and 1 it is the cell itself, passing over padding wherever that stands.
 *
 * @param cell carries a hidden state alone
 * @param x [batch, time, inputSize]
 * @param gates float32 [batch, time], in [0, 1]
 * @param width size of the hidden state
 * @throws {ShapeError} when the gates do not fit
 * Source: Kumar et al. 2016, section 2.3; Xiong et al. 2016, section 3.3.
 */
export function readGated(
  cell: BoundCell,
  x: Tensor,
  gates: Tensor,
  width: number,
  { start, reverse = false }: GatedReadingOptions = {},
): GatedReading {
  requireAxes('readGated', x, ['batch', 'time', 'width']);
  const [batch = 0, time = 0] = x.shape;
  if (gates.shape.length !== 2 || gates.shape[0] !== batch || gates.shape[1] !== time)
    throw badInput('readGated', gates, `gates must be [${batch}, ${time}], one for each token`);
  const { carry, ys } = scan(
    (hidden: Tensor, { fromInput, gate }: { readonly fromInput: Gates; readonly gate: Tensor }) => {
      const proposed = cell.step(fromInput, { hidden }).state.hidden;
      const next = add(hidden, mul(gate, sub(proposed, hidden)));
      return { carry: next, y: next };
    },
    start ?? broadcastTo(full(0), [batch, width]),
    {
      fromInput: cell.fromInput(transpose(x, [1, 0, 2])), // [time, batch, width] each
      gate: expandDims(transpose(gates), 2), // [time, batch, 1]
    },
    { reverse },
  );
  return { output: transpose(ys, [1, 0, 2]), final: carry };
}
