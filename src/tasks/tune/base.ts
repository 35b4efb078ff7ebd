// A trained run that a task goes on from: its configuration, its tokenizer and its parameters by path. Knows no task.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tokenizer } from '../../text/index.js';
import { isJsonObject, readRun } from '../../checkpoint/index.js';
import { CheckpointError, ConfigError } from '../../core/errors.js';
import { tokenizerFromJSON } from '../../text/index.js';

export interface Base {
  readonly path: string;
  /** What its model is: `language-model`, `encoder`, `masked-language-model`, ... */
  readonly kind: string;
  readonly model: JsonObject;
  /** All of `config.json`. */
  readonly config: JsonObject;
  readonly parameters: ReadonlyMap<string, TensorData>;
  readonly tokenizer: Tokenizer;
}

/** @throws {CheckpointError} when the folder holds no run, no checkpoint, or a damaged one */
export async function readBase(files: Files, path: string): Promise<Base> {
  const run = await readRun(files, path);
  const { model } = run.config;
  if (!isJsonObject(model)) {
    throw new CheckpointError(`The run "${path}" does not say what its model is. Use another run.`, {
      fields: { path },
    });
  }
  const parameters = await run.tensors(await run.bestKnown());
  const kind = typeof model['kind'] === 'string' ? model['kind'] : 'language-model';
  return { path, kind, model, config: run.config, parameters, tokenizer: tokenizerFromJSON(run.tokenizer) };
}

/** @throws {ConfigError} when the task cannot go on from the run */
export function requireSuitable(
  { path, kind }: Base,
  { name, bases = [] }: { readonly name: string; readonly bases?: readonly string[] },
): void {
  if (bases.includes(kind)) return;
  const suitable = bases.length === 0 ? 'no other run' : `runs of these kinds: ${bases.join(', ')}`;
  throw new ConfigError(
    `"${path}" holds a model of the kind "${kind}", and the task ${name} goes on from ${suitable}. Give such a run, or none to begin anew.`,
    { fields: { path, kind, suitable: bases } },
  );
}
