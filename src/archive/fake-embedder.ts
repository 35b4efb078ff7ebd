// For tests and measurements: an embedder without a model. Texts that share words get similar vectors; nothing more is promised.
import { mix32 } from '../core/random.js';
import type { Embedder } from './embedder.js';

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** The sum of one pseudo-random direction per word, brought to length 1. Words of a synonym group share a direction. */
function embed(text: string, dimension: number, synonyms: ReadonlyMap<string, string>): Float32Array {
  const sum = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let state = hashOf(synonyms.get(word) ?? word);
    for (let i = 0; i < dimension; i++) {
      state = mix32(state + 0x9e3779b9);
      sum[i] = (sum[i] ?? 0) + state / 2 ** 31 - 1;
    }
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** @param synonyms groups of words that mean the same, by the first of each */
export function fakeEmbedder(
  options: {
    readonly name?: string;
    readonly dimension?: number;
    readonly synonyms?: readonly (readonly string[])[];
  } = {},
): Embedder {
  const { name = 'fake', dimension = 32, synonyms = [] } = options;
  const groups = new Map(
    synonyms.flatMap(([first = '', ...rest]) => rest.map((word) => [word, first] as const)),
  );
  return {
    name,
    dimension,
    embed: async (texts) => texts.map((text) => embed(text, dimension, groups)),
  };
}
