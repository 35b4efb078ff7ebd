import { describe, expect, it } from 'vitest';
import type { Turn } from '../../../src/server/wire.js';
import { Conversation } from './conversation.svelte.js';
import type { Answer } from './testing.js';
import { clientOf, errorResponse, streamOf, testWindow } from './testing.js';

const turn = (number: number, role: Turn['role'], text: string): Turn => ({
  id: `1-${number}`,
  turn: number,
  session: 'new',
  role,
  text,
  time: '2026-11-28T20:00:00Z',
});

const chunk = (content: string | undefined, reason: string | null, mneme?: unknown) => ({
  choices: [{ index: 0, delta: content === undefined ? {} : { content }, finish_reason: reason }],
  ...(mneme === undefined ? {} : { mneme }),
});

const beginning = chunk(undefined, null, {
  session: 'new',
  userTurn: turn(0, 'user', 'Hello'),
  window: testWindow,
});
const wholeAnswer = [
  beginning,
  chunk('Good ', null),
  chunk('day.', null),
  chunk(undefined, 'stop', { assistantTurn: turn(1, 'assistant', 'Good day.'), finish: 'end' }),
  '[DONE]',
];

function conversationWith(answer: Answer) {
  const { client, asked } = clientOf(answer);
  const changed: string[] = [];
  const spoken: { language: 'en' | 'zh' } = { language: 'en' };
  const conversation = new Conversation({
    client,
    user: () => 'ann',
    model: () => undefined,
    language: () => spoken.language,
    newSession: () => 'new',
    sleep: () => Promise.resolve(),
    changed: (session) => changed.push(session),
  });
  return { conversation, asked, changed, spoken };
}

const textsOf = (conversation: Conversation): readonly string[] => conversation.turns.map(({ text }) => text);

