// What is found with what is held in memory is what is found without, whoever changes the archive meanwhile.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { anotherProgram } from '../../../test/support/another-program.js';
import { eachStore } from '../../../test/support/each-store.js';
import type { Archive } from '../archive.js';
import { EpisodeWriter } from '../bench/episodes.js';
import type { RecallOptions } from './query.js';

const now = () => new Date('2026-03-02T10:00:00Z');

/** Items with their reasons. */
const answers = async (archive: Archive, question: string, options: RecallOptions): Promise<unknown> =>
  (await archive.recall(question, { unknownUser: 'empty', ...options })).map(
    ({ item, score, parts, terms }) => [item, score, parts, terms],
  );

eachStore((store) => {
  /** A program that has asked before, one that writes, and what one that has just begun is answered. */
  async function open() {
    const tenant = randomUUID();
    const as = (database = anotherProgram(store.database)): Promise<Archive> =>
      store.archive({ tenant, store: database, now });
    const statements: string[] = [];
    const [reader, writer] = [
      await as(anotherProgram(store.database, (_, sql) => void statements.push(sql))),
      await as(),
    ];
    const expectSame = async (
      asked: readonly (readonly [string, RecallOptions?])[],
      when = '',
    ): Promise<void> => {
      const other = await as();
      for (const [question, options = {}] of asked) {
        const expected = await answers(other, question, options);
        expect(await answers(reader, question, options), `${question} ${when}`).toEqual(expected);
      }
    };
    return { reader, writer, statements, expectSame };
  }

  const questions: readonly (readonly [string, RecallOptions?])[] = [
    ['Where does my sister live?'],
    ['妹妹住在哪里？', { until: '2025-06-01T00:00:00Z' }],
    ['What did Ben say about the boat in May 2025?'],
    ['boat sister', { session: 'monday', kinds: ['episode', 'fact'] }],
    ['sister boat parking', { at: '2026-05-01T00:00:00Z' }],
    ['Where does my sister Clara live, and where is the boat?', { limit: 30 }],
  ];

  test('after every kind of change by another program', async () => {
    const { reader, writer, expectSame } = await open();
    const say = (text: string, session: string, more = {}): ReturnType<Archive['remember']> =>
      writer.remember({ text, session, speaker: 'Ben', time: '2025-05-10T12:00:00Z', ...more });
    let oslo = { id: '' };
    let edited = { operation: 0 };
    let retired: readonly number[] = [];
    let lines: string[] = [];
    const changes: readonly [string, () => Promise<unknown>][] = [
      ['nothing', async () => undefined],
      ['the first', async () => (oslo = (await say('My sister lives in Oslo.', 'monday')) as { id: string })],
      ['another session', () => say('The boat has a new mast.', 'tuesday')],
      ['Chinese', () => say('我妹妹住在上海。', 'monday', { speaker: '王芳' })],
      [
        'a correction',
        () => say('My sister lives in Bergen now.', 'tuesday', { time: '2025-07-01T12:00:00Z' }),
      ],
      [
        'what expires',
        () => say('The parking of the boat costs 5512.', 'monday', { expiresAt: '2026-04-01' }),
      ],
      ['an edit', async () => (edited = await writer.edit(oslo.id, 'My sister lives in Rome.'))],
      ['its undoing', () => writer.undo(edited.operation)],
      ['a retiring', async () => (retired = await writer.retire([oslo.id]))],
      ['its undoing', () => writer.undo(retired[0] ?? 0)],
      [
        'a document',
        () => writer.addDocument({ title: 'Boats', text: 'A boat has a mast. Ask the sister ship.' }),
      ],
      ['a turn', () => writer.addTurn({ session: 'monday', text: 'Is the boat in Oslo?' })],
      [
        'a turn of its own',
        () =>
          reader.addTurn({
            session: 'monday',
            speaker: 'Ann',
            text: 'My sister Clara lives in Rome. I sold the boat on 3 May 2025.',
            time: now(),
          }),
      ],
      [
        'its facts being said again',
        () => say('As you know my sister Clara lives in Rome.', 'tuesday', { speaker: 'Ann' }),
      ],
      ['its being said again', () => say('Is the boat in Oslo?', 'monday')],
      [
        'a fact of long ago',
        () =>
          reader.addTurn({
            session: 'monday',
            text: 'My sister Clara lives in Kiel.',
            time: '2021-01-01T00:00:00Z',
          }),
      ],
      [
        'its contradiction',
        () => say('My sister Clara has moved to Turin.', 'tuesday', { time: '2026-02-01T00:00:00Z' }),
      ],
      [
        'a summary',
        () =>
          writer.replaceSummary({
            session: 'monday',
            user: 'default',
            text: 'The sister and the boat.',
            sources: [oslo.id],
            occurredAt: now(),
          }),
      ],
      [
        'another in its place',
        () =>
          writer.replaceSummary({
            session: 'monday',
            user: 'default',
            text: 'The boat alone.',
            sources: [oslo.id],
            occurredAt: now(),
          }),
      ],
      [
        'summaries of its own',
        async () => {
          const summary = { session: 'monday', user: 'default', occurredAt: now() };
          const { id } = await reader.addTurn({ session: 'monday', text: 'The boat is sold.' });
          await reader.replaceSummary({ ...summary, text: 'Boat and sister.', sources: [oslo.id] });
          const previous = await reader.summary(summary);
          const sources = [oslo.id, id];
          await reader.replaceSummary({ ...summary, text: 'Boat, sold, and sister.', sources, previous });
        },
      ],
      ['an index made again', () => writer.reindex()],
      ['forgetting one', () => writer.forget({ ids: [oslo.id] })],
      ['forgetting by words', () => writer.forget({ query: 'mast' })],
      [
        'forgetting all',
        async () => {
          lines = [];
          for await (const line of writer.export()) lines.push(line);
          await writer.forget({ user: 'default' });
        },
      ],
      ['an import', () => writer.import(lines)],
      ['forgetting a session', () => writer.forget({ session: 'tuesday' })],
    ];
    for (const [name, change] of changes) {
      await change();
      await expectSame(questions, `after ${name}`);
    }
    expect(await answers(reader, 'boat', {})).not.toEqual([]);
  });

  test('of many items the traits are read in the background, and words that fill blocks are held', async () => {
    const { reader, writer, statements, expectSame } = await open();
    const episodes = new EpisodeWriter(5);
    const asked = new EpisodeWriter(6);
    await writer.rememberAll(episodes.next(1500));
    const readsOfTraits = (): number => statements.filter((sql) => sql.includes('GROUP BY i.scope')).length;
    await reader.recall('w1x w2x');
    expect(readsOfTraits()).toBe(1);
    let [reads, tries] = [0, 0];
    while (reads < readsOfTraits() && tries++ < 1000) {
      reads = readsOfTraits();
      await reader.recall('w1x w2x');
    }
    for (let n = 0; n < 8; n++) {
      await expectSame([[asked.question()]]);
      if (n % 4 === 0) await writer.rememberAll(episodes.next(n * 60));
    }
    expect(readsOfTraits()).toBe(reads);
  });

  test('questions at once, while another program writes and forgets', async () => {
    const { reader, writer, expectSame } = await open();
    const episodes = new EpisodeWriter(7);
    const asked = new EpisodeWriter(8);
    await writer.rememberAll(episodes.next(1100));
    for (let n = 0; n < 2; n++) {
      const writing = writer.rememberAll(episodes.next(50));
      const forgetting = n % 2 === 0 ? undefined : writer.forget({ session: `session ${n}` });
      await Promise.all(Array.from({ length: 8 }, () => reader.recall(asked.question())));
      await Promise.all([writing, forgetting]);
      await expectSame([[asked.question()], [asked.question()]]);
    }
  });
});
