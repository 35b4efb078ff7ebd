// Memories as they are written on the command line. Knows no verb.
import { InvalidArgumentError } from 'commander';
import type { MemoryConfigInput } from '../memory/create-memory.js';

/** A memory under the name it was written by: one for all blocks, or one for each. */
export interface NamedMemory {
  readonly name: string;
  readonly memory: MemoryConfigInput | readonly MemoryConfigInput[];
}

/**
 * Memories with commas between: `attention`, `delta-net:keySize=8:gated=false` with options of its own, or
 * `sliding-window+delta-net` for a model whose blocks have different ones.
 */
export function memoriesOption(text: string): readonly NamedMemory[] {
  return text.split(',').map((name) => {
    const blocks = name.split('+').map(oneMemory);
    return { name: name.trim(), memory: blocks.length === 1 ? (blocks[0] ?? '') : blocks };
  });
}

function oneMemory(text: string): MemoryConfigInput {
  const [kind = '', ...options] = text.split(':').map((part) => part.trim());
  if (kind === '') throw new InvalidArgumentError('A memory has no name; write for example attention,gru.');
  if (options.length === 0) return kind;
  return { kind, ...Object.fromEntries(options.map(oneOption)) };
}

/** `window=16`, `gated=false`, `reset=before`. The memory checks what they are. */
function oneOption(text: string): readonly [string, unknown] {
  const [name = '', value = '', ...more] = text.split('=');
  if (name === '' || value === '' || more.length > 0)
    throw new InvalidArgumentError(`"${text}" is no option; write for example sliding-window:window=16.`);
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, Number.isFinite(Number(value)) ? Number(value) : value];
}
