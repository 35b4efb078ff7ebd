// For the crash test: talks until it is killed, and says what was acknowledged. Run by crash.test.ts.
import { openArchive } from '../../archive/open.js';
import { openPglite } from '../../archive/store/pglite.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import { openConversation } from './open-conversation.js';

const store = await openPglite(process.env['MNEME_CRASH_STORE'] ?? '', { thread: 'main' });
const archive = await openArchive({ store });
const generator = stubGenerator({ answer: 'a slow answer of seven words in all', delayMs: 20 });
const chat = await openConversation({ archive, generator, session: 'crash' });

for (let n = 0; ; n++)
  for await (const event of chat.send(`Message ${n}: I live in Town${n}.`))
    if (event.kind === 'window' || event.kind === 'done')
      process.stdout.write(`${JSON.stringify({ kind: event.kind, turn: event.turn })}\n`);
