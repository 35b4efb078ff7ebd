// The public names of core: errors, dtypes, shapes, trees, random numbers, files, logging. Knows nothing of tensors that compute.
export { throwIfAborted } from './abort.js';
export type { DType, TypedArray, TypedArrays } from './dtype.js';
export { bytesPerElement } from './dtype.js';
export type { ErrorFields, MnemeErrorOptions } from './errors.js';
export {
  AbortedError,
  CheckpointError,
  ConfigError,
  DataError,
  InternalError,
  MnemeError,
  NonFiniteError,
  NotFoundError,
  RuntimeError,
  ShapeError,
  StorageError,
  TokenizerError,
  UsageError,
} from './errors.js';
export type { AtomicWriter, FileInfo, FileLock, Files, RandomAccessFile } from './files.js';
export type { Logger, LogLevel } from './log.js';
export { silentLogger } from './log.js';
export type { RandomState } from './random.js';
export { Random } from './random.js';
export type { Shape } from './shape.js';
export { formatShape, sameShape, sizeOf } from './shape.js';
export { TensorData, treeBytes } from './tensor-data.js';
export type { MapTree, Tree } from './tree.js';
export { flattenTree, leavesOf, mapLeaves, mapTree, unflattenLike, zipTrees } from './tree.js';
