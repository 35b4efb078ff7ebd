import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../core/errors.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { fetchModel, isHubName } from './hub.js';
import { readSentenceModel } from './model-folder.js';

const fixture = fileURLToPath(new URL('../../../test/fixtures/bert/wordpiece-mean', import.meta.url));

/** A hub that has one model, `tiny/bert`, and answers as the real one does: ranges, tags, and errors with a code. */
function fakeHub(lacking: readonly string[] = []) {
  const asked: string[] = [];
  const hub = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const path = /^\/tiny\/bert\/resolve\/main\/(.+)$/.exec(decodeURIComponent(pathname))?.[1];
    if (path === undefined) return new Response('Repository not found', { status: 404 });
    asked.push(path);
    const bytes = lacking.includes(path)
      ? undefined
      : await readFile(`${fixture}/${path}`).catch(() => undefined);
    if (bytes === undefined)
      return new Response('', { status: 404, headers: { 'X-Error-Code': 'EntryNotFound' } });
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init?.headers).get('Range') ?? '');
    const [from, to] = range === null ? [0, bytes.length - 1] : [Number(range[1]), Number(range[2])];
    return new Response(new Uint8Array(bytes.subarray(from, to + 1)), {
      status: range === null ? 200 : 206,
      headers: { 'Content-Range': `bytes ${from}-${to}/${bytes.length}`, ETag: '"1"' },
    });
  };
  return { asked, fetch: hub as typeof fetch };
}

describe('fetchModel', () => {
  it('fetches what a sentence encoder needs, once', async () => {
    const files = memoryFiles();
    const hub = fakeHub();
    const folder = await fetchModel('tiny/bert', { files, cache: '/cache', fetch: hub.fetch });
    expect(folder).toBe('/cache/tiny--bert@main');
    const bytes = await files.readBytes(`${folder}/model.safetensors`);
    expect(Buffer.compare(bytes, await readFile(`${fixture}/model.safetensors`))).toBe(0);
    expect((await readSentenceModel(files, folder)).maxTokens).toBe(20);
    const requests = hub.asked.length;
    expect(await fetchModel('tiny/bert', { files, cache: '/cache', fetch: hub.fetch })).toBe(folder);
    expect(hub.asked).toHaveLength(requests);
  });

  it('goes on after a download that failed, without fetching files again', async () => {
    const files = memoryFiles();
    const broken = fakeHub(['model.safetensors']);
    const attempt = fetchModel('tiny/bert', { files, cache: '/cache', fetch: broken.fetch });
    await expect(attempt).rejects.toThrow(StorageError);
    await expect(attempt).rejects.toThrow(/"tiny\/bert" .* it has no model\.safetensors/);
    const hub = fakeHub();
    await fetchModel('tiny/bert', { files, cache: '/cache', fetch: hub.fetch });
    expect(hub.asked).not.toContain('config.json');
    expect(hub.asked).toContain('model.safetensors');
  });

  it('says which model is not there', async () => {
    const options = { files: memoryFiles(), cache: '/cache', fetch: fakeHub().fetch };
    await expect(fetchModel('tiny/bart', options)).rejects.toThrow(/"tiny\/bart" cannot be fetched/);
  });
});

describe('isHubName', () => {
  it.each([
    ['intfloat/multilingual-e5-small', true],
    ['models', false],
    ['./models/mini', false],
    ['/models/mini', false],
    ['../mini', false],
    ['a/b/c', false],
  ])('%s: %s', (name, expected) => {
    expect(isHubName(name)).toBe(expected);
  });
});
