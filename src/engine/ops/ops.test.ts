// One case for every op of the table: the runtime against the reference, and the gradient against finite differences.
// What is special about a family is tested beside it.
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { graphOf, opCases } from '../../../test/support/op-cases.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { pullback } from '../grad.js';
import type { Op } from '../graph.js';
import { nodesBefore } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ops } from './index.js';

const isOp = (value: unknown): value is Op =>
  typeof value === 'object' && value !== null && 'vjp' in value && 'reference' in value;

describe('every op', () => {
  const runtime = new NodeRuntime({ threads: 2 });
  afterAll(() => runtime.dispose());

  it('is in the table under its own name', () => {
    expect(Object.values(ops).map((op) => op.name)).toEqual(Object.keys(ops));
  });

  it('is in the table when a file of this folder exports it', async () => {
    const folder = new URL('.', import.meta.url);
    const files = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
    const modules = await Promise.all(
      files.map((name) => import(new URL(name, folder).href) as Promise<Record<string, unknown>>),
    );
    const exported = modules.flatMap((module) => Object.values(module)).filter(isOp);
    expect(exported.filter((op) => !Object.values<Op>(ops).includes(op)).map((op) => op.name)).toEqual([]);
    expect(new Set(exported).size).toBe(Object.keys(ops).length);
  });

  it.each(opCases)('%s is used by its case', (name, example) => {
    const nodes = nodesBefore(graphOf(example).outputs);
    expect(nodes.map((node) => node.op.name)).toContain(name);
  });

  it.each(opCases)('%s gives in ONNX Runtime what the reference gives', async (_, { f, inputs }) => {
    await expect(checkAgainstReference(runtime, f, inputs)).resolves.toBeUndefined();
  });

  it.each(opCases.filter(([, { gradient }]) => gradient !== 'none'))(
    '%s has the gradient that finite differences find',
    (_, { f, inputs }) => {
      expect(() => checkGradient(f, inputs)).not.toThrow();
    },
  );

  it.each(opCases.filter(([, { gradient }]) => gradient === 'none'))('%s has no gradient', (_, example) => {
    const { inputs, outputs } = graphOf(example);
    expect(pullback(outputs, outputs, inputs)).toEqual(inputs.map(() => undefined));
  });
});
