// Checks what `mneme read` keeps and prints.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createRun } from '../../checkpoint/index.js';
import { files } from '../../core/files.node.js';
import { Random } from '../../core/random.js';
import { LanguageModel } from '../../models/language-model.js';
import { trainable } from '../../tasks/language-model/load.js';
import { trainCharacterTokenizer } from '../../text/index.js';
import { command } from './read.js';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-'));
  const tokenizer = await trainCharacterTokenizer(['abcdefgh ,.\n']);
  const size = { vocabularySize: tokenizer.vocabularySize, width: 8, layers: 1, maxLength: 16 };
  const model = { ...size, memory: 'gru', position: 'none' };
  const tokenizerJson = JSON.stringify(tokenizer.toJSON());
  const run = await createRun(files, at('run'), { config: { model }, tokenizer: tokenizerJson });
  const random = Random.fromSeed(1);
  const where = {
    step: 1,
    tokens: 1,
    random: random.state(),
    data: null,
    best: null,
    evaluationsSinceBest: 0,
  };
  const parameters = trainable(new LanguageModel(model)).init(random);
  await run.saveCheckpoint({ model: parameters, optimizer: {}, state: where });
  await run.close();
  await writeFile(at('text.txt'), 'a bad cab, a dab. '.repeat(20));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function read(...args: string[]): Promise<string> {
  const out: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const flags = ['--data', at('text.txt'), '--state', at('state'), '--threads', '1', ...args];
  await command()
    .exitOverride()
    .parseAsync([at('run'), ...flags], { from: 'user' });
  return out.join('');
}

it('reads a text, keeps what is remembered, and goes on from there', async () => {
  const summary = JSON.parse(await read('--json')) as Record<string, unknown>;
  expect(summary).toMatchObject({ tokens: 360, before: 0, finished: true, stateBytes: 4 + 4 * 8 });
  const first = await readFile(at('state'));
  expect(await read()).toMatch(/^360 tokens read, in .*\n.*state: 36 bytes of memory\n$/);
  expect(await readFile(at('state'))).not.toEqual(first);
});

it('leaves the state as it was when the text cannot be read', async () => {
  await writeFile(at('other.txt'), 'abc XYZ');
  const before = await readFile(at('state'));
  await expect(read('--data', at('other.txt'))).rejects.toThrow('The character "X"');
  await expect(read('--data', at('nowhere'))).rejects.toThrow('There is no data at');
  expect(await readFile(at('state'))).toEqual(before);
});
