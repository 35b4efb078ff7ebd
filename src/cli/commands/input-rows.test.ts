// Rows of a table on the command line, each text with the context that a run was trained with.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mneme } from '../../../test/support/command-line.js';
import { answer, loadTask, Translator } from '../../tasks/index.js';
import { files } from '../../core/files.node.js';
import { NodeRuntime } from '../../engine/runtime/node.js';

let folder = '';
const runtime = new NodeRuntime({ threads: 1 });
const at = (name: string): string => join(folder, name);
const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

type Shown = Readonly<Record<string, unknown>>;

async function shown(args: readonly string[]): Promise<Shown[]> {
  const { code, stdout, stderr } = await mneme([...args, '--json']);
  expect(code, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Shown);
}

async function tuned(
  task: string,
  rows: readonly object[],
  recipe: object | undefined,
  flags: readonly string[],
) {
  await writeFile(at(`${task}.jsonl`), jsonl(rows));
  await writeFile(at(`${task}.json`), JSON.stringify(recipe ?? {}));
  const config = recipe === undefined ? [] : ['--config', at(`${task}.json`)];
  const given = ['--data', at(`${task}.jsonl`), '--out', at(task), '--validation-fraction', '0'];
  const { code, stderr } = await mneme(['tune', '--task', task, ...given, ...config, ...flags]);
  expect(code, stderr).toBe(0);
}

const context = ['--context', 'title'];
const texts = ['the room', 'we think', '这个酒店', 'at night'];
const training = { steps: 1, batchSize: 4, learningRate: 0.01, buckets: 1 };
const small = { width: 16, hiddenSize: 16, encoderLayers: 1, decoderLayers: 1, heads: 2, maxLength: 24 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-rows-'));
  const titled = Array.from({ length: 80 }, (_, i) => ({
    title: i % 2 === 0 ? 'praise' : 'complaint',
    text: texts[i % 3],
    label: i % 2 === 0 ? 'good' : 'bad',
  }));
  await tuned('classify', titled, undefined, [...context, '--epochs', '2']);
  const pairs = texts.map((source, i) => ({
    title: `part ${i}`,
    source,
    target: source,
    text: source,
    summary: source,
  }));
  const writing = { tokenizer: { vocabularySize: 300 }, model: small, training };
  await tuned('translate', pairs, writing, context);
  await tuned('summarize', pairs, writing, context);
  const questions = texts.map((text) => ({
    title: 'hotels',
    question: 'what?',
    context: text,
    answer: text,
  }));
  const encoder = { width: 8, layers: 1, heads: 2, maxLength: 48 };
  await tuned('answer', questions, { model: { encoder, questionLength: 16, overlap: 4 }, training }, context);
  const words = texts.slice(0, 2).map((text) => ({ tokens: text.split(' '), labels: ['A', 'B'] }));
  await tuned('label', words, { model: { reader: { kind: 'bidirectional', width: 4 } }, training }, []);
}, 120_000);
afterAll(async () => {
  await runtime.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('mneme classify --data', () => {
  it('reads text and context by the columns of training, of JSONL and of CSV', async () => {
    const titles = ['complaint', 'praise', ''];
    await writeFile(at('in.jsonl'), jsonl(titles.map((title) => ({ title, text: 'at night' }))));
    const found = await shown(['classify', at('classify'), '--data', at('in.jsonl')]);
    expect(found.map(({ line, text, context, label }) => [line, text, context, label]).slice(0, 2)).toEqual([
      [1, 'at night', ['complaint'], 'bad'],
      [2, 'at night', ['praise'], 'good'],
    ]);
    expect(found[2]).toMatchObject({ context: [''] });
    await writeFile(at('in.csv'), 'heading,body\ncomplaint,"at\nnight"\n\npraise,at night\n');
    const named = ['--data', at('in.csv'), '--text-column', 'body', '--context', 'heading'];
    const { stdout, stderr } = await mneme(['classify', at('classify'), ...named]);
    expect(stdout).toMatch(/^bad\t[01]\.\d{4}\tat night\ngood\t[01]\.\d{4}\tat night\n$/);
    expect(stderr).toContain('2 rows of');
  });

  it('names the flag where the table has no column for the context, and where there are more or fewer', async () => {
    await writeFile(at('bare.jsonl'), jsonl([{ titel: 'praise', text: 'at night' }]));
    const attempt = async (...flags: readonly string[]): Promise<string> => {
      const { code, stderr } = await mneme(['classify', at('classify'), ...flags]);
      expect(code).not.toBe(0);
      return stderr;
    };
    expect(await attempt('--data', at('bare.jsonl'))).toContain(
      'has no column "title" for it. Did you mean "titel"? Name the columns of the context, the furthest first: --context COLUMN,...',
    );
    expect(await attempt('--data', at('bare.jsonl'), '--context', 'titel,text')).toContain(
      '--context names "titel", "text", and the run was trained with context from "title".',
    );
    expect(await attempt('at night', '--context', 'title')).toContain('Give it with --data FILE.');
    const { code, stdout } = await mneme([
      'classify',
      at('classify'),
      '--data',
      at('bare.jsonl'),
      '--context',
      'titel',
    ]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^good/)]);
  });

  it('says of plain texts that their context is empty, and reads them', async () => {
    const { code, stdout, stderr } = await mneme(['classify', at('classify'), 'at night']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('at night')]);
    expect(stderr).toContain('trained with context ("title"); it is empty here');
    expect(stderr).toContain('--data FILE');
  });
});

