// The server that `mneme bench serve` asks, in a process of its own: its generator says words as a model does, after a while
// and one after another.
import type { Generator } from '../../tasks/chat/index.js';
import { createInterface } from 'node:readline';
import { throwIfAborted } from '../../core/abort.js';
import { Random } from '../../core/random.js';
import { openStore } from '../../archive/index.js';
import { Archives } from '../../server/archives.js';
import { createServer } from '../../server/create-server.js';
import { listen } from '../../server/listen.js';
import { collectGarbage } from './measure.js';

/** How the generator speaks. */
export interface StubSpeech {
  /** Tokens of an answer on average; each has between two thirds and four thirds of it. */
  readonly tokens: number;
  /** Before the first token. */
  readonly firstTokenMs: number;
  /** Between two tokens. */
  readonly tokenMs: number;
}

export interface StubServerOptions extends StubSpeech {
  readonly store: string;
  readonly cacheMegabytes: number;
}

/** Megabytes of the process, garbage collected. */
export interface StubMemory {
  readonly resident: number;
  readonly heap: number;
}

/** Words of the answers; the first are said often, the last seldom. */
const vocabularySize = 5000;

/** Serves until standard input ends, and tells its memory for each line of it. @param say takes its address, then that */
export async function serveStub(
  { store, cacheMegabytes, ...speech }: StubServerOptions,
  say: (message: { readonly url: string } | StubMemory) => void,
): Promise<void> {
  const archives = new Archives({ store: await openStore(store, { cacheMegabytes }) });
  await archives.of('default');
  const { app, context } = createServer({
    archiveOf: (tenant) => archives.of(tenant),
    models: [{ id: 'stub', generator: steadyGenerator(speech) }],
    limits: { maxAnswers: 100_000, maxAnswersPerKey: 100_000 },
  });
  const server = await listen(app, context.lifecycle, { host: '127.0.0.1', port: 0 });
  say({ url: server.url });
  for await (const _ of createInterface({ input: process.stdin })) {
    collectGarbage();
    const { rss, heapUsed } = process.memoryUsage();
    say({ resident: rss / 1e6, heap: heapUsed / 1e6 } satisfies StubMemory);
  }
  await server.close(10_000);
  await archives.close();
}

function steadyGenerator({ tokens, firstTokenMs, tokenMs }: StubSpeech): Generator {
  const countTokens = (text: string): number => Math.ceil(text.length / 4);
  const random = Random.fromSeed(1);
  return {
    name: 'stub',
    maxTokens: 4096,
    exact: false,
    countTokens,
    countPrompt: (messages) => messages.reduce((sum, { content }) => sum + countTokens(content), 0),
    async *generate(_, options) {
      const begunMs = performance.now();
      const length = Math.round(tokens * (2 / 3 + (2 / 3) * random.uniform()));
      for (let i = 0; i < length; i++) {
        throwIfAborted(options.signal);
        // By the clock, so that a late token does not make all that follow late.
        const waitMs = begunMs + firstTokenMs + i * tokenMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        yield `w${Math.floor(vocabularySize * random.uniform() ** 3)} `;
      }
      return 'end';
    },
  };
}
