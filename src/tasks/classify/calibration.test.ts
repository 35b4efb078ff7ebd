import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import {
  expectedCalibrationError,
  fitTemperature,
  negativeLogLikelihood,
  probabilities,
  type ScoredTexts,
} from './calibration.js';

/** Texts whose labels are drawn from softmax(logits / temperature). */
function drawn(temperature: number, texts = 4000, classes = 3): ScoredTexts {
  const random = Random.fromSeed(3);
  const logits = Float32Array.from({ length: texts * classes }, () => 2 * random.normal());
  const labels = Int32Array.from({ length: texts }, (_, i) => {
    let left = random.uniform();
    const own = probabilities(logits.subarray(i * classes, (i + 1) * classes), temperature);
    const label = own.findIndex((p) => (left -= p) < 0);
    return label === -1 ? classes - 1 : label;
  });
  return { logits, labels, classes };
}

describe('the temperature', () => {
  it('is the best of a fine grid', () => {
    const scored = drawn(2.5);
    const grid = Array.from({ length: 400 }, (_, i) => 1 + i * 0.01);
    const losses = grid.map((temperature) => negativeLogLikelihood(scored, temperature));
    const best = grid[losses.indexOf(Math.min(...losses))] ?? NaN;
    const fitted = fitTemperature(scored);
    expect(Math.abs(fitted - best)).toBeLessThan(0.01);
    expect(negativeLogLikelihood(scored, fitted)).toBeLessThanOrEqual(Math.min(...losses));
  });

  it.each([0.5, 1, 3])('finds the one that labels were drawn with: %f', (temperature) => {
    expect(fitTemperature(drawn(temperature)) / temperature).toBeCloseTo(1, 1);
  });

  it('stays at its bound where every answer is right', () => {
    const logits = Float32Array.of(1, 0, 0, 1);
    expect(fitTemperature({ logits, labels: [0, 1], classes: 2 })).toBeCloseTo(0.25, 5);
  });
});

it('the error of calibration is the mean gap between confidence and accuracy, bin by bin', () => {
  // Four texts at confidence 0.8 of which three are right, and one at 0.6 that is wrong: (4 * 0.05 + 0.6) / 5.
  const logit = (p: number): number => Math.log(p / (1 - p));
  const logits = Float32Array.from([0.8, 0.8, 0.8, 0.8, 0.6].flatMap((p) => [logit(p), 0]));
  const error = expectedCalibrationError({ logits, labels: [0, 0, 0, 1, 1], classes: 2 });
  expect(error).toBeCloseTo((4 * Math.abs(0.75 - 0.8) + 0.6) / 5, 6);
});

it('calibrating lowers the error of calibration', () => {
  const scored = drawn(3);
  const after = expectedCalibrationError(scored, fitTemperature(scored));
  expect(after).toBeLessThan(expectedCalibrationError(scored) / 4);
});
