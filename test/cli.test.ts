// The command line as people use it: exit codes, JSON, bad input, runs that are stopped and resumed.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mneme, mnemeProcess, startMneme } from './support/command-line.js';

let folder = '';
const at = (name: string): string => join(folder, name);

const text = 'the sea was calm and the ship was slow; 海はしずか。\n'.repeat(40);

/** A recipe that is trained in a moment. */
const recipe = {
  tokenizer: { kind: 'character' },
  model: { width: 8, layers: 1, heads: 2, maxLength: 16, dropout: 0.1 },
  training: { steps: 6, batchSize: 2, learningRate: 0.01, evaluateEvery: 3, evaluationBatchSize: 4 },
};

/** Arguments that train the tiny recipe into a run. */
const training = (run: string, ...more: string[]): string[] =>
  ['train', '--data', at('text.txt'), '--config', at('recipe.json'), '--out', at(run)].concat(more);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-cli-'));
  await writeFile(at('text.txt'), text);
  await writeFile(at('recipe.json'), JSON.stringify(recipe));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('mneme', () => {
  it('lists its verbs', async () => {
    const { code, stdout } = await mnemeProcess(['--help']);
    expect(code).toBe(0);
    for (const verb of ['start', 'train', 'evaluate', 'generate', 'bench', 'doctor'])
      expect(stdout).toContain(`  ${verb}`);
  });

  it.each([
    [['train', '--data', 'x', '--stpes', '3'], 2, 'Did you mean --steps?'],
    [['evaluate', 'no-such-run'], 1, 'no-such-run'],
  ])('ends the process of %j with exit code %i', async (args, code, said) => {
    const ended = await mnemeProcess(args);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
  });

  it.each([
    [['tarin'], 'Did you mean train?'],
    [['train'], '--data'],
    [['train', '--data', 'x', '--stpes', '3'], 'Did you mean --steps?'],
    [['train', '--data', 'x', '--steps', '0'], 'at least 1'],
    [['train', '--data', 'x', '--preset', 'char-gpt-cup'], 'Did you mean "char-gpt-cpu"?'],
    [['train', '--data', 'x', '--preset', 'char-gpt-cpu', '--config', 'y'], 'not both'],
    [['train', '--resume'], '--out'],
    [['evaluate'], 'run'],
    [['evaluate', 'run', '--checkpoint', 'worst'], 'best, last'],
  ])('ends wrong use %j with exit code 2 and says what was meant', async (args, said) => {
    const { code, stdout, stderr } = await mneme(args);
    expect(stderr).toContain(said);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('a run', () => {
  it('is trained, evaluated and written with, each with one JSON object as its result', async () => {
    const trained = await mnemeProcess(training('whole', '--json'));
    expect(trained.stderr).toContain('step 6: validation loss');
    expect(trained.stderr).not.toContain('\r');
    expect(trained.code).toBe(0);
    expect(trained.stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(trained.stdout)).toMatchObject({ run: at('whole'), reason: 'finished', step: 6 });
    expect(await readdir(at('whole'))).toEqual(
      expect.arrayContaining([
        'best',
        'config.json',
        'metrics.jsonl',
        'model.safetensors',
        'optimizer.safetensors',
        'state.json',
        'tokenizer.json',
      ]),
    );

    const evaluated = await mneme(['evaluate', at('whole'), '--data', at('text.txt'), '--json']);
    const { loss, perplexity, bitsPerByte, tokens, ...more } = JSON.parse(evaluated.stdout);
    expect(more).toEqual({});
    expect(tokens).toBe([...text].length - 1);
    expect(perplexity).toBeCloseTo(Math.exp(loss), 6);
    const bytes = Buffer.byteLength(text) - 1;
    expect(bitsPerByte).toBeCloseTo((loss * tokens) / bytes / Math.LN2, 6);

    const written = await mneme(['generate', at('whole'), '--prompt', 'the ', '--max-tokens', '5', '--json']);
    expect(JSON.parse(written.stdout)).toMatchObject({ tokens: 5, text: expect.any(String) });
    expect(written.code).toBe(0);
  });

  it('is not begun twice in one folder', async () => {
    await mneme(training('twice'));
    const { code, stderr, stdout } = await mneme(training('twice', '--json'));
    expect(code).toBe(1);
    expect(stderr).toContain('--resume');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'storage' } });
  });

  it('refuses a second process, stops at Ctrl-C with a checkpoint, and goes on', async () => {
    const args = training('stopped', '--resume', '--json', '--evaluate-every', '100000');
    const first = startMneme([...args, '--steps', '100000']);
    await first.said('step 0: validation loss');
    const second = await mneme(args);
    expect(second.stderr).toContain(`is locked by process ${first.process.pid}`);
    expect(second.code).toBe(1);

    first.process.kill('SIGINT');
    const { code, stdout, stderr } = await first.ended;
    expect(stderr).toContain('Go on with: npx mneme train --resume --out');
    expect(code).toBe(0);
    const { reason, step } = JSON.parse(stdout);
    expect(reason).toBe('interrupted');

    const resumed = await mneme([...args, '--steps', String(step + 2)]);
    expect(resumed.stderr).toContain(`Going on at step ${step}.`);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ reason: 'finished', step: step + 2, before: null });
    const config = JSON.parse(await readFile(at('stopped/config.json'), 'utf8'));
    expect(config.training.steps).toBe(step + 2);
  });

  it('can learn from standard input, from a folder, and from JSONL', async () => {
    const fromInput = ['train', '--data', '-', '--config', at('recipe.json'), '--out', at('input'), '--json'];
    expect(JSON.parse((await mneme(fromInput, text)).stdout)).toMatchObject({ step: 6 });
    expect(await readdir(at('input'))).not.toContain('standard-input.txt');

    await mkdir(at('texts'));
    await writeFile(at('texts/a.txt'), text);
    await writeFile(at('lines.jsonl'), `${JSON.stringify({ body: text })}\n`);
    for (const [data, ...more] of [['texts'], ['lines.jsonl', '--field', 'body']]) {
      const args = ['train', '--data', at(data ?? ''), '--config', at('recipe.json'), '--json', ...more];
      const { stdout, stderr } = await mneme([...args, '--out', at(`run-${data}`)]);
      expect(stderr).not.toContain('error');
      expect(JSON.parse(stdout)).toMatchObject({ step: 6 });
    }
  });
});

