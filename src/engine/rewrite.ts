// Rebuilds a graph node by node: the mechanism of every pass. Knows no op.
import type { Graph, Node, Tensor } from './graph.js';
import { invariant } from '../core/errors.js';
import { makeNode, nodesOf } from './graph.js';

/**
 * What a rule makes of a node whose inputs are already rewritten: replacements of its outputs, or nothing.
 * `original` is the node as it stands in the graph.
 */
export type Rule = (node: Node, original: Node) => readonly Tensor[] | undefined;

/**
 * Rebuilds a graph from its inputs to its outputs, offering every node to `rule`. Nodes that no output needs are gone
 * afterwards, since only what outputs depend on is visited.
 */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const replaced = new Map<Tensor, Tensor>();
  const newOf = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  for (const node of nodesOf(graph)) {
    const inputs = node.inputs.map(newOf);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const rebuilt = same ? node : makeNode(node.op, inputs, node.attributes, node.outputs, node.scope);
    const outputs = rule(rebuilt, node) ?? rebuilt.outputs;
    node.outputs.forEach((output, i) => {
      const replacement = outputs[i];
      invariant(replacement !== undefined, `A rewrite of ${node.op.name} lost output ${i}.`);
      if (replacement !== output) replaced.set(output, replacement);
    });
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(newOf) };
}
