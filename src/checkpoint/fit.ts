// Fits tensors by name into a tree of parameters, and says what does not fit. Knows nothing of files.
import { CheckpointError, invariant } from '../core/errors.js';
import { formatShape, sameShape } from '../core/shape.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { flattenTree, leavesOf, unflattenLike } from '../core/tree.js';
import type { TensorSpec } from './fingerprint.js';

/** How many faults an error lists. */
const listed = 4;

/** The tensors of a tree by dotted path, checked to have distinct paths. */
export function namedTensors(tree: Tree<TensorData>): ReadonlyMap<string, TensorData> {
  const named = flattenTree<TensorData>(tree);
  invariant(named.size === leavesOf(tree).length, 'Two tensors of a tree have the same dotted path.');
  return named;
}

/**
 * The tree `like` with the tensors of the same names in place of its own.
 * @param where names the source in errors, for example a path
 * @throws {CheckpointError} when a tensor is missing, unexpected, or of another shape or dtype
 */
export function fitTree<S extends Tree<TensorData>>(
  tensors: ReadonlyMap<string, TensorData>,
  like: S,
  where: string,
): S {
  checkFit(tensors, like, where);
  const leaves = [...namedTensors(like).keys()].map((name) => tensors.get(name));
  return unflattenLike(like as unknown, leaves) as S;
}

/**
 * Checks that `given` has exactly the tensors of `like`, before any values are read.
 * @throws {CheckpointError} naming the tensors that do not fit, given and expected
 */
export function checkFit(
  given: ReadonlyMap<string, TensorSpec>,
  like: Tree<TensorData>,
  where: string,
): void {
  const expected = namedTensors(like);
  const faults = [...missingOrDifferent(given, expected), ...unexpected(given, expected)];
  if (faults.length === 0) return;
  const first = faults.slice(0, listed).map(({ message }) => message);
  const rest = faults.length > listed ? `, and ${faults.length - listed} more` : '';
  throw new CheckpointError(
    `${where} does not fit this model: ${first.join('; ')}${rest}. It is of another model: use it with the ` +
      `configuration it was saved with, or choose a checkpoint of this one.`,
    { fields: { where, tensors: faults.map(({ tensor }) => tensor) } },
  );
}

interface Fault {
  readonly tensor: string;
  readonly message: string;
}

function* missingOrDifferent(
  given: ReadonlyMap<string, TensorSpec>,
  expected: ReadonlyMap<string, TensorSpec>,
): Generator<Fault> {
  for (const [tensor, wanted] of expected) {
    const found = given.get(tensor);
    if (found === undefined) {
      yield { tensor, message: `tensor "${tensor}" is missing, expected ${formatSpec(wanted)}` };
    } else if (found.dtype !== wanted.dtype || !sameShape(found.shape, wanted.shape)) {
      yield { tensor, message: `tensor "${tensor}" is ${formatSpec(found)}, expected ${formatSpec(wanted)}` };
    }
  }
}

function* unexpected(
  given: ReadonlyMap<string, TensorSpec>,
  expected: ReadonlyMap<string, TensorSpec>,
): Generator<Fault> {
  for (const [tensor, found] of given) {
    if (!expected.has(tensor)) {
      yield {
        tensor,
        message: `tensor "${tensor}" ${formatSpec(found)} is in the file, and the model has none`,
      };
    }
  }
}

/** `float32[2, 3]` */
function formatSpec({ dtype, shape }: TensorSpec): string {
  return `${dtype}${formatShape(shape)}`;
}
