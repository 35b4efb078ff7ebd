// The reader of a head above a trained run: which configuration it has, and where its parameters lie. Knows no head.
import type { TensorData } from '../../core/tensor-data.js';
import type { ReaderConfig } from '../../models/reader.js';
import type { Base } from './base.js';
import { isJsonObject } from '../../checkpoint/index.js';
import { ConfigError } from '../../core/errors.js';
import { readerSchema } from '../../models/reader.js';

/** Kinds of runs that something can be read with. */
export const readableKinds = [
  'language-model',
  'encoder',
  'masked-language-model',
  'text-classifier',
] as const;

interface BaseReader {
  readonly config: ReaderConfig;
  /** Parameters by their paths in the reader. */
  readonly parameters: ReadonlyMap<string, TensorData>;
}

/** Where in a model its reader may lie: under a name of its own, or it is the model. */
const places = ['reader', 'encoder'] as const;

/** @throws {ConfigError} when the run has nothing to read with */
export function baseReader({ path, model, parameters }: Base): BaseReader {
  for (const place of places) {
    const own = model[place];
    if (!isJsonObject(own)) continue;
    const config = readerSchema.parse({ ...own, kind: own['kind'] ?? place });
    return { config, parameters: below(place, parameters) };
  }
  const parsed = readerSchema.safeParse(model);
  if (parsed.success) return { config: parsed.data, parameters };
  throw new ConfigError(
    `The model of "${path}" has no reader that a head could be put on. Use another run.`,
    {
      fields: { path },
    },
  );
}

function below(prefix: string, parameters: ReadonlyMap<string, TensorData>): ReadonlyMap<string, TensorData> {
  const start = `${prefix}.`;
  return new Map(
    [...parameters].flatMap(([path, tensor]) =>
      path.startsWith(start) ? [[path.slice(start.length), tensor] as const] : [],
    ),
  );
}
