// Passes over loops: merges scans that differ only in what they collect, drops what nobody uses, optimizes the bodies.
import type { Graph, Node } from './graph.js';
import type { ScanAttributes } from './ops/scan.js';
import { invariant } from '../core/errors.js';
import { Tensor, apply, nodesBefore, nodesOf } from './graph.js';
import { partsOf, scanOp } from './ops/scan.js';
import { rewrite } from './rewrite.js';

type ScanNode = Node<ScanAttributes>;

function isScan(node: Node): node is Node & ScanNode {
  return node.op.name === 'scan';
}

/** Which outputs of the graph's nodes somebody uses. */
function usedTensors(graph: Graph): Set<Tensor> {
  const used = new Set<Tensor>(graph.outputs);
  for (const node of nodesOf(graph)) for (const input of node.inputs) used.add(input);
  return used;
}

/** A new scan with the same loop and other ys; `position` finds the place of a y of the step. */
function collect(
  node: ScanNode,
  ys: readonly Tensor[],
): { outputs: readonly Tensor[]; position: (y: Tensor) => number } {
  const { body, carries } = node.attributes;
  const distinct = [...new Set(ys)];
  const outputs = apply(scanOp, node.inputs, {
    ...node.attributes,
    body: { inputs: body.inputs, outputs: [...body.outputs.slice(0, carries), ...distinct] },
  });
  return { outputs, position: (y) => carries + distinct.indexOf(y) };
}

/**
 * A scan and the copies of it that gradients made to save values share inputs and the step's formal inputs. They become
 * one loop that collects everything any of them does.
 */
export function mergeScans(graph: Graph): Graph {
  const groups = new Map<readonly Tensor[], ScanNode[]>();
  for (const node of nodesOf(graph)) {
    if (!isScan(node)) continue;
    groups.set(node.attributes.body.inputs, [...(groups.get(node.attributes.body.inputs) ?? []), node]);
  }
  const merged = new Map<readonly Tensor[], ReturnType<typeof collect>>();
  return rewrite(graph, (node) => {
    if (!isScan(node)) return undefined;
    const { body, carries } = node.attributes;
    const group = groups.get(body.inputs) ?? [];
    if (group.length < 2) return undefined;
    const loop =
      merged.get(body.inputs) ??
      collect(
        node,
        group.flatMap((other) => other.attributes.body.outputs.slice(carries)),
      );
    merged.set(body.inputs, loop);
    return body.outputs.map((y, i) => outputAt(loop.outputs, i < carries ? i : loop.position(y)));
  });
}

function outputAt(outputs: readonly Tensor[], index: number): Tensor {
  const output = outputs[index];
  invariant(output !== undefined, `A scan has no output ${index}.`);
  return output;
}

/** Drops ys that nobody uses and collects equal ones once; then drops inputs that the step no longer needs. */
export function pruneScans(graph: Graph): Graph {
  const used = usedTensors(graph);
  const usedOutputs = new Map<readonly Tensor[], boolean[]>();
  for (const node of nodesOf(graph)) {
    if (isScan(node))
      usedOutputs.set(
        node.attributes.body.outputs,
        node.outputs.map((output) => used.has(output)),
      );
  }
  return rewrite(graph, (node) => {
    if (!isScan(node)) return undefined;
    const { body, carries } = node.attributes;
    const isUsed = usedOutputs.get(body.outputs) ?? [];
    const ys = body.outputs.filter((_, i) => i >= carries && isUsed[i]);
    const loop = collect(dropInputs(node, ys), ys);
    return body.outputs.map((y, i) => {
      if (i < carries) return outputAt(loop.outputs, i);
      return isUsed[i] ? outputAt(loop.outputs, loop.position(y)) : outputAt(node.outputs, i);
    });
  });
}

/** The same scan without the sequences (but one) and captures that its carries and `ys` do not depend on. */
function dropInputs(node: ScanNode, ys: readonly Tensor[]): ScanNode {
  const { body, carries, sequences } = node.attributes;
  const results = [...body.outputs.slice(0, carries), ...ys];
  const needed = new Set<Tensor>(results);
  for (const inner of nodesBefore(results, new Set(body.inputs)))
    for (const input of inner.inputs) needed.add(input);
  const pairs = partsOf(
    body.inputs.map((formal, i) => ({ formal, actual: outputAt(node.inputs, i) })),
    carries,
    sequences,
  );
  const keptSequences = pairs.sequences.filter(({ formal }) => needed.has(formal));
  const loops = keptSequences.length > 0 ? keptSequences : pairs.sequences.slice(0, 1);
  const kept = [...pairs.carries, ...loops, ...pairs.rest.filter(({ formal }) => needed.has(formal))];
  const attributes: ScanAttributes = {
    ...node.attributes,
    sequences: loops.length,
    body: { inputs: kept.map(({ formal }) => formal), outputs: body.outputs },
  };
  return { ...node, inputs: kept.map(({ actual }) => actual), attributes };
}

/** Applies `pass` to the body of every scan. */
export function optimizeBodies(graph: Graph, pass: (body: Graph) => Graph): Graph {
  return rewrite(graph, (node) => {
    if (!isScan(node)) return undefined;
    return apply(scanOp, node.inputs, { ...node.attributes, body: pass(node.attributes.body) });
  });
}
