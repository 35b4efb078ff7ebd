// The state of a training run besides its tensors, and its file. Knows nothing of how training uses it.
import { z } from 'zod';
import { CheckpointError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { RandomState } from '../core/random.js';
import type { JsonValue } from './json.js';
import { isJsonObject, parseJson } from './json.js';

/** The validation that the best checkpoint was chosen by. */
export interface BestValidation {
  readonly step: number;
  /** What was measured, such as `loss` (in nats per token, the lower the better) or a task's own metric. */
  readonly metric: string;
  readonly value: number;
}

/** Where training stands: with the parameters and the optimizer's state, all that a resumed run needs. */
export interface TrainingState {
  /** Optimizer steps done. */
  readonly step: number;
  /** Tokens trained on. */
  readonly tokens: number;
  /** Where the run's random stream stands. */
  readonly random: RandomState;
  /** Where the reader of the data stands: plain data that only the reader understands. */
  readonly data: JsonValue;
  /** The best validation so far; `null` before the first evaluation. */
  readonly best: BestValidation | null;
  /** Evaluations since then: what early stopping counts. */
  readonly evaluationsSinceBest: number;
}

/** A state with the fingerprint of the model it belongs to. */
export interface SavedState extends TrainingState {
  readonly fingerprint: string;
}

const version = 1;
const count = z.int().nonnegative();

const savedStateSchema: z.ZodType<SavedState> = z.strictObject({
  fingerprint: z.string(),
  step: count,
  tokens: count,
  random: z.strictObject({ key: z.int(), generator: z.array(z.int()) }),
  data: z.json(),
  best: z.strictObject({ step: count, metric: z.string(), value: z.number() }).nullable(),
  evaluationsSinceBest: count,
});

/** @throws {CheckpointError} when a value is missing, of the wrong kind or not finite (JSON could not hold it) */
export async function writeState(files: Files, path: string, state: SavedState): Promise<void> {
  const valid = validate(state, path);
  await files.writeAtomic(path, `${JSON.stringify({ version, ...valid }, undefined, 2)}\n`);
}

/** @throws {CheckpointError} when the file is damaged or of a newer version */
export async function readState(files: Files, path: string): Promise<SavedState> {
  const raw = parseJson(await files.readText(path), path);
  const { version: written, ...state } = isJsonObject(raw) ? raw : {};
  if (written === version) return validate({ ...state, ...renamedLoss(state['best']) }, path);
  const newer = typeof written === 'number' && written > version;
  const found = written === undefined ? 'has no version' : `has version ${JSON.stringify(written)}`;
  throw new CheckpointError(
    `"${path}" ${found}, and version ${version} was expected. ` +
      (newer ? 'A newer Mneme wrote it: update this one.' : 'It is damaged or of another program.'),
    { fields: { path, version: written, expected: version } },
  );
}

/** The best validation as states had it that knew of no metric but the loss. */
function renamedLoss(best: unknown): { readonly best?: unknown } {
  if (!isJsonObject(best) || !('loss' in best)) return {};
  const { loss, ...rest } = best;
  return { best: { ...rest, metric: 'loss', value: loss } };
}

function validate(state: unknown, path: string): SavedState {
  const parsed = savedStateSchema.safeParse(state);
  // Not the parsed copy, from which keys named `__proto__` are missing.
  if (parsed.success) return state as SavedState;
  throw new CheckpointError(
    `"${path}" does not describe a training state:\n${z.prettifyError(parsed.error)}`,
    {
      fields: { path },
      cause: parsed.error,
    },
  );
}
