// Fingerprints against one computed in Python, and what changes them.
import { expect, it } from 'vitest';
import type { TensorSpec } from './fingerprint.js';
import { fingerprint } from './fingerprint.js';

const config = { kind: 'gru', width: 8, names: ['a', 'b'], tied: false };
const tensors = new Map<string, TensorSpec>([
  ['b', { dtype: 'int32', shape: [] }],
  ['a.weight', { dtype: 'float32', shape: [2, 3] }],
]);

it('is the SHA-256 of the canonical JSON', async () => {
  // hashlib.sha256(json.dumps([config, specs], sort_keys=True, separators=(',', ':')).encode()).hexdigest()
  const expected = 'e075afe721b03b943624323e64ea83c410b47e450edabcd9df12e33db98fb95c';
  expect(await fingerprint(config, tensors)).toBe(expected);
});

it('does not depend on the order of keys or tensors', async () => {
  const reordered = { tied: false, names: ['a', 'b'], width: 8, kind: 'gru' };
  expect(await fingerprint(reordered, new Map([...tensors].reverse()))).toBe(
    await fingerprint(config, tensors),
  );
});

it('changes with every setting, name, dtype and shape', async () => {
  const variants: [typeof config, [string, TensorSpec][]][] = [
    [config, [...tensors]],
    [{ ...config, width: 9 }, [...tensors]],
    [{ ...config, names: ['b', 'a'] }, [...tensors]],
    [config, [['b', { dtype: 'int32', shape: [] }]]],
    [
      config,
      [
        ['b', { dtype: 'uint32', shape: [] }],
        ['a.weight', { dtype: 'float32', shape: [2, 3] }],
      ],
    ],
    [
      config,
      [
        ['b', { dtype: 'int32', shape: [] }],
        ['a.weight', { dtype: 'float32', shape: [3, 2] }],
      ],
    ],
    [
      config,
      [
        ['b', { dtype: 'int32', shape: [] }],
        ['a.bias', { dtype: 'float32', shape: [2, 3] }],
      ],
    ],
  ];
  const prints = await Promise.all(variants.map(([model, specs]) => fingerprint(model, new Map(specs))));
  expect(new Set(prints).size).toBe(variants.length);
});
