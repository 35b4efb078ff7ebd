// The factors of minimum risk training, against the derivative of the risk itself.
import { describe, expect, it } from 'vitest';
import { riskFactors } from './reward-examples.js';

const logProbabilities = [-1.5, -3, -2.2];
const rewards = [0.2, 0.9, 0.4];

/** The mean of what is lacking, each by its share. */
function risk(logs: readonly number[], sharpness: number): number {
  const shares = logs.map((log) => Math.exp(sharpness * log));
  const total = shares.reduce((a, b) => a + b);
  return shares.reduce((sum, share, i) => sum + (share / total) * (1 - (rewards[i] ?? 0)), 0);
}

describe('riskFactors', () => {
  it('are the derivatives of the risk by the cross-entropies, over sharpness and by their number', () => {
    const [sharpness, step] = [0.7, 1e-4];
    const factors = riskFactors(logProbabilities, rewards, sharpness);
    logProbabilities.forEach((_, i) => {
      const moved = (by: number): number[] => logProbabilities.map((log, j) => (i === j ? log - by : log));
      const slope = (risk(moved(step), sharpness) - risk(moved(-step), sharpness)) / (2 * step);
      expect(factors[i]).toBeCloseTo((3 * slope) / sharpness, 6);
    });
  });

  it('sum to nothing when all count alike, and are nothing when one is as good as another', () => {
    const even = riskFactors(logProbabilities, rewards, 0);
    expect(even.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    expect(even[1]).toBeGreaterThan(0);
    expect(riskFactors([-5000], [0.3], 1)).toEqual([0]);
  });
});
