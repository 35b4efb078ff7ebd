import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
