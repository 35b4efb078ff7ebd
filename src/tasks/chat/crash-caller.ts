// For the crash test: a model calls a tool for each message, until it is killed, and says what was acknowledged. Run by crash.test.ts.
import { openArchive } from '../../archive/open.js';
import { openPglite } from '../../archive/store/pglite.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import { openConversation } from './open-conversation.js';
import type { ToolCall } from './tools.js';

const store = await openPglite(process.env['MNEME_CRASH_STORE'] ?? '', { thread: 'main' });
const archive = await openArchive({ store });
const generator = stubGenerator({ answer: 'It is late.' });
const withTools = {
  async *generate(messages: readonly { readonly role: string; readonly content: string | null }[]) {
    const last = messages.at(-1);
    yield last?.role === 'user' ? 'One moment.' : 'It is late.';
    const call = { id: `call for ${last?.content}`, name: 'clock', arguments: '{}' };
    return { end: 'end' as const, calls: last?.role === 'user' ? [call] : [] };
  },
};
const chat = await openConversation({ archive, generator: { ...generator, withTools }, session: 'crash' });

for (let n = 0; ; n++) {
  let calls: readonly ToolCall[] = [];
  for await (const event of chat.send(`Message ${n}`, { tools: {} }))
    if (event.kind === 'calls') {
      ({ calls } = event);
      process.stdout.write(`${JSON.stringify({ text: 'One moment.', calls })}\n`);
    }
  const steps = [
    { text: 'One moment.', calls: calls.map((call) => Object.assign({ result: `Late: ${n}` }, call)) },
  ];
  for await (const event of chat.regenerate({ tools: {}, steps }))
    if (event.kind === 'window') process.stdout.write(`${JSON.stringify(steps[0])}\n`);
}
