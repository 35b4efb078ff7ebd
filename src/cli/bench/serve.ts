// `mneme bench serve`: many conversations at once against a stub generator; what is lost, doubled, late, or grows.
//
// The load is closed: each conversation says its next turn when it has its answer. With the defaults an answer is a stream of
// 15 seconds, as a model writes it, so that all 200 stream at the same time and the server begins some 13 answers a second,
// every other one with memory. Where answers come at once (`--saturate`), every conversation asks again as soon as it is
// answered: then the times say how long the queue is. Clients and server share the processors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import type { TurnsResponse } from '../../server/wire.js';
import type { StubMemory, StubSpeech } from './serve-stub.js';
import { messageOf, RuntimeError } from '../../core/errors.js';
import { percentile, rounded } from './measure.js';
import { streamTurn } from './serve-client.js';

export interface ServeBenchOptions extends StubSpeech {
  /** A folder, or postgres://... */
  readonly store: string;
  /** Of the server. */
  readonly cacheMegabytes: number;
  readonly sessions: number;
  readonly seconds: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (turns: number, errors: number) => void;
}

interface Milliseconds {
  readonly p50: number;
  readonly p95: number;
}

export interface ServeBenchReport {
  readonly sessions: number;
  readonly seconds: number;
  /** Turns with memory and without, in turns within each session. */
  readonly turns: { readonly memory: number; readonly plain: number };
  readonly errors: number;
  /** The first of them. */
  readonly firstErrors: readonly string[];
  /** Stored turns that the server said it has and has not, and turns that it has and never said. */
  readonly lost: number;
  readonly doubled: number;
  /** From a request to the first token of its answer. */
  readonly firstTokenMs: { readonly memory: Milliseconds; readonly plain: Milliseconds };
  /** What recalling and storing adds: each percentile with memory less the same one without. */
  readonly overheadMs: Milliseconds;
  /** Of the server's process, garbage collected: how large the garbage may grow is the runtime's choice. */
  readonly residentMegabytes: Growth;
  readonly heapMegabytes: Growth;
}

interface Growth {
  /** Before the first turn. */
  readonly start: number;
  /** After two fifths of the time. */
  readonly warm: number;
  readonly end: number;
  /** After each fifth of the time. */
  readonly along: readonly number[];
}

/** The server in a process of its own. */
async function startServer({ store, cacheMegabytes, tokens, firstTokenMs, tokenMs }: ServeBenchOptions) {
  const numbers = {
    '--tokens': tokens,
    '--first-token-ms': firstTokenMs,
    '--token-ms': tokenMs,
    '--cache': cacheMegabytes,
  };
  const flags = [
    '--store',
    store,
    ...Object.entries(numbers).flatMap(([flag, value]) => [flag, String(value)]),
  ];
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'bench', 'serve', '--stub', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const line = await lines.next();
    if (line.done) throw new RuntimeError('The server ended. What it said stands above.');
    return JSON.parse(line.value) as T;
  };
  const { url } = await answer<{ readonly url: string }>();
  return {
    url,
    /** What it holds, once garbage is collected. */
    memory(): Promise<StubMemory> {
      child.stdin.write('memory\n');
      return answer();
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** One conversation: what it says, and what it was told is stored. */
class Talker {
  readonly stored: string[] = [];
  readonly name: string;
  #said = 0;

  constructor(number: number) {
    this.name = `session ${number}`;
  }

  /** The next turn: every other one is without memory. */
  next(): { readonly memory: boolean; readonly body: object } {
    const n = this.#said++;
    const content = `Turn ${n} of ${this.name}: my friend Ann${n} lives in Town${n} and plays the cello on day ${n}.`;
    const memory = n % 2 === 0;
    const mneme = { session: this.name, memory };
    return { memory, body: { messages: [{ role: 'user', content }], user: this.name, mneme } };
  }
}

const growthOf = (megabytes: readonly number[]): Growth => {
  const [start = NaN, ...along] = megabytes.map((value) => rounded(value, 4));
  return { start, warm: along[1] ?? NaN, end: along.at(-1) ?? NaN, along };
};

const summary = (times: readonly number[]): Milliseconds => ({
  p50: rounded(percentile(times, 0.5), 4),
  p95: rounded(percentile(times, 0.95), 4),
});

const difference = (a: Milliseconds, b: Milliseconds): Milliseconds => ({
  p50: rounded(a.p50 - b.p50),
  p95: rounded(a.p95 - b.p95),
});

export async function benchServe(options: ServeBenchOptions): Promise<ServeBenchReport> {
  const server = await startServer(options);
  const { url } = server;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const talkers = Array.from({ length: options.sessions }, (_, number) => new Talker(number));
  const times: Readonly<Record<'memory' | 'plain', number[]>> = { memory: [], plain: [] };
  const errors: string[] = [];
  const endMs = performance.now() + 1000 * options.seconds;
  const isOver = (): boolean => performance.now() >= endMs || options.signal?.aborted === true;
  const samples = [await server.memory()];
  const talk = async (talker: Talker, position: number): Promise<void> => {
    // Spread over one answer, as people would be.
    await pause((position / talkers.length) * (options.firstTokenMs + options.tokens * options.tokenMs));
    while (!isOver()) {
      const { memory, body } = talker.next();
      try {
        const turn = await streamTurn(url, agent, body);
        talker.stored.push(...turn.stored);
        times[memory ? 'memory' : 'plain'].push(turn.firstTokenMs);
      } catch (error) {
        errors.push(messageOf(error));
      }
      options.onProgress?.(times.memory.length + times.plain.length, errors.length);
    }
  };
  const sample = async (): Promise<void> => {
    for (let fifth = 1; fifth <= 5 && !options.signal?.aborted; fifth++) {
      const untilMs = endMs - (1 - fifth / 5) * 1000 * options.seconds;
      while (performance.now() < untilMs && !options.signal?.aborted) await pause(100);
      samples.push(await server.memory());
    }
  };
  try {
    await Promise.all([...talkers.map(talk), sample()]);
    const differences = await compare(url, talkers);
    const firstTokenMs = { memory: summary(times.memory), plain: summary(times.plain) };
    return {
      sessions: options.sessions,
      seconds: options.seconds,
      turns: { memory: times.memory.length, plain: times.plain.length },
      errors: errors.length,
      firstErrors: errors.slice(0, 3),
      ...differences,
      firstTokenMs,
      overheadMs: difference(firstTokenMs.memory, firstTokenMs.plain),
      residentMegabytes: growthOf(samples.map(({ resident }) => resident)),
      heapMegabytes: growthOf(samples.map(({ heap }) => heap)),
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** What each conversation holds in the end against what it was told. */
async function compare(url: string, talkers: readonly Talker[]) {
  let lost = 0;
  let doubled = 0;
  for (const { name, stored } of talkers) {
    const path = `${url}/v1/sessions/${encodeURIComponent(name)}?user=${encodeURIComponent(name)}`;
    const { turns = [] } = (await (await fetch(path)).json()) as Partial<TurnsResponse>;
    const held = turns.map(({ id }) => id);
    const texts = turns.filter(({ role }) => role === 'user').map(({ text }) => text);
    lost += stored.filter((id) => !held.includes(id)).length;
    doubled += held.filter((id) => !stored.includes(id)).length + texts.length - new Set(texts).size;
  }
  return { lost, doubled };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
