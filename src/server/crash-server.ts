// For the crash test: a server and three clients that talk to it over its port until the process is killed. Run by crash.test.ts.
import { openPglite } from '../archive/store/pglite.js';
import { stubGenerator } from '../testing/stub-generator.js';
import { Archives } from './archives.js';
import { createServer } from './create-server.js';
import { listen } from './listen.js';
import type { ChatChunk } from './wire.js';

const store = await openPglite(process.env['MNEME_CRASH_STORE'] ?? '', { thread: 'main' });
const archives = new Archives({ store });
const generator = stubGenerator({ answer: 'a slow answer of seven words in all', delayMs: 10 });
const { app, context } = createServer({
  archiveOf: (tenant) => archives.of(tenant),
  models: [{ id: 'stub', generator }],
});
const { url } = await listen(app, context.lifecycle, { host: '127.0.0.1', port: 0 });

/** Prints each turn that the server says it has stored, as soon as a client has read it. */
async function say(session: string, content: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content }], mneme: { session }, stream: true }),
  });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body ?? []) {
    const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const data of events.map((event) => event.slice('data: '.length))) {
      if (!data.startsWith('{')) continue;
      const { mneme } = JSON.parse(data) as ChatChunk;
      for (const turn of [mneme?.userTurn, mneme?.assistantTurn])
        if (turn !== undefined) process.stdout.write(`${JSON.stringify(turn)}\n`);
    }
  }
}

await Promise.all(
  ['red', 'green', 'blue'].map(async (session) => {
    for (let n = 0; ; n++) await say(session, `Message ${n} of ${session}: I live in Town${n}.`);
  }),
);
