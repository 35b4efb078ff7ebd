// Checks what `mneme generate` prints, from a run folder to standard output.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyRun } from '../../../test/support/tiny-run.js';
import { command } from './generate.js';

let folder = '';
const runPath = (): string => join(folder, 'run');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-'));
  await writeTinyRun(runPath(), 'abcdefgh ,.\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** What a command line prints. */
async function printed(...args: string[]): Promise<{ out: string; err: string; pieces: number }> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  await command()
    .exitOverride()
    .parseAsync([runPath(), '--prompt', 'abc', '--threads', '1', ...args], { from: 'user' });
  return { out: out.join(''), err: err.join(''), pieces: out.length };
}

describe('mneme generate', () => {
  it('streams the text to standard output and everything else to standard error', async () => {
    const { out, err, pieces } = await printed('--max-tokens', '30', '--seed', '3');
    expect(pieces).toBeGreaterThan(20);
    expect(out.endsWith('\n')).toBe(true);
    expect(err).toMatch(/tokens, .* tokens\/s, seed 3\n$/);
  });

  it('prints one JSON object, the same text for the same seed', async () => {
    const flags = ['--max-tokens', '20', '--seed', '5', '--temperature', '0.9', '--top-k', '8', '--json'];
    const { out, pieces } = await printed(...flags);
    expect(pieces).toBe(1);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(result)).toEqual(['text', 'tokens', 'tokensPerSecond', 'finish', 'seed']);
    expect(result).toMatchObject({ seed: 5 });
    expect(JSON.parse((await printed(...flags)).out)).toMatchObject({ text: result['text'] });
  });

  it('ends before a stop string', async () => {
    const whole = JSON.parse((await printed('--max-tokens', '20', '--seed', '5', '--json')).out) as {
      readonly text: string;
    };
    const stop = whole.text.slice(7, 9);
    const { out } = await printed('--max-tokens', '20', '--seed', '5', '--json', '--stop', stop, 'never');
    expect(JSON.parse(out)).toMatchObject({
      text: whole.text.slice(0, whole.text.indexOf(stop)),
      finish: 'stop',
    });
  });

  it.each([
    [['--top-p', '2'], /top-p.*it must be above 0 and at most 1/s],
    [['--temperature', 'hot'], /temperature.*at least 0/s],
    [['--temperature', ''], /temperature.*at least 0/s],
    [['--max-tokens', '0'], /max-tokens.*at least 1/s],
  ])('says what is wrong with %o', async (flags, message) => {
    const errors: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
    await expect(
      command()
        .exitOverride()
        .parseAsync([runPath(), '--prompt', 'a', ...flags], { from: 'user' }),
    ).rejects.toMatchObject({ code: 'commander.invalidArgument' });
    expect(errors.join('')).toMatch(message);
  });

  it('goes on from a state, with the draws of the text before', async () => {
    const state = join(folder, 'state');
    const json = async (...args: string[]): Promise<{ text: string; seed: number | null }> =>
      JSON.parse((await printed(...args, '--json')).out) as { text: string; seed: number | null };
    const whole = await json('--max-tokens', '20', '--seed', '7');
    const first = await json('--max-tokens', '8', '--seed', '7', '--state', state);
    const second = await json('--prompt', '', '--max-tokens', '12', '--state', state);
    expect(first.text + second.text).toBe(whole.text);
    expect(second.seed).toBeNull();
    await expect(printed('--state', join(runPath(), 'model.safetensors'))).rejects.toThrow('is not a state');
  });

  it('needs something to go on from', async () => {
    await expect(printed('--prompt', '', '--state', join(folder, 'none'))).rejects.toThrow(
      '--prompt TEXT is needed',
    );
  });

  it('says which character the model does not know', async () => {
    await expect(printed('--prompt', 'aX')).rejects.toThrow('The character "X" (U+0058) at position 1');
  });
});
