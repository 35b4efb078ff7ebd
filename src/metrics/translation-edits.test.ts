import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reference } from '../../test/support/metric-fixtures.js';
import { editDistance } from '../core/nearest.js';
import { BeamEditDistance } from './beam-edit-distance.js';
import { translationEdits } from './translation-edits.js';

const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 });
const numbers = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 14 });

describe('the edits of TER', () => {
  it('are those of sacreBLEU also where shifts tie and where the search reaches its limits', () => {
    expect(reference.edits.length).toBeGreaterThan(0);
    for (const [hypothesis, text, edits] of reference.edits) {
      expect(translationEdits(hypothesis.split(' '), text.split(' '))).toBe(edits);
    }
  });

  it('are never more than without shifts, and never fewer than the difference in length', () => {
    fc.assert(
      fc.property(words, words, (hypothesis, other) => {
        const edits = translationEdits(hypothesis, other);
        expect(edits).toBeLessThanOrEqual(editDistance(hypothesis, other));
        expect(edits).toBeGreaterThanOrEqual(Math.abs(hypothesis.length - other.length));
      }),
    );
  });

  it('count moved words as one', () => {
    expect(translationEdits(['d', 'e', 'f', 'a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e', 'f'])).toBe(1);
    expect(translationEdits([], ['a'])).toBe(1);
    expect(translationEdits(['a', 'b'], [])).toBe(2);
  });
});

describe('the edit distance inside a beam', () => {
  it('equals the full one while the beam is wider than the texts, whatever was measured before', () => {
    fc.assert(
      fc.property(numbers, fc.array(numbers, { minLength: 1, maxLength: 4 }), (target, hypotheses) => {
        const length = hypotheses[0]?.length ?? 0;
        const distances = new BeamEditDistance(Int32Array.from(target), length);
        for (const hypothesis of hypotheses.filter((list) => list.length === length)) {
          const expected = editDistance(hypothesis.map(String), target.map(String));
          expect(distances.measure(Int32Array.from(hypothesis))).toBe(expected);
        }
      }),
    );
  });

  it('aligns words so that the unmatched ones account for the distance', () => {
    fc.assert(
      fc.property(numbers, numbers, (target, hypothesis) => {
        const distances = new BeamEditDistance(Int32Array.from(target), hypothesis.length);
        const ids = Int32Array.from(hypothesis);
        const { hypothesisAt, hypothesisErrors, referenceErrors } = distances.align(ids);
        const errors = [hypothesisErrors, referenceErrors].map(
          (list) => list.filter((error) => error === 1).length,
        );
        expect(distances.measure(ids)).toBeGreaterThanOrEqual(Math.max(...errors));
        for (const [position, error] of referenceErrors.entries()) {
          if (error === 0) expect(hypothesis[hypothesisAt[position] ?? -1]).toBe(target[position]);
        }
      }),
    );
  });
});