describe('bad input', () => {
  const binary = Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe, 0, 0x80]);
  const files: Readonly<Record<string, string | Buffer>> = {
    'empty.txt': '',
    'binary.txt': binary,
    'short.txt': 'too short',
    'broken.jsonl': '{"text": "fine"}\n{"text": \n',
    'fieldless.jsonl': '{"text": "fine"}\n{"txet": "no"}\n',
  };

  it.each([
    ['missing.txt', ['missing.txt']],
    ['empty.txt', ['empty.txt', 'empty']],
    ['binary.txt', ['binary.txt', 'UTF-8']],
    ['short.txt', ['8 tokens', '17']],
    ['broken.jsonl', ['Line 2', 'broken.jsonl', 'not JSON']],
    ['fieldless.jsonl', ['Line 2', 'fieldless.jsonl', '"txet"']],
  ])('in %s is one clear message, and leaves no run behind', async (name, said) => {
    const content = files[name];
    if (content !== undefined) await writeFile(at(name), content);
    const out = at(`bad-${name}`);
    const args = ['train', '--data', at(name), '--config', at('recipe.json'), '--out', out];
    const { code, stdout, stderr } = await mneme(args);
    for (const words of said) expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(1);
    expect(await readdir(out).catch(() => [])).toEqual([]);
  });

  it.each([
    [{ ...recipe, trainig: {} }, 'unknown key "trainig". Did you mean "training"?'],
    [
      { ...recipe, training: { ...recipe.training, learning_rate: 1 } },
      'unknown key "training.learning_rate". Did you mean "learningRate"?',
    ],
    [{ ...recipe, model: { ...recipe.model, widht: 8 } }, 'unknown key "model.widht". Did you mean "width"?'],
    [{ ...recipe, model: { ...recipe.model, heads: 3 } }, 'width 8 is not a multiple of heads 3'],
    [{ ...recipe, model: { ...recipe.model, memory: 'gur' } }, 'Did you mean "gru"?'],
  ])('in a recipe names the key', async (wrong, said) => {
    await writeFile(at('wrong.json'), JSON.stringify(wrong));
    const args = ['train', '--data', at('text.txt'), '--config', at('wrong.json'), '--out', at('wrong')];
    const { code, stderr } = await mneme(args);
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  it('in a checkpoint that was cut off is named, with the file', async () => {
    await mneme(training('cut'));
    await truncate(at('cut/best/model.safetensors'), 3000);
    const { code, stderr } = await mneme(['evaluate', at('cut')]);
    expect(stderr).toContain('best/model.safetensors');
    expect(stderr).toMatch(/truncated|tensor/);
    expect(code).toBe(1);
  });

  it('in the name of a run is said', async () => {
    const { code, stderr } = await mneme(['evaluate', at('texts'), '--data', at('text.txt')]);
    expect(stderr).toContain('is not a run');
    expect(code).toBe(1);
  });

  it('in a text with characters that the tokenizer does not know is said', async () => {
    await mneme(training('known'));
    await writeFile(at('other.txt'), 'the Ω');
    const { code, stderr } = await mneme(['evaluate', at('known'), '--data', at('other.txt')]);
    expect(stderr).toContain('"Ω"');
    expect(code).toBe(1);
  });

  it('in the place for a run is said: below a file', async () => {
    const { code, stderr } = await mneme(training('text.txt/run'));
    expect(stderr).toContain('a folder was expected');
    expect(code).toBe(1);
  });

  // The superuser may write everywhere.
  it.skipIf(process.getuid?.() === 0)('in the place for a run is said: a read-only folder', async () => {
    await mkdir(at('locked'));
    await chmod(at('locked'), 0o555);
    const { code, stderr } = await mneme(training('locked/run'));
    expect(stderr).toContain('permission denied');
    expect(code).toBe(1);
  });
});

it('mneme doctor tells what the machine has, and tests it', async () => {
  const { code, stdout } = await mnemeProcess(['doctor', '--json']);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ node: process.versions.node, threads: expect.any(Number) });
  expect(report.devices[0]).toMatchObject({ name: 'cpu', problem: null, selfTest: { ok: true } });
  expect(code).toBe(0);
});
