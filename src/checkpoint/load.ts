// Reads checkpoints back into trees of parameters and checks that their files belong together. Knows nothing of models.
import { CheckpointError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { fingerprint } from './fingerprint.js';
import { checkFit, fitTree, namedTensors } from './fit.js';
import type { JsonValue } from './json.js';
import type { Which } from './layout.js';
import { configFile, modelFile, optimizerFile, stateFile } from './layout.js';
import { locate } from './replace-together.js';
import type { SafetensorsFile } from './safetensors.js';
import { openSafetensors } from './safetensors.js';
import type { SavedState, TrainingState } from './state.js';
import { readState } from './state.js';

/** What to read of a checkpoint: trees whose names, shapes and dtypes count. Without `optimizer` the model alone is read. */
export interface CheckpointLike {
  readonly model: Tree<TensorData>;
  readonly optimizer?: Tree<TensorData>;
}

/** A trainer may replace the files while they are being opened; the next attempt then finds them together. */
const attempts = 3;

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

/**
 * Reads a checkpoint of the run in `folder`.
 * @param which the best checkpoint keeps no optimizer state
 * @param modelConfig what the model was built with
 * @throws {CheckpointError} when a file is truncated, damaged, of another model or of another step than the rest
 */
export async function loadCheckpoint<L extends CheckpointLike>(
  files: Files,
  folder: string,
  which: Which,
  modelConfig: JsonValue,
  like: L,
): Promise<{ readonly trees: L; readonly state: TrainingState }> {
  const { state, opened } = await openTogether(files, folder, which, modelConfig, like);
  try {
    const trees: [string, unknown][] = [];
    for (const [part, { file, like }] of opened) trees.push([part, await readTree(file, like)]);
    return { trees: Object.fromEntries(trees) as unknown as L, state };
  } finally {
    await closeAll(opened);
  }
}

/** The open files of a checkpoint by part: `model`, `optimizer`. */
type Opened = Map<string, { readonly file: SafetensorsFile; readonly like: Tree<TensorData> }>;

async function openTogether(
  files: Files,
  folder: string,
  which: Which,
  modelConfig: JsonValue,
  like: CheckpointLike,
): Promise<{ readonly state: SavedState; readonly opened: Opened }> {
  for (let attempt = 1; ; attempt++) {
    const opened: Opened = new Map();
    try {
      const state = await readState(files, await locate(files, folder, stateFile(which)));
      for (const [part, tree] of Object.entries<Tree<TensorData>>({ ...like })) {
        const path = await locate(files, folder, part === 'model' ? modelFile(which) : optimizerFile);
        opened.set(part, { file: await openFitting(files, path, tree), like: tree });
      }
      await checkTogether(folder, modelConfig, state, opened);
      return { state, opened };
    } catch (error) {
      await closeAll(opened);
      if (attempt === attempts) throw error;
    }
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

async function closeAll(opened: Opened): Promise<void> {
  for (const { file } of opened.values()) await file.close();
}

/** Files copied from elsewhere can have the right names and shapes and still be of another model or another step. */
async function checkTogether(
  folder: string,
  modelConfig: JsonValue,
  state: SavedState,
  opened: Opened,
): Promise<void> {
  const config = `"${folder}/${configFile}"`;
  const expected = await fingerprint(modelConfig, opened.get('model')?.file.tensors ?? new Map());
  for (const { file } of opened.values()) {
    if (file.metadata.fingerprint !== expected) {
      throw apart(file.path, `was not saved with the model that ${config} describes`);
    }
    if (file.metadata.step !== String(state.step)) {
      throw apart(
        file.path,
        `is of step ${file.metadata.step}, and the state beside it of step ${state.step}`,
      );
    }
  }
  if (state.fingerprint !== expected) {
    throw apart(`${folder}/state.json`, `was not saved with the model that ${config} describes`);
  }
}

function apart(path: string, what: string): CheckpointError {
  return new CheckpointError(
    `"${path}" ${what}. Files of different runs or checkpoints do not work together: restore those that were saved together.`,
    { fields: { path } },
  );
}
