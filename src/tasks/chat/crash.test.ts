import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { linesUntilKilled } from '../../../test/support/kill-script.js';
import { openArchive } from '../../archive/open.js';
import { openPglite } from '../../archive/store/pglite.js';
import { stubGenerator } from '../../testing/stub-generator.js';
import { readWindow } from './kept-window.js';
import type { ChatTurn } from './message.js';
import { openConversation } from './open-conversation.js';
import type { ToolCaller, ToolMessage, ToolStep } from './tools.js';

const script = fileURLToPath(new URL('crash-talker.ts', import.meta.url));
const caller = fileURLToPath(new URL('crash-caller.ts', import.meta.url));

interface Acknowledged {
  readonly kind: 'window' | 'done';
  readonly turn: ChatTurn;
}

test('after kill -9 in the middle of a turn the conversation holds every acknowledged turn and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-chat-'));
  try {
    // An odd number: the last one acknowledged is a message whose answer is being written.
    const acknowledged = await linesUntilKilled<Acknowledged>(script, { MNEME_CRASH_STORE: folder }, 5);
    const archive = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
    try {
      expect((await archive.check()).problems).toEqual([]);
      const generator = stubGenerator({ answer: 'Here I am again.' });
      const chat = await openConversation({ archive, generator, session: 'crash' });
      const held = await chat.history();
      expect(held.slice(0, 5)).toEqual(acknowledged.map(({ turn }) => turn));
      expect(held.at(4)).toMatchObject({ role: 'user' });
      // Every answer has what was given for it, and nothing else has.
      for (const [n, { id, role }] of held.entries()) {
        const window = await readWindow(archive, id);
        const message = window?.parts.find(({ kind }) => kind === 'message')?.items[0]?.id;
        expect(message).toBe(role === 'assistant' ? held[n - 1]?.id : undefined);
        expect(window?.messages.at(-1)?.content).toBe(role === 'assistant' ? held[n - 1]?.text : undefined);
      }
      // What nobody acknowledged is there whole or not at all.
      expect(held.slice(5).every(({ text }) => text === 'a slow answer of seven words in all')).toBe(true);
      for await (const event of chat.regenerate()) expect(event).toBeDefined();
      expect((await chat.history()).map(({ text }) => text).at(-1)).toBe('Here I am again.');
    } finally {
      await archive.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test('after kill -9 between a call and what it gave the call is there, and is answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-chat-'));
  try {
    // An odd number: of the last call that was told nobody has told yet what it gave.
    const acknowledged = await linesUntilKilled<ToolStep>(caller, { MNEME_CRASH_STORE: folder }, 5);
    const archive = await openArchive({ store: await openPglite(folder, { thread: 'main' }) });
    try {
      expect((await archive.check()).problems).toEqual([]);
      const generator = stubGenerator({ answer: 'It is later.' });
      const asked: (readonly ToolMessage[])[] = [];
      const withTools: ToolCaller = {
        async *generate(messages) {
          asked.push(messages);
          yield 'It is later.';
          return { end: 'end', calls: [] };
        },
      };
      const chat = await openConversation({
        archive,
        generator: { ...generator, withTools },
        session: 'crash',
      });
      const held = (await chat.history()).flatMap(({ role, steps }) => (role === 'user' ? [steps] : []));
      const told = [acknowledged[1], acknowledged[3]].map((step) => [step]);
      expect(held.slice(0, 2)).toEqual(told);
      // What nobody acknowledged of the third is there whole or not at all.
      expect(held[2]?.[0]).toMatchObject(acknowledged[4] ?? {});
      const steps = acknowledged.slice(4).map(({ text, calls }) => ({
        text,
        calls: calls.map((call) => Object.assign({ result: 'Noon.' }, call)),
      }));
      for await (const event of chat.regenerate({ steps })) expect(event).toBeDefined();
      expect(asked.at(-1)?.at(-1)).toMatchObject({ role: 'tool', content: 'Noon.' });
      expect((await chat.history()).at(-1)?.text).toBe('It is later.');
    } finally {
      await archive.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
