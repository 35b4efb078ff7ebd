// Characters on which all versions of Unicode agree, for comparing with libraries that have other versions.
import fc from 'fast-check';

/** A character whose class and normal forms have not changed since the old Unicode tables of the native tokenizers library. */
export const settledCharacter = fc
  .constantFrom(
    [0x20, 0x17f],
    [0x370, 0x373],
    [0x391, 0x3a1],
    [0x410, 0x44f],
    [0x621, 0x65f],
    [0x905, 0x97f],
    [0xe01, 0xe30],
    [0x2010, 0x2049],
    [0x2190, 0x22ff],
    [0x3001, 0x30ff],
    [0xac00, 0xd7a3],
    [0xff01, 0xff9f],
  )
  .chain(([min, max]) => fc.integer({ min, max }))
  .map((codePoint) => String.fromCodePoint(codePoint));
