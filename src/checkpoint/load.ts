// Reads checkpoints back into trees of parameters and checks that their files belong together. Knows nothing of models.
import { CheckpointError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { fingerprint } from './fingerprint.js';
import { checkFit, fitTree, namedTensors } from './fit.js';
import type { JsonValue } from './json.js';
import type { Which } from './layout.js';
import { configFile, memoryFile, modelFile, optimizerFile, stateFile } from './layout.js';
import { locate, readTogether } from './replace-together.js';
import type { SafetensorsFile } from './safetensors.js';
import type { Metadata } from './safetensors-header.js';
import { openSafetensors } from './safetensors.js';
import type { SavedState, TrainingState } from './state.js';
import { readState } from './state.js';

/** What to read of a checkpoint: trees whose names, shapes and dtypes count. With `model` alone the model alone is read. */
export interface CheckpointLike {
  readonly model: Tree<TensorData>;
  readonly optimizer?: Tree<TensorData>;
  readonly memory?: Tree<TensorData>;
}

/**
 * Reads a safetensors file into a tree like `like`. Whether it fits is known before any values are read.
 * @throws {CheckpointError} when the file is truncated or damaged, or a tensor is missing, unexpected or different
 */
export async function loadTree<S extends Tree<TensorData>>(files: Files, path: string, like: S): Promise<S> {
  const file = await openFitting(files, path, like);
  try {
    return await readTree(file, like);
  } finally {
    await file.close();
  }
}

/** Which checkpoint of which run. The best one keeps no optimizer state. */
export interface CheckpointSource {
  readonly files: Files;
  readonly folder: string;
  readonly which: Which;
  /** What the model was built with. */
  readonly modelConfig: JsonValue;
}

/**
 * Reads a checkpoint into trees like those given.
 * @throws {CheckpointError} when a file is truncated, damaged, of another model or of another step than the rest
 */
export async function loadCheckpoint<L extends CheckpointLike>(
  source: CheckpointSource,
  like: L,
): Promise<{ readonly trees: L; readonly state: TrainingState }> {
  const model = await fingerprint(source.modelConfig, namedTensors(like.model));
  const { state, parts } = await readTogether(() => openCheckpoint(source, like, model));
  try {
    const trees: Partial<Record<keyof CheckpointLike, Tree<TensorData>>> = {};
    for (const { name, file, like } of parts) trees[name] = await readTree(file, like);
    return { trees: trees as L, state };
  } finally {
    await closeAll(parts);
  }
}

/** A file of a checkpoint, open and known to fit. */
interface Part {
  readonly name: keyof CheckpointLike;
  readonly file: SafetensorsFile;
  readonly like: Tree<TensorData>;
}

interface Opened {
  readonly state: SavedState;
  readonly parts: readonly Part[];
}

/** Opens the files of a checkpoint, each checked to fit and to belong to the others. */
async function openCheckpoint(
  source: CheckpointSource,
  like: CheckpointLike,
  model: string,
): Promise<Opened> {
  const { files, folder, which } = source;
  const parts: Part[] = [];
  try {
    const path = await locate(files, folder, stateFile(which));
    const state = await readState(files, path);
    const expected = { fingerprint: model, step: String(state.step) };
    const names = { model: modelFile(which), optimizer: optimizerFile, memory: memoryFile };
    for (const name of ['model', 'optimizer', 'memory'] as const) {
      const tree = like[name];
      if (tree === undefined) continue;
      const file = await openFitting(files, await locate(files, folder, names[name]), tree);
      parts.push({ name, file, like: tree });
      checkBelongs(file.path, file.metadata, expected, folder);
    }
    checkBelongs(path, { ...expected, fingerprint: state.fingerprint }, expected, folder);
    return { state, parts };
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

async function openFitting(files: Files, path: string, like: Tree<TensorData>): Promise<SafetensorsFile> {
  const file = await openSafetensors(files, path);
  try {
    checkFit(file.tensors, like, `"${path}"`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readTree<S extends Tree<TensorData>>(file: SafetensorsFile, like: S): Promise<S> {
  const tensors = new Map<string, TensorData>();
  for (const name of namedTensors(like).keys()) tensors.set(name, await file.read(name));
  return fitTree(tensors, like, `"${file.path}"`);
}

async function closeAll(parts: readonly Part[]): Promise<void> {
  for (const { file } of parts) await file.close();
}

/** A file copied from elsewhere can have the right names and shapes and still be of another model or another step. */
function checkBelongs(path: string, written: Metadata, expected: Metadata, folder: string): void {
  if (written.fingerprint !== expected.fingerprint) {
    throw apart(path, `was not saved with the model that "${folder}/${configFile}" describes`);
  }
  if (written.step !== expected.step) {
    throw apart(path, `is of step ${written.step}, and the state beside it of step ${expected.step}`);
  }
}

function apart(path: string, what: string): CheckpointError {
  return new CheckpointError(
    `"${path}" ${what}. Files of different runs or checkpoints do not work together: restore those that were saved together.`,
    { fields: { path } },
  );
}
