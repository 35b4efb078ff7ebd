// A fingerprint of a model: equal for checkpoints that can be exchanged, different otherwise. Knows nothing of files.
import type { DType } from '../core/dtype.js';
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
  const text = new TextEncoder().encode(canonicalJson([modelConfig, specs]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