describe('rows for other tasks', () => {
  it('are translated behind their context, as in TypeScript', async () => {
    const rows = [
      { title: 'part 1', source: 'we think' },
      { title: 'the room', source: 'we think' },
    ];
    await writeFile(at('sources.jsonl'), jsonl(rows));
    const found = await shown(['translate', at('translate'), '--data', at('sources.jsonl'), '--beams', '2']);
    const translator = await Translator.open(await loadTask(files, at('translate')), { runtime });
    const expected = await translator.write(
      rows.map(({ title, source }) => ({ text: source, context: [title] })),
      { beams: 2 },
    );
    await translator.dispose();
    const probabilities = (all: readonly unknown[]): unknown[] =>
      all.map((each) =>
        (
          each as { readonly segments: readonly { readonly logProbability: number }[] }
        ).segments[0]?.logProbability.toFixed(4),
      );
    expect(probabilities(found)).toEqual(probabilities(expected));
    expect(new Set(probabilities(found)).size).toBe(2);
    expect(found.map(({ line, source, context }) => [line, source, context])).toEqual([
      [1, 'we think', ['part 1']],
      [2, 'we think', ['the room']],
    ]);
  });

  it('are summarized, one line or one object each', async () => {
    const found = await shown(['summarize', at('summarize'), '--data', at('summarize.jsonl')]);
    expect(found.map(({ source, context }) => [source, context])).toEqual(
      texts.map((text, i) => [text, [`part ${i}`]]),
    );
    const { stdout } = await mneme(['summarize', at('summarize'), '--data', at('summarize.jsonl')]);
    expect(stdout.split('\n')).toHaveLength(texts.length + 1);
    const { code, stderr } = await mneme(['summarize', '--data', at('summarize.jsonl')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Give the run')]);
  });

  it('are answered, question by question', async () => {
    const [row] = await shown(['answer', at('answer'), '--data', at('answer.jsonl')]);
    const asked = { question: 'what?', context: texts[0] ?? '' };
    const confidence = async (before: readonly string[]): Promise<number> =>
      (await answer(at('answer'), { ...asked, before }, { files, runtime })).confidence;
    expect(row).toMatchObject({ line: 1, question: 'what?' });
    expect(row?.['confidence']).toBeCloseTo(await confidence(['hotels']), 4);
    expect(row?.['confidence']).not.toBeCloseTo(await confidence([]), 4);
    const { code, stderr } = await mneme(['answer', at('answer')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Give --question TEXT')]);
  });

  it('are labelled word by word, without context', async () => {
    const found = await shown(['label', at('label'), '--data', at('label.jsonl')]);
    expect(found.map(({ tokens }) => tokens)).toEqual([
      ['the', 'room'],
      ['we', 'think'],
    ]);
    const { code, stderr } = await mneme(['label', at('label'), '--data', at('label.jsonl'), ...context]);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining('Leave --context out')]);
  });
});
