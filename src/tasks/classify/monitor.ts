// Watches a stream of labels: how often each occurs lately, and when that departs from its history. Knows nothing of texts or models.
import { ConfigError } from '../../core/errors.js';

export interface MonitorOptions {
  readonly labels: readonly string[];
  /** Texts that the present rate looks back on, as the span of an exponentially weighted mean; 50 by default. */
  readonly window?: number | undefined;
  /** Standard deviations from the history at which a rate raises an alert; 4 by default. */
  readonly threshold?: number | undefined;
}

/** A rate that departed from its history. */
export interface Alert {
  readonly label: string;
  readonly direction: 'rising' | 'falling';
  /** Lately, in [0, 1]. */
  readonly rate: number;
  /** Before, in [0, 1]. */
  readonly usual: number;
  /** How far apart they are, in standard deviations. */
  readonly deviations: number;
}

/** How many windows the history looks back on. */
const windowsOfHistory = 10;
/** Part of the threshold below which an alert is over, so that one departure raises one alert. */
const calm = 0.5;

interface Rate {
  present: number;
  usual: number;
  alarmed: boolean;
}

/**
 * A control chart for each label: z = a x + (1 - a) z with x = 1 where a text has the label, a = 2 / (window + 1). It departs where
 * |z - p| > threshold * sqrt(p (1 - p) a / (2 - a)), p being the same mean over a history ten times as long, which stands still
 * while there is an alert. Nothing is raised before one window has passed. Source: Roberts 1959; for proportions Montgomery 2009, section 9.2.
 */
export class Monitor {
  private readonly rates: ReadonlyMap<string, Rate>;
  private readonly window: number;
  private readonly threshold: number;
  private seen = 0;

  /** @throws {ConfigError} when the window is below 2 or the threshold is not positive */
  constructor({ labels, window = 50, threshold = 4 }: MonitorOptions) {
    if (!(window >= 2 && threshold > 0)) {
      throw new ConfigError(
        `A monitor got a window of ${window} texts and a threshold of ${threshold}. Give at least 2, and more than 0.`,
        { fields: { window, threshold } },
      );
    }
    this.window = window;
    this.threshold = threshold;
    this.rates = new Map(labels.map((label) => [label, { present: 0, usual: 0, alarmed: false }]));
  }

  /** The present rate of each label. */
  current(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.rates].map(([label, { present }]) => [label, present]));
  }

  /** Takes the next label. @returns what departs from its history since this one */
  push(label: string): readonly Alert[] {
    this.seen++;
    const alerts: Alert[] = [];
    for (const [name, rate] of this.rates) {
      this.update(rate, name === label ? 1 : 0);
      const alert = this.seen > this.window ? this.check(name, rate) : undefined;
      if (alert !== undefined) alerts.push(alert);
    }
    return alerts;
  }

  /** Means of what there is, until there is enough for the weights to fall. */
  private update(rate: Rate, x: number): void {
    const weightOf = (span: number): number => Math.max(2 / (span + 1), 1 / this.seen);
    rate.present += weightOf(this.window) * (x - rate.present);
    if (!rate.alarmed) rate.usual += weightOf(windowsOfHistory * this.window) * (x - rate.usual);
  }

  private check(label: string, rate: Rate): Alert | undefined {
    const { present, usual } = rate;
    const weight = 2 / (this.window + 1);
    // What was never seen is not impossible: the history is finite.
    const least = 1 / (windowsOfHistory * this.window);
    const p = Math.min(1 - least, Math.max(least, usual));
    const deviations = Math.abs(present - usual) / Math.sqrt((p * (1 - p) * weight) / (2 - weight));
    if (rate.alarmed) {
      rate.alarmed = deviations > calm * this.threshold;
      return undefined;
    }
    if (deviations <= this.threshold) return undefined;
    rate.alarmed = true;
    return { label, direction: present > usual ? 'rising' : 'falling', rate: present, usual, deviations };
  }
}
