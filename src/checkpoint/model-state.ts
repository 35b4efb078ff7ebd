// Files of what a model remembers: safetensors that know which model, which weights and how many texts they belong to.
import type { Files } from '../core/files.js';
import type { TensorData } from '../core/tensor-data.js';
import type { JsonValue } from './json.js';
import type { Metadata } from './safetensors-header.js';
import { CheckpointError } from '../core/errors.js';
import { parseJson } from './json.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

/** Whose state it is. */
export interface StateOwner {
  /** Of the model's configuration and tensors: `fingerprint`. */
  readonly fingerprint: string;
  /** Of the values of its weights: `weightsFingerprint`. What one training remembers means nothing to the next. */
  readonly weights: string;
  /** Texts that are read side by side. */
  readonly batch: number;
}

/** What is in a file of a state. */
export interface ModelState {
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** What whoever saved it wants to know again. */
  readonly notes: JsonValue;
}

const format = 'mneme-state';
const version = '1';

/** Writes a state, all of it or nothing. @throws {StorageError} when it cannot be written; an older file is then untouched */
export function writeModelState(
  files: Files,
  path: string,
  { tensors, notes }: ModelState,
  { fingerprint, weights, batch }: StateOwner,
): Promise<void> {
  const identity = { format, version, fingerprint, weights, batch: String(batch) };
  return writeSafetensors(files, path, tensors, { ...identity, notes: JSON.stringify(notes) });
}

/**
 * Reads a state back for the model it belongs to.
 * @throws {CheckpointError} when the file is damaged, no state, or one of another model, other weights or another batch size
 */
export async function readModelState(files: Files, path: string, owner: StateOwner): Promise<ModelState> {
  const { tensors, metadata } = await readSafetensors(files, path);
  checkFormat(path, metadata);
  const fault = faultOf(metadata, owner);
  if (fault !== undefined) throw new CheckpointError(`"${path}" ${fault}`, { fields: { path } });
  return { tensors, notes: parseJson(metadata['notes'] ?? 'null', path) as JsonValue };
}

function checkFormat(path: string, { format: found, version: written }: Metadata): void {
  if (found === format && written === version) return;
  const what =
    found === format
      ? `is a state of version ${written}, and version ${version} was expected. Read it with the Mneme that wrote it, or read the text again`
      : 'is not a state that a model remembers. Give a file that was saved with --state or saveState';
  throw new CheckpointError(`"${path}" ${what}.`, { fields: { path, version: written } });
}

/** Why a state does not belong to its reader. */
function faultOf(found: Metadata, { fingerprint, weights, batch }: StateOwner): string | undefined {
  if (found['fingerprint'] !== fingerprint)
    return 'is the state of another model. Use it with the model that wrote it, or read the text again with this one.';
  if (found['weights'] !== weights)
    return 'is the state of another version of this model, with other weights: it was trained on, or another checkpoint is used. Choose the checkpoint that wrote it, or read the text again.';
  if (found['batch'] !== String(batch))
    return `is the state of ${found['batch']} texts read side by side, and ${batch} ${batch === 1 ? 'is' : 'are'} read here. Use it with the same batch size.`;
  return undefined;
}
