// Makes a memory from its configuration: a name, or a name with options. The one list of memories that a language model can use.
import { z } from 'zod';
import type { AnyMemory, MemoryKind, SharedMemoryOptions } from './memory-kind.js';
import { ConfigError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { parseConfig } from '../core/parse-config.js';
import { attentionKind } from './attention.js';
import { compressiveKind } from './compressive.js';
import { deltaNetKind } from './delta-net.js';
import { gruKind } from './gru.js';
import { infiniAttentionKind } from './infini-attention.js';
import { linearAttentionKind } from './linear-attention.js';
import { longformerKind } from './longformer.js';
import { lstmKind } from './lstm.js';
import { memoryBankKind } from './memory-bank.js';
import { requireNoGroups } from './memory-kind.js';
import { nearestNeighbourKind } from './nearest-neighbour.js';
import { rnnKind } from './rnn.js';
import { segmentKind } from './segment.js';
import { slidingWindowKind } from './sliding-window.js';
import { titansKind } from './titans.js';

const kinds: readonly MemoryKind[] = [
  attentionKind,
  compressiveKind,
  deltaNetKind,
  gruKind,
  infiniAttentionKind,
  linearAttentionKind,
  longformerKind,
  lstmKind,
  memoryBankKind,
  nearestNeighbourKind,
  rnnKind,
  segmentKind,
  slidingWindowKind,
  titansKind,
];

const byName: ReadonlyMap<string, MemoryKind> = new Map(kinds.map((kind) => [kind.kind, kind]));

/** Names of all memories. */
export const memoryKinds: readonly string[] = [...byName.keys()];

/** A memory in a configuration: its name, or its name with options. The memory itself checks the options. */
export const memoryConfigSchema = z.union([z.string(), z.looseObject({ kind: z.string() })], {
  error: 'give the name of a memory, or an object with its "kind" and options',
});

/** A memory as a person writes it. */
export type MemoryConfigInput = z.input<typeof memoryConfigSchema>;

/** A memory's name with every choice made. */
export interface MemoryConfig {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/**
 * Checks the configuration of a memory and makes every choice that was left open.
 * @param path where it stands, such as `memory[1]`, for errors
 * @throws {ConfigError} when no memory has the name, or an option is unknown or wrong
 */
export function parseMemoryConfig(input: MemoryConfigInput, path = 'Memory'): MemoryConfig {
  const { kind, ...options } = typeof input === 'string' ? { kind: input } : input;
  const own = parseConfig(kindNamed(kind, path).options, options, `${path} (${kind})`);
  return { kind, ...(own as object) };
}

/** @throws {ConfigError} when no memory has the name, or its sizes do not fit */
export function createMemory(input: MemoryConfigInput, shared: SharedMemoryOptions): AnyMemory {
  const { kind, ...own } = parseMemoryConfig(input);
  const named = kindNamed(kind, 'Memory');
  if (named.groupsHeads !== true) requireNoGroups(kind, shared);
  return named.create(shared, own);
}

function kindNamed(name: string, path: string): MemoryKind {
  const kind = byName.get(name);
  if (kind !== undefined) return kind;
  throw new ConfigError(`${path}: there is no memory "${name}".${didYouMean(name, memoryKinds)}`, {
    fields: { name, known: memoryKinds },
  });
}
