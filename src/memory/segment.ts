// Segments with recurrence, the memory of Transformer-XL: each segment sees itself and the inputs of the tokens before it.
import { z } from 'zod';
import type { SegmentOptions } from './segment-recurrence.js';
import { defineMemory } from './memory-kind.js';
import { SegmentRecurrence } from './segment-recurrence.js';
import { windowFor } from './window-length.js';

/**
 * Attention within a segment and to the `memoryLength` inputs before it, with relative positions; reads any number of
 * tokens. Positions of a model are not needed: `position: none` fits. Source: Dai et al. 2019 (Transformer-XL), sections 3.2
 * and 3.3; segments begin at multiples of `segmentLength` of the text, as when the text is read segment by segment.
 */
export class Segment extends SegmentRecurrence {
  /** @throws {ConfigError} when a segment is empty or heads do not divide the width */
  constructor(options: SegmentOptions) {
    super('segment', options);
  }
}

export const segmentKind = defineMemory({
  kind: 'segment',
  options: z.strictObject({
    /** Default: a quarter of the block. */
    segmentLength: z.int().positive().optional(),
    /** Default: as long as a segment. 0: no memory. */
    memoryLength: z.int().nonnegative().optional(),
  }),
  create({ maxLength, ...shared }, own) {
    const segmentLength = windowFor('segment', 'segmentLength', own.segmentLength, maxLength);
    return new Segment({ ...shared, segmentLength, memoryLength: own.memoryLength ?? segmentLength });
  },
});
