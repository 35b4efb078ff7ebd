// Executes a graph with the reference rule of each op: slow, exact to the dtype, needs no native code. The oracle of the other runtimes.
import type { TensorData } from '../../core/tensor-data.js';
import type { Graph, Tensor } from '../graph.js';
import { RuntimeError, invariant } from '../../core/errors.js';
import { sameShape } from '../../core/shape.js';
import { formatType, nodesOf } from '../graph.js';

/**
 * The values of a graph's outputs.
 * @param values one for each input of the graph, in order
 * @throws {RuntimeError} when a value has another type than its input
 */
export function evaluate(graph: Graph, values: readonly TensorData[]): TensorData[] {
  const known = new Map<Tensor, TensorData>();
  graph.inputs.forEach((input, i) => {
    const value = values[i];
    if (value?.dtype !== input.dtype || !sameShape(value.shape, input.shape)) {
      throw new RuntimeError(
        `Input ${i} is ${value === undefined ? 'missing' : formatType(value)}; the graph was made for ${formatType(input)}.`,
      );
    }
    known.set(input, value);
  });
  const valueOf = (tensor: Tensor): TensorData => {
    const value = known.get(tensor);
    invariant(value !== undefined, `A tensor of ${tensor.node.op.name} was used before it was made.`);
    return value;
  };
  for (const node of nodesOf(graph)) {
    const results = node.op.reference(node.inputs.map(valueOf), node);
    node.outputs.forEach((output, i) => {
      const result = results[i];
      invariant(result !== undefined, `The reference of ${node.op.name} returned no output ${i}.`);
      known.set(output, result);
    });
  }
  return graph.outputs.map(valueOf);
}
