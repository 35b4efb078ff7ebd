// A run as a folder: created, opened for training by one process at a time, read by any. Knows nothing of models or training.
import { CheckpointError, invariant, StorageError } from '../core/errors.js';
import type { TensorData } from '../core/tensor-data.js';
import type { FileLock, Files } from '../core/files.js';
import type { JsonValue } from './json.js';
import { canonicalJson, isJsonObject, parseJson } from './json.js';
import type { Which } from './layout.js';
import {
  configFile,
  lockFile,
  metricsFile,
  modelFile,
  runFiles,
  stateFile,
  tokenizerFile,
} from './layout.js';
import type { CheckpointLike } from './load.js';
import { loadCheckpoint } from './load.js';
import type { MetricsRecord } from './metrics-log.js';
import { appendMetrics, cutBackMetrics, readMetrics } from './metrics-log.js';
import { finishReplacing, locate, readTogether, replaceTogether } from './replace-together.js';
import type { Checkpoint } from './save.js';
import { readSafetensors } from './safetensors.js';
import { saveCheckpoint } from './save.js';
import type { TrainingState } from './state.js';
import { readState } from './state.js';

/** A run's configuration. `model` decides what the tensors mean; everything else may differ when training continues. */
export interface RunConfig {
  readonly model: JsonValue;
  readonly [section: string]: JsonValue;
}

export interface NewRun {
  readonly config: RunConfig;
  /** Content of `tokenizer.json`. */
  readonly tokenizer: string;
}

/** A run that is only read, whether or not another process trains into it. The folder may be read-only. */
export class SavedRun {
  readonly path: string;
  /** Content of `tokenizer.json`. */
  readonly tokenizer: string;
  protected readonly files: Files;
  protected described: RunConfig;

  constructor(files: Files, path: string, { config, tokenizer }: NewRun) {
    this.files = files;
    this.path = path;
    this.described = config;
    this.tokenizer = tokenizer;
  }

  get config(): RunConfig {
    return this.described;
  }

  /** Whether the run has saved that checkpoint. */
  async holds(which: Which): Promise<boolean> {
    return readTogether(async () => {
      const state = await locate(this.files, this.path, stateFile(which));
      const model = await locate(this.files, this.path, modelFile(which));
      return ((await this.files.info(state)) ?? (await this.files.info(model))) !== undefined;
    });
  }

  /** The checkpoint to use the model from: the best if there is one, otherwise the last. */
  async bestKnown(): Promise<Which> {
    return (await this.holds('best')) ? 'best' : 'last';
  }

  /** Where training stood at a checkpoint. `undefined` before there is one. */
  async state(which: Which): Promise<TrainingState | undefined> {
    if (!(await this.holds(which))) return undefined;
    return readTogether(async () =>
      readState(this.files, await locate(this.files, this.path, stateFile(which))),
    );
  }

  /**
   * Reads a checkpoint into trees like those given: `{ model }` to use it, `{ model, optimizer }` of the last to continue training.
   * @throws {CheckpointError} when there is none, or it is truncated, damaged or of another model
   */
  async load<L extends CheckpointLike>(
    which: Which,
    like: L,
  ): Promise<{ readonly trees: L; readonly state: TrainingState }> {
    await this.requireCheckpoint(which);
    const { files, path: folder, config } = this;
    return loadCheckpoint({ files, folder, which, modelConfig: config.model }, like);
  }

  private async requireCheckpoint(which: Which): Promise<void> {
    if (await this.holds(which)) return;
    throw new CheckpointError(
      `"${this.path}" has no ${which} checkpoint yet. Train until the first is saved, or use another run.`,
      { fields: { path: this.path, which } },
    );
  }

  /**
   * The parameters of a checkpoint by path, whatever its model is.
   * @throws {CheckpointError} when there is none, or it is truncated or damaged
   */
  async tensors(which: Which): Promise<ReadonlyMap<string, TensorData>> {
    await this.requireCheckpoint(which);
    return readTogether(async () => {
      const path = await locate(this.files, this.path, modelFile(which));
      return (await readSafetensors(this.files, path)).tensors;
    });
  }

  /** What was measured so far, oldest first. */
  metrics(): Promise<readonly MetricsRecord[]> {
    return readMetrics(this.files, `${this.path}/${metricsFile}`);
  }
}

/** A run that this process alone may write to, until `close` or the end of the process. */
export class TrainingRun extends SavedRun {
  private readonly lock: FileLock;
  private saving = false;

  constructor(files: Files, path: string, description: NewRun, lock: FileLock) {
    super(files, path, description);
    this.lock = lock;
  }

