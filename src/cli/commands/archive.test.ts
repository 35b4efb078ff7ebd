// The archive as people use it from the command line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended } from '../../../test/support/command-line.js';
import { mneme, mnemeProcess } from '../../../test/support/command-line.js';
import { keepDatabaseCompiled } from '../../../test/support/compiled-database.js';

const folder = mkdtempSync(join(tmpdir(), 'mneme-archive-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(keepDatabaseCompiled);

const run = (args: readonly string[], input = '', store = 'store'): Promise<Ended> =>
  mneme([...args, '--store', at(store)], input);

/** The one JSON object that a verb prints. */
async function json(args: readonly string[], input = '', store = 'store'): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run([...args, '--json'], input, store);
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

const texts = (found: Record<string, unknown>): string[] =>
  (found['results'] as { item: { text: string } }[]).map(({ item }) => item.text);

describe('mneme remember, recall and forget', () => {
  it('keep a text from one process to the next, and erase it for good', async () => {
    const stored = await mnemeProcess([
      'remember',
      'My sister Anna lives in Lisbon.',
      '--store',
      at('store'),
    ]);
    expect(stored).toMatchObject({ code: 0, stderr: '' });
    const { results } = await json(['recall', 'Where does my sister live?', '--explain']);
    const [best] = results as { item: { text: string; id: string }; explanation: string[] }[];
    expect(best?.item.text).toContain('Lisbon');
    expect(best?.explanation.join()).toContain('BM25');
    expect((await json(['forget', '--query', 'Lisbon']))['ids']).toContain(best?.item.id);
    expect(texts(await json(['recall', 'Lisbon sister']))).toEqual([]);
  });

  it('take many texts at once, and say which line could not be used', async () => {
    const lines = [{ text: '我喜欢喝乌龙茶' }, { text: ' ' }, { text: 'It rained.', session: 'trip' }];
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const report = await json(['remember', '--input', '-', '--user', 'many'], input);
    expect(report).toMatchObject({ outcomes: { stored: 2, rejected: 1 }, rejected: [{ line: 2 }], facts: 1 });
    const broken = await run(['remember', '--input', '-'], '{"text":"one"}\n{"txt":"two"}\n');
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/Line 2 .* Nothing was stored/);
  });

  it('store a document in chunks, and no personal data if so asked', async () => {
    writeFileSync(at('notes.txt'), `Write to ann@example.com.\n\n${'The boiler is old.\n\n'.repeat(400)}`);
    const stored = await json(['remember', '--document', at('notes.txt'), '--redact', '--user', 'doc']);
    expect(stored).toMatchObject({ status: 'stored', document: 0, redacted: { email: 1 } });
    const found = await json(['recall', 'write to', '--user', 'doc', '--kind', 'chunk']);
    expect(texts(found)[0]).toContain('Write to [email].');
  });

  it.each([
    [['remember'], '', 2, 'Give one of'],
    [['remember', 'x', '--input', 'y'], '', 2, 'Give one of'],
    [['remember', '-'], 'a'.repeat(10_000_000), 1, '--document'],
    [['remember', 'x', '--embedder', 'http://127.0.0.1:1/v1'], '', 2, '--embedding-model'],
    [['remember', 'x', '--embedder', 'no-such-folder'], '', 1, 'no-such-folder'],
    [['remember', 'x', '--key', 'env:MNEME_NO_SUCH_KEY'], '', 2, 'openssl'],
    [['recall', 'x', '--user', 'mani'], '', 1, 'Did you mean "many"?'],
    [['recall', 'x', '--kind', 'fax'], '', 2, 'episode, fact'],
    [['forget'], '', 2, 'one way'],
    [['forget', '--expired', '--query', 'x'], '', 2, 'one way'],
    [['forget', "1'; DROP TABLE items; --"], '', 1, 'not an item id'],
  ])('end wrong use %j with a message that helps', async (args, input, code, said) => {
    const ended = await run(args, input);
    expect(ended.stderr).toContain(said);
    expect(ended.code).toBe(code);
  });

  it('say so when the database is down', async () => {
    const ended = await mneme(['remember', 'x', '--store', 'postgres://ann:secret@127.0.0.1:1/none']);
    expect(ended.stderr).toMatch(/cannot be reached.*Nothing was written/);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.code).toBe(1);
  });
});

describe('mneme archive', () => {
  const store = 'other';

  it('shows facts and history, and undoes', async () => {
    await json(['remember', 'I live in Lyon.', '--speaker', 'Ann'], '', store);
    const shown = async (): Promise<unknown> => (await json(['archive', 'facts'], '', store))['facts'];
    expect(await shown()).toMatchObject([{ text: 'Ann lives in Lyon' }]);
    const { entries } = await json(['archive', 'history'], '', store);
    const [last] = entries as { operation: number }[];
    const { undoing } = await json(['archive', 'undo', String(last?.operation)], '', store);
    expect(await shown()).toEqual([]);
    await json(['archive', 'undo', String(undoing)], '', store);
  });

  it('exports a user, imports them elsewhere and names a broken line', async () => {
    const { lines } = await json(['archive', 'export', '--out', at('ann.jsonl')], '', store);
    const written = readFileSync(at('ann.jsonl'), 'utf8');
    expect(written.trimEnd().split('\n')).toHaveLength(Number(lines));
    const imported = await json(['archive', 'import', at('ann.jsonl'), '--user', 'copy'], '', store);
    expect(imported).toEqual({ user: 'copy', imported: 2, known: 0, profiles: 0 });
    const broken = written.replace('"kind":"episode"', '"kind":');
    const ended = await run(['archive', 'import', '-'], broken, store);
    expect(ended.stderr).toContain('Line 2 of the import is not JSON');
    expect(ended.code).toBe(1);
  });

  it('makes the indexes again and checks them', async () => {
    expect(await json(['archive', 'reindex'], '', store)).toMatchObject({ words: true, embedder: null });
    const check = await run(['archive', 'check'], '', store);
    expect(check.stdout).toContain('Sound: 2 users');
    expect(check.code).toBe(0);
  });

  it('seals texts with a key, and anew with another', async () => {
    writeFileSync(at('old.key'), `${'0a'.repeat(32)}\n`);
    writeFileSync(at('new.key'), `${'0b'.repeat(32)}\n`);
    await json(['remember', 'The safe is behind the mirror.', '--key', at('old.key')], '', 'sealed');
    const keys = ['--key', at('new.key'), '--previous-key', at('old.key')];
    expect(await json(['archive', 'rotate-keys', ...keys], '', 'sealed')).toEqual({ sealed: 1 });
    expect((await run(['recall', 'safe', '--key', at('old.key')], '', 'sealed')).code).not.toBe(0);
  });
});
