// Writes a checkpoint: parameters, optimizer state and training state, all new or all old. Knows nothing of training.
import type { Files } from '../core/files.js';
import { messageOf, StorageError } from '../core/errors.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { fingerprint } from './fingerprint.js';
import { namedTensors } from './fit.js';
import type { JsonValue } from './json.js';
import type { Which } from './layout.js';
import { memoryFile, modelFile, optimizerFile, stateFile } from './layout.js';
import type { WriteFile } from './replace-together.js';
import { replaceTogether } from './replace-together.js';
import { writeSafetensors } from './safetensors.js';
import type { TrainingState } from './state.js';
import { writeState } from './state.js';

/** Everything that training changes. Trees are read while they are written to disk and must not change meanwhile. */
export interface Checkpoint {
  readonly model: Tree<TensorData>;
  readonly optimizer: Tree<TensorData>;
  /** What the model remembers from batch to batch, where training carries it. */
  readonly memory?: Tree<TensorData>;
  readonly state: TrainingState;
}

/**
 * Makes `checkpoint` the last one of the run in `folder`, and its best one too if `isBest`.
 * @throws {StorageError} when it cannot be written, for example because the disk is full; the previous one then stands
 */
export async function saveCheckpoint(
  files: Files,
  folder: string,
  modelConfig: JsonValue,
  { model, optimizer, memory, state }: Checkpoint,
  isBest: boolean,
): Promise<void> {
  const parameters = namedTensors(model);
  const identity = { fingerprint: await fingerprint(modelConfig, parameters), step: state.step };
  const metadata = { fingerprint: identity.fingerprint, step: String(identity.step) };
  const contents: Record<string, WriteFile> = {
    [optimizerFile]: (path) => writeSafetensors(files, path, namedTensors(optimizer), metadata),
  };
  if (memory !== undefined)
    contents[memoryFile] = (path) => writeSafetensors(files, path, namedTensors(memory), metadata);
  const kept: readonly Which[] = isBest ? ['last', 'best'] : ['last'];
  for (const which of kept) {
    contents[modelFile(which)] = (path) => writeSafetensors(files, path, parameters, metadata);
    contents[stateFile(which)] = (path) => writeState(files, path, { ...state, ...identity });
  }
  try {
    await replaceTogether(files, folder, contents);
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    throw new StorageError(
      `The checkpoint of step ${state.step} was not saved: ${messageOf(cause)} What "${folder}" held before is not lost.`,
      { fields: { ...cause.fields, folder, step: state.step }, cause },
    );
  }
}
