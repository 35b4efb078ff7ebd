// The server that `mneme bench serve` asks, in a process of its own: a generator that says a fixed number of words in step.
import type { Generator } from '../../tasks/chat/index.js';
import { once } from 'node:events';
import { throwIfAborted } from '../../core/abort.js';
import { openStore } from '../../archive/index.js';
import { Archives } from '../../server/archives.js';
import { createServer } from '../../server/create-server.js';
import { listen } from '../../server/listen.js';

export interface StubServerOptions {
  readonly store: string;
  readonly words: number;
  /** Between two words, and before the first. */
  readonly wordMs: number;
}

/** Serves until standard input ends. @param onListening is told the address */
export async function serveStub(
  options: StubServerOptions,
  onListening: (url: string) => void,
): Promise<void> {
  const archives = new Archives({ store: await openStore(options.store) });
  await archives.of('default');
  const { app, context } = createServer({
    archiveOf: (tenant) => archives.of(tenant),
    models: [{ id: 'stub', generator: steadyGenerator(options) }],
    limits: { maxAnswers: 100_000, maxAnswersPerKey: 100_000 },
  });
  context.metrics.addProcess();
  const server = await listen(app, context.lifecycle, { host: '127.0.0.1', port: 0 });
  onListening(server.url);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await server.close(10_000);
  await archives.close();
}

function steadyGenerator({ words, wordMs }: StubServerOptions): Generator {
  const countTokens = (text: string): number => Math.ceil(text.length / 4);
  return {
    name: 'stub',
    maxTokens: 4096,
    exact: false,
    countTokens,
    countPrompt: (messages) => messages.reduce((sum, { content }) => sum + countTokens(content), 0),
    async *generate(_, options) {
      for (let i = 0; i < words; i++) {
        throwIfAborted(options.signal);
        await new Promise((resolve) => setTimeout(resolve, wordMs));
        yield `w${i} `;
      }
    },
  };
}
