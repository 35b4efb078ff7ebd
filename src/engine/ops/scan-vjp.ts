// The gradient of scan: a reverse scan over saved values, with gradients of captured weights summed outside of the loop.
// Knows the step only as a graph.
import type { Graph, Node, Tensor } from '../graph.js';
import type { ScanAttributes } from './scan.js';
import type { LoopResults } from './scan-sum.js';
import { isFloat } from '../../core/dtype.js';
import { pullback } from '../grad.js';
import { apply, nodesOf } from '../graph.js';
import { dependentNodes, substitute } from '../substitute.js';
import { add } from './arithmetic.js';
import { placeholder } from './constant.js';
import { zerosLike } from './layout.js';
import { applyScan, partsOf, scanOp } from './scan.js';
import { SumOverTime } from './scan-sum.js';
import { at } from './support.js';

type Maybe<T> = T | undefined;

const isGiven = <T>(item: Maybe<T>): item is T => item !== undefined;

/** Zero in the place of a cotangent that does not exist. */
function orZeros(cotangent: Maybe<Tensor>, like: Tensor): Tensor {
  return cotangent ?? zerosLike(like);
}

/** One step backwards, in terms of the forward step's tensors and of cotangents of what it returned. */
interface BackwardStep {
  /** Formal cotangents of the step's outputs; `undefined` where nothing flows. */
  readonly cotangents: readonly Maybe<Tensor>[];
  /** Cotangents of the step's inputs, by role. */
  readonly ofCarries: readonly Maybe<Tensor>[];
  readonly ofSlices: readonly Maybe<Tensor>[];
  readonly ofCaptures: readonly Maybe<Tensor>[];
}

function stepBackwards(
  { attributes }: Node<ScanAttributes>,
  upstream: readonly Maybe<Tensor>[],
): BackwardStep {
  const { body, carries, sequences } = attributes;
  const cotangents = body.outputs.map((output, i) =>
    isFloat(output.dtype) && (i < carries || upstream[i] !== undefined)
      ? placeholder(output, `d${i}`)
      : undefined,
  );
  const pulled = partsOf(pullback(body.outputs, cotangents, body.inputs), carries, sequences);
  return { cotangents, ofCarries: pulled.carries, ofSlices: pulled.sequences, ofCaptures: pulled.rest };
}

/**
 * Tensors of the forward step that `backward` uses: the step's inputs, and what the step computed. What only the vjp
 * rules derived from them (1 - y, say) is computed again by the backward step: it is cheap, and saving it costs memory.
 * `formals` are inputs of the backward step, where the search ends.
 */
function forwardTensorsIn(
  backward: readonly Tensor[],
  isForward: (tensor: Tensor) => boolean,
  formals: readonly Tensor[],
): Tensor[] {
  const leaves = new Set(formals);
  const used = new Set<Tensor>();
  const entered = new Set<Node>();
  const stack = [...backward];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (isForward(tensor)) used.add(tensor);
    else if (!leaves.has(tensor) && !entered.has(tensor.node)) {
      entered.add(tensor.node);
      stack.push(...tensor.node.inputs);
    }
  }
  return [...used];
}

export function scanVjp(
  upstream: readonly Maybe<Tensor>[],
  node: Node<ScanAttributes>,
): readonly Maybe<Tensor>[] {
  const { body, carries, sequences, length, reverse } = node.attributes;
  const formals = partsOf(body.inputs, carries, sequences);
  const actuals = partsOf(node.inputs, carries, sequences);
  const made = new Set<Node>(nodesOf(body));
  const isForward = (tensor: Tensor): boolean =>
    body.inputs.includes(tensor) || (made.has(tensor.node) && tensor.node.op.name !== 'constant');
  const back = stepBackwards(node, upstream);
  const cotangents = back.cotangents.filter(isGiven);

  // Gradients of captured tensors: what the loop must collect for them, and how to finish them afterwards.
  const terms = [...back.ofCarries, ...back.ofSlices, ...back.ofCaptures].filter(isGiven);
  const sources = new Set([...cotangents, ...formals.carries, ...formals.sequences]);
  const changing = dependentNodes(terms, sources);
  const sums = new SumOverTime((tensor) => sources.has(tensor) || changing.has(tensor.node));
  const finishes = back.ofCaptures.map((term) => term && sums.plan(term));

  // The reverse loop: its carries are cotangents of the forward carries, and accumulators.
  const carried = formals.carries.flatMap((formal, i) => {
    const cotangent = back.cotangents[i];
    return cotangent === undefined ? [] : [{ i, cotangent, next: orZeros(back.ofCarries[i], formal) }];
  });
  const accumulators = sums.accumulated.map((term, i) => placeholder(term, `sum${i}`));
  const slicesBack = back.ofSlices.filter(isGiven);
  const collected = sums.stacked.filter((tensor) => !isForward(tensor));
  const outputs = [
    ...carried.map(({ next }) => next),
    ...accumulators.map((sum, i) => add(sum, at(sums.accumulated, i))),
    ...slicesBack,
    ...collected,
  ];

  // Forward tensors come back as sequences: saved by the forward loop, or read from its own sequences.
  const used = forwardTensorsIn([...outputs, ...sums.stacked], isForward, [...cotangents, ...accumulators]);
  const history = used.filter((tensor) => !formals.rest.includes(tensor));
  const saved = history.filter((tensor) => !formals.sequences.includes(tensor));
  const augmented = {
    ...node.attributes,
    body: { inputs: body.inputs, outputs: [...body.outputs, ...saved] },
  };
  const forward = saved.length === 0 ? [] : apply(scanOp, node.inputs, augmented).slice(body.outputs.length);
  const historyStack = (tensor: Tensor): Tensor => {
    const sequence = formals.sequences.indexOf(tensor);
    return sequence >= 0 ? at(actuals.sequences, sequence) : at(forward, saved.indexOf(tensor));
  };

  const captured = new Map(formals.rest.map((formal, i) => [formal, at(actuals.rest, i)]));
  const saves = history.map((tensor, i) => placeholder(tensor, `saved${i}`));
  const kept = new Map(history.map((tensor, i) => [tensor, at(saves, i)]));
  const upstreamYs = back.cotangents.flatMap((cotangent, i) =>
    i < carries || cotangent === undefined
      ? []
      : [{ cotangent, stack: orZeros(upstream[i], at(node.outputs, i)) }],
  );
  const step: Graph = {
    inputs: [
      ...carried.map(({ cotangent }) => cotangent),
      ...accumulators,
      ...upstreamYs.map(({ cotangent }) => cotangent),
      ...saves,
    ],
    outputs: substitute(outputs, new Map([...captured, ...kept])),
  };
  const initial = [
    ...carried.map(({ i, cotangent }) => orZeros(upstream[i], cotangent)),
    ...accumulators.map((sum) => orZeros(undefined, sum)),
  ];
  const stacks = [...upstreamYs.map(({ stack }) => stack), ...history.map(historyStack)];
  const results = applyScan(step, initial, stacks, length, !reverse);

  const finished: LoopResults = {
    stackOf(tensor) {
      if (isForward(tensor)) return historyStack(tensor);
      return at(results, initial.length + slicesBack.length + collected.indexOf(tensor));
    },
    totalOf: (index) => at(results, carried.length + index),
    outside: (tensor) => at(substitute([tensor], captured), 0),
  };
  return [
    ...formals.carries.map((_, i) => results[carried.findIndex((carry) => carry.i === i)]),
    ...back.ofSlices.map((tensor) => tensor && results[initial.length + slicesBack.indexOf(tensor)]),
    ...finishes.map((finish) => finish?.(finished)),
  ];
}
