// The public names of checkpoints: run folders, safetensors files, and fitting tensors into models.
export type { TensorSpec } from './fingerprint.js';
export { fingerprint, weightsFingerprint } from './fingerprint.js';
export { fitTree, namedTensors } from './fit.js';
export type { JsonObject, JsonValue } from './json.js';
export { isJsonObject, plainJson } from './json.js';
export type { Which } from './layout.js';
export type { CheckpointLike } from './load.js';
export { loadTree } from './load.js';
export type { MetricsRecord } from './metrics-log.js';
export type { ModelState, StateOwner } from './model-state.js';
export { readModelState, writeModelState } from './model-state.js';
export type { NewRun, RunConfig } from './run-folder.js';
export { createRun, holdsRun, openRun, readRun, SavedRun, TrainingRun } from './run-folder.js';
export { openSafetensors, readSafetensors, SafetensorsFile, writeSafetensors } from './safetensors.js';
export type { Metadata, StoredTensor } from './safetensors-header.js';
export type { Checkpoint } from './save.js';
export type { BestValidation, TrainingState } from './state.js';