  /**
   * Makes `checkpoint` the last one, and the best one too if `isBest`. One call at a time. Whatever happens meanwhile,
   * the run holds the previous checkpoint or this one, whole.
   *
   * @throws {StorageError} when it cannot be written, for example because the disk is full
   */
  async saveCheckpoint(
    checkpoint: Checkpoint,
    { isBest = false }: { readonly isBest?: boolean } = {},
  ): Promise<void> {
    invariant(!this.saving, 'A checkpoint is saved while another is being saved.');
    this.saving = true;
    try {
      await saveCheckpoint(this.files, this.path, this.config.model, checkpoint, isBest);
    } finally {
      this.saving = false;
    }
  }

  /** Adds a record. Records of a step are added before that step's checkpoint is saved: resuming drops what comes later. */
  appendMetrics(record: MetricsRecord): Promise<void> {
    return appendMetrics(this.files, `${this.path}/${metricsFile}`, record);
  }

  /** Remembers another configuration of everything but the model, for when training continues. */
  async reconfigure(config: RunConfig): Promise<void> {
    invariant(
      canonicalJson(config.model) === canonicalJson(this.config.model),
      'The configuration of the model cannot change.',
    );
    await replaceTogether(this.files, this.path, {
      [configFile]: (name) => writeConfig(this.files, name, config),
    });
    this.described = config;
  }

  /** Lets other processes write to the run. */
  close(): Promise<void> {
    return this.lock.release();
  }
}

/**
 * Begins a run in a folder that holds none.
 * @param description what the run is, or a function that finds out, called when the folder is known to be free and locked
 * @throws {StorageError} when the folder cannot be written, another process trains into it, or something would be overwritten
 */
export async function createRun(
  files: Files,
  path: string,
  description: NewRun | (() => Promise<NewRun>),
): Promise<TrainingRun> {
  await files.makeFolder(path);
  return whileLocked(files, path, async (lock) => {
    await finishReplacing(files, path);
    await refuseToOverwrite(files, path);
    const run = typeof description === 'function' ? await description() : description;
    await replaceTogether(files, path, {
      [configFile]: (name) => writeConfig(files, name, run.config),
      [tokenizerFile]: (name) => files.writeAtomic(name, run.tokenizer),
    });
    return new TrainingRun(files, path, run, lock);
  });
}

/**
 * Opens a run to continue training: repairs what a crash left, and cuts the metrics back to the last checkpoint.
 * @throws {CheckpointError} when there is no run or it is damaged
 * @throws {StorageError} when the folder cannot be written, or another process trains into it
 */
export async function openRun(files: Files, path: string): Promise<TrainingRun> {
  await requireRun(files, path);
  return whileLocked(files, path, async (lock) => {
    await finishReplacing(files, path);
    const run = new TrainingRun(files, path, await readDescription(files, path), lock);
    const state = await run.state('last');
    await cutBackMetrics(files, `${path}/${metricsFile}`, state?.step ?? -1);
    return run;
  });
}

/** Opens a run for reading only. @throws {CheckpointError} when there is no run or it is damaged */
export async function readRun(files: Files, path: string): Promise<SavedRun> {
  return readTogether(async () => {
    await requireRun(files, path);
    return new SavedRun(files, path, await readDescription(files, path));
  });
}

/** Locks the folder for as long as the run that `open` gives is open; not at all when `open` fails. */
async function whileLocked(
  files: Files,
  path: string,
  open: (lock: FileLock) => Promise<TrainingRun>,
): Promise<TrainingRun> {
  const lock = await files.lock(`${path}/${lockFile}`);
  try {
    return await open(lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Whether a folder holds a run. */
export async function holdsRun(files: Files, path: string): Promise<boolean> {
  return (await files.info(await locate(files, path, configFile))) !== undefined;
}

async function requireRun(files: Files, path: string): Promise<void> {
  if (await holdsRun(files, path)) return;
  throw new CheckpointError(
    `"${path}" is not a run: it has no ${configFile}. Give the folder that training wrote, or train one first.`,
    { fields: { path } },
  );
}

async function refuseToOverwrite(files: Files, path: string): Promise<void> {
  for (const name of runFiles) {
    if ((await files.info(`${path}/${name}`)) === undefined) continue;
    const advice = 'Continue that run (mneme train --resume), or choose another folder';
    throw new StorageError(`"${path}" already holds "${name}", which a new run would overwrite. ${advice}.`, {
      fields: { path, name },
    });
  }
}

function writeConfig(files: Files, path: string, config: RunConfig): Promise<void> {
  return files.writeAtomic(path, `${JSON.stringify(config, undefined, 2)}\n`);
}

async function readDescription(files: Files, path: string): Promise<NewRun> {
  const configPath = await locate(files, path, configFile);
  const config = parseJson(await files.readText(configPath), configPath);
  if (!isRunConfig(config)) {
    throw new CheckpointError(
      `"${configPath}" is not a run's configuration: an object with a section "model" was expected. Give the folder that training wrote.`,
      { fields: { path: configPath } },
    );
  }
  return { config, tokenizer: await files.readText(await locate(files, path, tokenizerFile)) };
}

function isRunConfig(value: unknown): value is RunConfig {
  return isJsonObject(value) && value.model !== undefined;
}
