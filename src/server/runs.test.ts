import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { strayNames } from '../../test/support/stray-names.js';
import { createRun } from '../checkpoint/index.js';
import { files } from '../core/files.node.js';
import type { Server } from './create-server.js';
import { createServer } from './create-server.js';

let folder = '';
let server: Server;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-runs-'));
  await files.makeFolder(`${folder}/runs/empty`);
  await files.writeAtomic(`${folder}/config.json`, '{"model": {}}');
  server = createServer({
    archiveOf: () => Promise.reject(new Error('Runs need no archive.')),
    runs: { files, path: `${folder}/runs` },
    limits: { pollMs: 5 },
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const newRun = (name: string) =>
  createRun(files, `${folder}/runs/${name}`, { config: { model: { width: 8 } }, tokenizer: '{}' });
const get = async (path: string) => {
  const response = await server.app.request(path);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};

test('runs are listed and shown with all that was measured', async () => {
  const run = await newRun('moby');
  await run.appendMetrics({ step: 1, trainLoss: 3.5 });
  await run.appendMetrics({ step: 2, trainLoss: null });
  expect((await get('/v1/runs')).json).toMatchObject({ runs: [{ name: 'moby', step: 2, training: true }] });
  await run.close();
  const { json } = await get('/v1/runs/moby');
  expect(json).toMatchObject({ name: 'moby', training: false, config: { model: { width: 8 } } });
  expect(json['metrics']).toEqual([
    { step: 1, trainLoss: 3.5 },
    { step: 2, trainLoss: null },
  ]);
});

test('a name that is no run, or leads elsewhere, is not found', async () => {
  for (const name of ['none', 'empty', '..', '..%2f..', '%2fsecret.json', '.', 'a%00b'])
    expect((await server.app.request(`http://localhost/v1/runs/${name}/metrics`)).status).toBe(404);
  const without = createServer({ archiveOf: server.context.archiveOf });
  expect((await without.app.request('/v1/runs/moby')).status).toBe(404);
  expect(await (await without.app.request('/v1/runs')).json()).toEqual({ runs: [] });
});

test('no name leads out of the folder, however it is written, and no answer tells what lies there', async () => {
  const secret = { config: { model: { secret: 31_337 } }, tokenizer: '{}' };
  await (await createRun(files, `${folder}/secret`, secret)).close();
  await (await newRun('moby')).close();
  const { app } = server;
  for (const name of strayNames)
    for (const written of new Set([name, encodeURIComponent(name), encodeURI(name)])) {
      const response = await app.request(`http://localhost/v1/runs/${written}`);
      const text = await response.text();
      expect(text).not.toMatch(/31337|root:/);
      expect(text).not.toContain(folder);
      expect(text.length).toBeLessThan(1000);
      // What the address itself resolves to is an address like any other, such as that of a run.
      if (response.status === 200) expect(text).toMatch(/"name":"moby"|The page is not built/);
      else expect([written, response.status]).toEqual([written, 404]);
    }
  for (const name of strayNames.filter((one) => /[^.]/.test(one)))
    expect((await app.request(`/v1/runs/${encodeURIComponent(name)}/metrics`)).status).toBe(404);
});

test('a link shows a run in the folder, and nothing outside of it', async () => {
  await (await newRun('moby')).close();
  await (await newRun('metrics')).close();
  await (await newRun('config')).close();
  await mkdir(`${folder}/elsewhere`);
  await rename(`${folder}/runs/config/config.json`, `${folder}/elsewhere/config.json`);
  await symlink(`${folder}/elsewhere/config.json`, `${folder}/runs/config/config.json`);
  await rm(`${folder}/runs/metrics/metrics.jsonl`, { force: true });
  await symlink(`${folder}/config.json`, `${folder}/runs/metrics/metrics.jsonl`);
  await symlink(`${folder}/runs/moby`, `${folder}/runs/best`);
  await symlink('../../runs/moby', `${folder}/runs/moby/again`);
  await symlink(folder, `${folder}/runs/out`);
  await symlink('..', `${folder}/runs/up`);
  await symlink('/nowhere', `${folder}/runs/broken`);
  const { runs } = (await get('/v1/runs')).json as { runs: { name: string }[] };
  expect(runs.map(({ name }) => name).sort()).toEqual(['best', 'moby']);
  for (const name of ['config', 'metrics', 'out', 'up', 'broken'])
    expect(await get(`/v1/runs/${name}`)).toMatchObject({
      status: 404,
      json: { error: { code: 'not_found' } },
    });
});

/** Events as they come. */
async function* eventsOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    yield* events;
  }
}

test('a curve is followed while it grows, from a step on, and begins anew when the run goes back', async () => {
  const run = await newRun('live');
  for (const step of [1, 2, 3]) await run.appendMetrics({ step, trainLoss: 1 / step });
  const events = eventsOf(await server.app.request('/v1/runs/live/metrics?after=1'));
  const next = async (): Promise<string> => (await events.next()).value ?? 'end';
  expect(await next()).toBe('data: {"step":2,"trainLoss":0.5}');
  expect(await next()).toMatch('"step":3');
  await run.appendMetrics({ step: 4, trainLoss: 0.25 });
  expect(await next()).toMatch('"step":4');
  const path = `${folder}/runs/live/metrics.jsonl`;
  const text = await files.readText(path);
  await files.truncate(path, text.indexOf('{"step":3'));
  await files.append(path, '{"step":3,"trainLoss":9}\n');
  expect(await next()).toMatch(/^event: reset/);
  expect(await next()).toMatch('"step":2');
  expect(await next()).toBe('data: {"step":3,"trainLoss":9}');
  await server.context.lifecycle.stop(0);
  expect(await next()).toBe('end');
});
