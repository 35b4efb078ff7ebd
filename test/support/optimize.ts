// Runs an optimizer over given gradients, one compiled step after another. Knows nothing of losses.
import type { TensorData } from '../../src/core/tensor-data.js';
import type { Tree } from '../../src/core/tree.js';
import { flattenTree, mapLeaves } from '../../src/core/tree.js';
import type { StepResult } from '../../src/engine/compile.js';
import { compile } from '../../src/engine/compile.js';
import { Tensor } from '../../src/engine/graph.js';
import type { Runtime } from '../../src/engine/runtime/runtime.js';
import type { GradientTransformation } from '../../src/optim/index.js';
import { applyGradients } from '../../src/optim/index.js';

type Named<T> = Readonly<Record<string, T>>;

/** Everything after a step: `parameters.*` and `optimizer.*`. */
export type Snapshot = ReadonlyMap<string, TensorData>;

const flat = (tree: Tree<TensorData>): Named<TensorData> => Object.fromEntries(flattenTree(tree));

/** A tree like `like` with tensors taken by their paths. */
function pickLike(like: Tree<TensorData>, from: Named<Tensor>): Tree<Tensor> {
  return mapLeaves(like, (_: TensorData, path) => {
    const tensor = from[path];
    if (tensor === undefined) throw new Error(`no tensor ${path}`);
    return tensor;
  });
}

/** Snapshots after each step. */
export async function runOptimizer(
  runtime: Runtime,
  optimizer: GradientTransformation,
  initial: Tree<TensorData>,
  gradients: readonly Tree<TensorData>[],
): Promise<Snapshot[]> {
  const start = { parameters: initial, optimizer: optimizer.init(initial) };
  const step = (state: Named<Tensor>, slopes: Named<Tensor>): StepResult<Named<Tensor>> => {
    const { parameters, optimizer: memory } = pickLike(start, state) as Record<
      keyof typeof start,
      Tree<Tensor>
    >;
    const next = applyGradients(optimizer, pickLike(initial, slopes), memory, parameters);
    return { state: { parameters: next.parameters, optimizer: next.state }, outputs: {} };
  };
  const executable = await compile(runtime, step, { state: flat(start), inputs: flat(initial) });
  const device = await runtime.createState();
  await device.write(flattenTree<TensorData>(start));
  const snapshots: Snapshot[] = [];
  for (const gradient of gradients) {
    await executable.run(device, flat(gradient));
    snapshots.push(await device.read());
  }
  await executable.dispose();
  return snapshots;
}
