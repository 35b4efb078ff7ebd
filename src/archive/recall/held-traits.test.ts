import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemKinds } from '../types.js';
import { HeldTraits } from './held-traits.js';
import type { ItemTraits, PlacedTraits } from './item-traits.js';

const moment = fc.integer({ min: -(2 ** 40), max: 2 ** 42 });
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });
const item: fc.Arbitrary<ItemTraits> = fc
  .record({
    ordinal: fc.nat(300),
    kind: fc.constantFrom(...itemKinds),
    isRetired: fc.boolean(),
    session: orNull(fc.string({ minLength: 1, maxLength: 3 })),
    document: orNull(fc.nat(5)),
    turn: orNull(fc.nat(1000)),
    speaker: orNull(fc.constantFrom('Ann', '王芳')),
    occurredMs: moment,
    expiresMs: orNull(moment),
    supersededMs: orNull(moment),
    event: orNull(fc.tuple(moment, moment)),
  })
  .map(({ event, ...rest }) =>
    Object.assign(rest, { eventFromMs: event?.[0] ?? null, eventToMs: event?.[1] ?? null }),
  );

test('what was set last is what is held, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), (items) => {
      const held = new HeldTraits(7);
      const last = new Map<number, PlacedTraits>();
      for (const each of items) {
        held.set(each);
        last.set(each.ordinal, { ...each, scope: 7 });
      }
      for (let ordinal = 0; ordinal <= 301; ordinal++) expect(held.at(ordinal)).toEqual(last.get(ordinal));
    }),
  );
});
