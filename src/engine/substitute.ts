// Rebuilds tensors with some of the tensors they depend on replaced. Knows no op.
import type { Node } from './graph.js';
import { Tensor, makeNode, nodesBefore } from './graph.js';

/**
 * The tensors, recomputed from replacements.
 * @param replacements what to put in the place of a tensor; what does not depend on any of them is kept as it is
 */
export function substitute(tensors: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const rebuilt = new Map<Node, Node>();
  const newOf = (tensor: Tensor): Tensor => {
    const replacement = replacements.get(tensor);
    return replacement ?? rebuilt.get(tensor.node)?.outputs[tensor.index] ?? tensor;
  };
  for (const node of nodesBefore(tensors, new Set(replacements.keys()))) {
    const inputs = node.inputs.map(newOf);
    if (inputs.every((input, i) => input === node.inputs[i])) continue;
    rebuilt.set(node, makeNode(node.op, inputs, node.attributes, node.outputs, node.scope));
  }
  return tensors.map(newOf);
}

/** The nodes before `outputs` that depend on one of `sources`. */
export function dependentNodes(outputs: readonly Tensor[], sources: ReadonlySet<Tensor>): Set<Node> {
  const dependent = new Set<Node>();
  for (const node of nodesBefore(outputs, sources)) {
    if (node.inputs.some((input) => sources.has(input) || dependent.has(input.node))) dependent.add(node);
  }
  return dependent;
}

/**
 * Tensors that computations depending on `sources` take from elsewhere: the closure of a traced function.
 * Constants are not counted; they belong to whoever uses them.
 */
export function capturesOf(outputs: readonly Tensor[], sources: ReadonlySet<Tensor>): Tensor[] {
  const dependent = dependentNodes(outputs, sources);
  const captures = new Set<Tensor>();
  const visit = (tensor: Tensor): void => {
    const inside = sources.has(tensor) || dependent.has(tensor.node) || tensor.node.op.name === 'constant';
    if (!inside) captures.add(tensor);
  };
  for (const node of dependent) node.inputs.forEach(visit);
  outputs.forEach(visit);
  return [...captures];
}
