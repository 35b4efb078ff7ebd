// Fingerprints of a model: of what it is, equal for checkpoints that can be exchanged; and of what it has learned. Knows nothing of files.
import type { DType } from '../core/dtype.js';
import type { TensorData } from '../core/tensor-data.js';
import { bytesOf } from '../core/dtype.js';
import type { Shape } from '../core/shape.js';
import type { JsonValue } from './json.js';
import { canonicalJson } from './json.js';

/** What a tensor is, without its values. */
export interface TensorSpec {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * SHA-256, in hexadecimal, of a model's configuration and of its tensors' names, dtypes and shapes. The order of
 * configuration keys and of tensors does not matter, values do not enter.
 *
 * @param modelConfig what decides the meaning of the tensors, not how they are trained
 */
export async function fingerprint(
  modelConfig: JsonValue,
  tensors: ReadonlyMap<string, TensorSpec>,
): Promise<string> {
  const specs = Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, [dtype, ...shape]]));
  return sha256(new TextEncoder().encode(canonicalJson([modelConfig, specs])));
}

/**
 * SHA-256, in hexadecimal, of the values of a model's tensors: different after every step of training. The order of tensors
 * does not matter.
 */
export async function weightsFingerprint(tensors: ReadonlyMap<string, TensorData>): Promise<string> {
  const digests: Record<string, string> = {};
  for (const [name, { data }] of tensors) digests[name] = await sha256(bytesOf(data));
  return sha256(new TextEncoder().encode(canonicalJson(digests)));
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
