// Writes any number of texts in the light of their sources: batches by length, of few shapes. Knows nothing of text or of any model.
import type { BeamOptions } from './beam-options.js';
import type { Hypothesis } from './beam-search.js';
import type { LoadedWriter } from './loaded-writer.js';
import type { SampleTextsOptions } from './sample-texts.js';
import { ConfigError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { beamSearch } from './beam-search.js';
import { sampleTexts } from './sample-texts.js';
import { smallestBatch } from './shrinking-rows.js';

/** How texts are chosen: by searching for the best, or by drawing. Both take the same rules and give the same results. */
export type WritingOptions =
  ({ readonly method?: 'beam' } & BeamOptions) | ({ readonly method: 'sample' } & SampleTextsOptions);

export interface WriteTextsOptions {
  /**
   * Tokens of a text at most, for the length that its source is padded to; by default `maxTokens` for all. Short texts then
   * have small caches.
   */
  readonly maxTokensFor?: ((sourceLength: number) => number) | undefined;
  /** Id that fills short sources up. Default: 0. */
  readonly padId?: number | undefined;
  /** Rows that are written side by side at most, the beams of each text counted. Default: 320. */
  readonly rowsTogether?: number | undefined;
  /** Called when texts were written. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Lengths to which sources are padded, up to this one, are its multiples; longer ones are doubled. */
const smallLength = 8;
const finelyCut = 8 * smallLength;
const defaultRows = 320;

/**
 * The texts for all sources. Programs are compiled for a few shapes, and kept by the writer.
 * @param sources token ids, at least one each
 * @returns for each source its hypotheses, best first, or samples in the order in which they were drawn
 * @throws {ConfigError} when an option has an impossible value
 * @throws {AbortedError} when the signal fires
 */
export async function writeTexts(
  loaded: LoadedWriter,
  sources: readonly ArrayLike<number>[],
  options: WritingOptions,
  { maxTokensFor, padId = 0, rowsTogether = defaultRows, onProgress }: WriteTextsOptions = {},
): Promise<Hypothesis[][]> {
  const beams = (options.method === 'sample' ? options.samples : options.beams) ?? defaultBeams(options);
  const batchSize = Math.max(1, Math.floor(rowsTogether / beams));
  const written: Hypothesis[][] = [];
  let done = 0;
  for (const { length, rows } of batchesOf(sources, batchSize)) {
    const maxTokens = Math.min(options.maxTokens, maxTokensFor?.(length) ?? Infinity);
    const texts = smallestBatch(rows.length, batchSize);
    const source = padded(
      rows.map((row) => sources[row] ?? []),
      [texts, length],
      padId,
    );
    const begun = await loaded.begin(source, { beams, capacity: maxTokens, endToken: options.endToken });
    try {
      const own = { ...options, maxTokens };
      const found = await (own.method === 'sample' ? sampleTexts(begun, own) : beamSearch(begun, own));
      rows.forEach((row, i) => (written[row] = found[i] ?? []));
    } finally {
      await begun.dispose();
    }
    onProgress?.((done += rows.length));
  }
  return written;
}

function defaultBeams({ method }: WritingOptions): number {
  return method === 'sample' ? 1 : 5;
}

interface SourceBatch {
  readonly length: number;
  readonly rows: readonly number[];
}

/** The sources by the length that they are padded to, at most `size` together. */
function batchesOf(sources: readonly ArrayLike<number>[], size: number): SourceBatch[] {
  const byLength = new Map<number, number[]>();
  sources.forEach((source, row) => {
    if (source.length === 0)
      throw new ConfigError(`Source ${row + 1} has no token. Leave empty sources out.`, { fields: { row } });
    const length = paddedLength(source.length);
    byLength.set(length, [...(byLength.get(length) ?? []), row]);
  });
  return [...byLength]
    .sort(([a], [b]) => a - b)
    .flatMap(([length, rows]) =>
      Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => ({
        length,
        rows: rows.slice(i * size, (i + 1) * size),
      })),
    );
}

/** The length of programs for a source of so many tokens. */
function paddedLength(tokens: number): number {
  if (tokens <= finelyCut) return smallLength * Math.ceil(tokens / smallLength);
  return 2 ** Math.ceil(Math.log2(tokens));
}

/** Rows behind the sources repeat the last one: they are written too, and never looked at. */
function padded(
  sources: readonly ArrayLike<number>[],
  [texts, length]: readonly [number, number],
  padId: number,
) {
  const ids = new Int32Array(texts * length).fill(padId);
  const lengths = new Int32Array(texts);
  for (let row = 0; row < texts; row++) {
    const source = sources[Math.min(row, sources.length - 1)] ?? [];
    ids.set(Array.from(source), row * length);
    lengths[row] = source.length;
  }
  return {
    source: new TensorData('int32', [texts, length], ids),
    sourceLengths: new TensorData('int32', [texts], lengths),
  };
}
