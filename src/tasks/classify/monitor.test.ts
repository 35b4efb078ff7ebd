import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { Monitor } from './monitor.js';

/** Labels drawn with a share of `bad`, from a seed. */
function stream(share: number, count: number, random: Random): string[] {
  return Array.from({ length: count }, () => (random.uniform() < share ? 'bad' : 'good'));
}

function watched(monitor: Monitor, labels: readonly string[]) {
  return labels.flatMap((label, i) => monitor.push(label).map((alert) => Object.assign({ at: i }, alert)));
}

const labels = ['bad', 'good'];

describe('the monitor', () => {
  it('says nothing while a stream stays as it is', () => {
    for (const seed of [1, 2, 3]) {
      expect(watched(new Monitor({ labels }), stream(0.3, 2000, Random.fromSeed(seed)))).toEqual([]);
    }
  });

  it('raises one alert for each label when the stream changes, soon after it does', () => {
    const random = Random.fromSeed(4);
    const alerts = watched(new Monitor({ labels }), [
      ...stream(0.2, 500, random),
      ...stream(0.8, 200, random),
    ]);
    expect(alerts.map(({ label, direction }) => [label, direction]).sort()).toEqual([
      ['bad', 'rising'],
      ['good', 'falling'],
    ]);
    for (const { at, usual } of alerts) {
      expect(at).toBeGreaterThan(500);
      expect(at).toBeLessThan(560);
      expect(Math.min(usual, 1 - usual)).toBeLessThan(0.35);
    }
  });

  it('raises it sooner with a smaller window or threshold', () => {
    const random = Random.fromSeed(5);
    const replay = [...stream(0.2, 500, random), ...stream(0.7, 300, random)];
    const first = (options: object): number =>
      watched(new Monitor({ labels, ...options }), replay)[0]?.at ?? Infinity;
    expect(first({ threshold: 3 })).toBeLessThan(first({ threshold: 5 }));
    expect(first({ window: 30 })).toBeLessThan(first({ window: 120, threshold: 6 }));
  });

  it('raises another one when the stream went back and changes again', () => {
    const random = Random.fromSeed(6);
    const change = [...stream(0.2, 600, random), ...stream(0.9, 80, random)];
    const alerts = watched(new Monitor({ labels }), [...change, ...change]);
    expect(alerts.filter(({ label, direction }) => label === 'bad' && direction === 'rising')).toHaveLength(
      2,
    );
  });

  it('knows the present rates, which weigh the last texts most', () => {
    const monitor = new Monitor({ labels, window: 3 });
    watched(monitor, ['good', 'good', 'bad']);
    // Plain means first (1 / n), then half of each new text: (1 * 1/2) + 0 = 1/2 of `bad`.
    expect(monitor.current()).toEqual({ bad: 0.5, good: 0.5 });
  });

  it('refuses what makes no sense', () => {
    expect(() => new Monitor({ labels, window: 1 })).toThrow(ConfigError);
    expect(() => new Monitor({ labels, threshold: 0 })).toThrow(ConfigError);
  });
});