describe('a conversation', () => {
  it('sends a message, follows the answer, and knows what the model was given', async () => {
    const { conversation, asked, changed } = conversationWith(() => streamOf(wholeAnswer));
    await conversation.send('Hello');
    expect(asked.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
    expect(asked[0]?.body).toEqual({
      messages: [{ role: 'user', content: 'Hello' }],
      user: 'ann',
      mneme: { session: 'new', language: 'en' },
      stream: true,
    });
    expect(textsOf(conversation)).toEqual(['Hello', 'Good day.']);
    expect(conversation.turns.map(({ id }) => id)).toEqual(['1-0', '1-1']);
    expect(conversation.window).toEqual(testWindow);
    expect(conversation.windowTurn).toBe(1);
    expect(conversation.status).toBe('idle');
    expect(changed).toEqual(['new']);
  });

  it('shows the calls of tools that a message has', async () => {
    const steps = [{ text: '', calls: [{ id: 'c1', name: 'clock', arguments: '{}', result: '12:30' }] }];
    const { conversation } = conversationWith(({ path }) =>
      path.includes('/window')
        ? errorResponse(404, 'It is not known.')
        : Response.json({
            session: 'new',
            turns: [
              { ...turn(0, 'user', 'What time is it?'), steps },
              turn(1, 'assistant', 'Half past twelve.'),
            ],
          }),
    );
    await conversation.open('new');
    expect(conversation.turns.map((one) => one.steps)).toEqual([steps, undefined]);
  });

  it('keeps what was written when it is stopped, and learns what the server kept of it', async () => {
    let asked = 0;
    const { conversation } = conversationWith(({ path }, signal) => {
      if (!path.startsWith('/v1/sessions/')) return streamOf(wholeAnswer.slice(0, 2), { signal, hang: true });
      const turns = [turn(0, 'user', 'Hello'), turn(1, 'assistant', 'Good')];
      return Response.json({ session: 'new', turns: turns.slice(0, ++asked) });
    });
    const sent = conversation.send('Hello');
    await expect.poll(() => conversation.writing).toBe('Good ');
    expect(conversation.status).toBe('writing');
    conversation.stop();
    await sent;
    expect(conversation.turns.at(-1)).toMatchObject({
      role: 'assistant',
      text: 'Good',
      ending: 'stopped',
      turn: 1,
      id: '1-1',
    });
    expect(asked).toBe(2);
    expect(conversation.error).toBeUndefined();
    expect(conversation.busy).toBe(false);
  });

  it.each(['length', 'content-filter'])('says that an answer did not end by itself: %s', async (finish) => {
    const whole = { assistantTurn: turn(1, 'assistant', 'Good'), finish };
    const cut = [beginning, chunk('Good', null), chunk(undefined, 'length', whole), '[DONE]'];
    const nothing = [beginning, chunk(undefined, 'length', { finish }), '[DONE]'];
    const { conversation } = conversationWith(({ body }) =>
      streamOf(JSON.stringify(body).includes('Hello') ? cut : nothing),
    );
    await conversation.send('Hello');
    expect(conversation.turns.at(-1)).toMatchObject({ text: 'Good', turn: 1, ending: finish });
    await conversation.send('Think.');
    expect(conversation.turns.at(-1)).toEqual({ role: 'assistant', text: '', ending: finish });
  });

  it.each([
    ['an error in the stream', [beginning, { error: { message: 'down' } }], 'unavailable'],
    ['a stream without end', [beginning, chunk('Good ', null)], 'broken'],
    ['a line that is no chunk', [beginning, '{"cut'], 'broken'],
  ])('shows %s, keeps the message, and answers it on retry', async (_, lines, kind) => {
    let failed = false;
    const { conversation, asked } = conversationWith(({ path }) => {
      if (path.startsWith('/v1/sessions/new?'))
        return Response.json({ session: 'new', turns: [turn(0, 'user', 'Hello')] });
      if (failed) return streamOf(wholeAnswer);
      failed = true;
      return streamOf(lines);
    });
    await conversation.send('Hello');
    expect(conversation.error?.kind).toBe(kind);
    expect(textsOf(conversation)).toEqual(['Hello']);
    await conversation.retry();
    expect(asked.at(-1)?.path).toBe('/v1/sessions/new/regenerate');
    expect(textsOf(conversation)).toEqual(['Hello', 'Good day.']);
    expect(conversation.error).toBeUndefined();
  });

  it('sends again what never arrived', async () => {
    let failed = false;
    const { conversation, asked } = conversationWith(({ path }) => {
      if (path.startsWith('/v1/sessions/')) return errorResponse(404, 'no conversation');
      if (failed) return streamOf(wholeAnswer);
      failed = true;
      throw new TypeError('fetch failed');
    });
    await conversation.send('Hello');
    expect(conversation.error?.kind).toBe('offline');
    await conversation.retry();
    expect(asked.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/sessions/new?user=ann',
      '/v1/chat/completions',
    ]);
    expect(textsOf(conversation)).toEqual(['Hello', 'Good day.']);
  });

  it('does not say again what was answered while the connection was gone', async () => {
    const { conversation, asked } = conversationWith(({ path }) =>
      path.startsWith('/v1/sessions/')
        ? Response.json({
            session: 'new',
            turns: [turn(0, 'user', 'Hello'), turn(1, 'assistant', 'Good day.')],
          })
        : streamOf([beginning]),
    );
    await conversation.send('Hello');
    await conversation.retry();
    expect(asked).toHaveLength(2);
    expect(textsOf(conversation)).toEqual(['Hello', 'Good day.']);
    expect(conversation.error).toBeUndefined();
  });

  it('puts a new answer in the place of the old one, which stays when there is none', async () => {
    let fail = true;
    const { conversation } = conversationWith(({ path }) => {
      if (!path.endsWith('/regenerate')) return streamOf(wholeAnswer);
      if (fail) return errorResponse(502, 'The generator does not answer.');
      const again = { assistantTurn: turn(1, 'assistant', 'Hi.'), finish: 'end' };
      return streamOf([beginning, chunk('Hi.', null), chunk(undefined, 'stop', again), '[DONE]']);
    });
    await conversation.send('Hello');
    await conversation.regenerate();
    expect(textsOf(conversation)).toEqual(['Hello', 'Good day.']);
    expect(conversation.error?.kind).toBe('unavailable');
    fail = false;
    await conversation.regenerate();
    expect(textsOf(conversation)).toEqual(['Hello', 'Hi.']);
  });

  it('opens a session with its last window, and says when the server no longer knows it', async () => {
    let known = true;
    const { conversation } = conversationWith(({ path }) => {
      if (path.includes('/window'))
        return known ? Response.json({ window: testWindow }) : errorResponse(404, 'gone');
      return Response.json({
        session: 'old',
        turns: [turn(0, 'user', 'Hello'), turn(1, 'assistant', 'Good day.')],
      });
    });
    await conversation.open('old');
    expect(conversation.window).toEqual(testWindow);
    known = false;
    await conversation.showWindow(1);
    expect([conversation.window, conversation.windowGone]).toEqual([undefined, true]);
    conversation.startNew();
    expect([conversation.session, conversation.turns.length, conversation.windowGone]).toEqual([
      undefined,
      0,
      false,
    ]);
  });

  it('has the window said in the language of the page, and again when that changes', async () => {
    const { conversation, asked, spoken } = conversationWith(({ path }) =>
      path.includes('/window') ? Response.json({ window: testWindow }) : streamOf(wholeAnswer),
    );
    await conversation.send('Hello');
    await conversation.reword();
    expect(asked).toHaveLength(1);
    spoken.language = 'zh';
    await conversation.reword();
    await conversation.reword();
    expect(asked.slice(1).map(({ path }) => path)).toEqual(['/v1/sessions/new/turns/1-1/window?language=zh']);
    await conversation.regenerate();
    expect(asked.at(-1)?.body).toMatchObject({ language: 'zh' });
  });

  it('forgets an answer of a session that was left', async () => {
    const { conversation } = conversationWith(({ path }, signal) =>
      path.startsWith('/v1/sessions/')
        ? Response.json({ session: 'other', turns: [turn(0, 'user', 'Other')] })
        : streamOf([beginning, chunk('Good ', null)], { signal, hang: true }),
    );
    const sent = conversation.send('Hello');
    await expect.poll(() => conversation.writing).toBe('Good ');
    await conversation.open('other');
    await sent;
    expect(textsOf(conversation)).toEqual(['Other']);
    expect(conversation.writing).toBe('');
  });

  it('branches where it is told', async () => {
    const { conversation, asked, changed } = conversationWith(({ path }) =>
      path.endsWith('/branch') ? Response.json({ session: 'branch' }) : streamOf(wholeAnswer),
    );
    await conversation.send('Hello');
    expect(await conversation.branch(1)).toBe('branch');
    expect(asked.at(-1)?.body).toEqual({ turn: 1, user: 'ann' });
    expect(changed).toEqual(['new', 'branch']);
  });
});
