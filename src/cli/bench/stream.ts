// `mneme bench stream`: whether a session that reads on and on stays as fast and as small as it began.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { GenerationSession } from '../../generate/index.js';
import { Random } from '../../core/random.js';
import { fastestChunk, LoadedDecoder } from '../../generate/index.js';
import { LanguageModel } from '../../models/language-model.js';
import { median, rounded, timeMs } from './measure.js';

export interface StreamBenchOptions {
  readonly memories: readonly string[];
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly onProgress?: (memory: string, tokens: number) => void;
}

export interface StreamReport {
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly stateBytes: number;
  /** Of the whole process: median over the first twentieth of the text, over the last, and over each of them in turn. */
  readonly residentMegabytes: {
    readonly start: number;
    readonly end: number;
    readonly along: readonly number[];
  };
  /** (end - start) / start */
  readonly residentGrowth: number;
  /** Microseconds per token of a session that has read a fifth of the text, and of one that has read all of it, in turns. */
  readonly microsecondsPerToken: { readonly young: number; readonly old: number };
  /** Of old and young, in the same round; median of the rounds. */
  readonly timeRatio: number;
}

const vocabularySize = 256;
const heads = 4;
/** For memories with a bound, and for windows that are not said. */
const maxLength = 256;
/** Parts of the text between which memory is compared. */
const parts = 20;
/** Tokens that are read before anything is measured, as a share of the text. */
const warmUpShare = 0.2;
const rounds = 400;

/** Streams a text of random tokens through a model of each memory, chunk by chunk. */
export async function benchStream(
  runtime: Runtime,
  { memories, onProgress, ...options }: StreamBenchOptions,
): Promise<Record<string, StreamReport>> {
  const reports: Record<string, StreamReport> = {};
  for (const memory of memories) {
    const progress = (tokens: number): void => onProgress?.(memory, tokens);
    reports[memory] = await stream(runtime, memory, options, progress);
  }
  return reports;
}

type Sizes = Pick<StreamBenchOptions, 'tokens' | 'width' | 'layers'>;

async function stream(
  runtime: Runtime,
  memory: string,
  { tokens, width, layers }: Sizes,
  progress: (tokens: number) => void,
): Promise<StreamReport> {
  const size = { vocabularySize, width, layers, heads, maxLength };
  const model = new LanguageModel({ ...size, memory, position: 'none' });
  const decoder = await LoadedDecoder.load(runtime, model, model.init(Random.fromSeed(1)));
  const [old, young] = [await decoder.createSession(), await decoder.createSession()];
  const random = Random.fromSeed(2);
  fillYoungGeneration();
  // Compiles, and lets the heap of the worker grow to the size that it keeps.
  for (let read = 0; read < tokens * warmUpShare; read += fastestChunk) await readChunk(young, random);
  const chunks = Math.ceil(tokens / fastestChunk);
  const resident: number[][] = Array.from({ length: parts }, () => []);
  const began = performance.now();
  for (let chunk = 0; chunk < chunks; chunk++) {
    await readChunk(old, random);
    resident[Math.floor((chunk * parts) / chunks)]?.push(process.memoryUsage.rss() / 1e6);
    progress((chunk + 1) * fastestChunk);
  }
  const seconds = (performance.now() - began) / 1000;
  const pace = await inRounds(young, old, random);
  const along = resident.map(median);
  const [start = NaN, end = NaN] = [along[0], along.at(-1)];
  await decoder.dispose();
  return {
    tokens: chunks * fastestChunk,
    tokensPerSecond: Math.round((chunks * fastestChunk) / seconds),
    stateBytes: old.stateBytes(),
    residentMegabytes: {
      start: rounded(start, 4),
      end: rounded(end, 4),
      along: along.map((megabytes) => rounded(megabytes, 4)),
    },
    residentGrowth: rounded((end - start) / start),
    ...pace,
  };
}

/**
 * Short-lived objects, more than fit at once: the first time that the young generation of JavaScript's heap is used, its
 * pages become resident one after another, which would look like growth.
 */
function fillYoungGeneration(): void {
  for (let i = 0; i < 100_000; i++) if (Array.from({ length: 100 }, () => i).length === 0) return;
}

/** Lets both sessions read in turns, so that a slow moment of the machine meets them both. */
async function inRounds(young: GenerationSession, old: GenerationSession, random: Random) {
  const times: { readonly young: number; readonly old: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the other.
    const order = round % 2 === 0 ? [young, old] : [old, young];
    const ms = new Map<GenerationSession, number>();
    for (const session of order) ms.set(session, await timeMs(() => readChunk(session, random)));
    times.push({ young: ms.get(young) ?? NaN, old: ms.get(old) ?? NaN });
  }
  const perToken = (ms: readonly number[]): number => rounded((1000 * median(ms)) / fastestChunk);
  return {
    microsecondsPerToken: {
      young: perToken(times.map(({ young: ms }) => ms)),
      old: perToken(times.map(({ old: ms }) => ms)),
    },
    timeRatio: rounded(median(times.map((pair) => pair.old / pair.young))),
  };
}

function readChunk(session: GenerationSession, random: Random): Promise<Float32Array> {
  const ids = new Int32Array(fastestChunk);
  for (let i = 0; i < ids.length; i++) ids[i] = random.integer(vocabularySize);
  return session.prefill(ids);
}
