// Ends a text where a stop string begins, while the text is still arriving. Knows nothing of tokens.
import { ConfigError } from '../core/errors.js';

/** @throws {ConfigError} when a stop string is empty */
function checkStops(stops: readonly string[]): void {
  if (!stops.includes('')) return;
  throw new ConfigError('A stop string is empty, which every text contains; give it text or leave it out.');
}

/**
 * Passes text on until a stop string is complete, and never a part of one: what may be the beginning of a stop string waits
 * until it is known. The stop string that is complete first counts, the longest of those that end together. However the
 * text is cut into pieces, the same of it passes.
 *
 * @example
 * const stops = new StopStrings(['\n\n']);
 * stops.push('one\n'); // 'one'
 * stops.push('\ntwo'); // '', and stops.stopped is true
 */
export class StopStrings {
  private readonly stops: readonly string[];
  /** Text that may be the beginning of a stop string. */
  private held = '';
  private done = false;

  /** @throws {ConfigError} when a stop string is empty */
  constructor(stops: readonly string[]) {
    checkStops(stops);
    this.stops = stops;
  }

  /** Whether a stop string was found. Nothing passes from then on. */
  get stopped(): boolean {
    return this.done;
  }

  /** The text that is known to come before any stop string. */
  push(text: string): string {
    if (this.done) return '';
    const known = this.held + text;
    const start = this.firstStop(known);
    this.done = start !== undefined;
    const end = start ?? known.length - this.beginningAtEnd(known);
    this.held = this.done ? '' : known.slice(end);
    return known.slice(0, end);
  }

  /** What was held back when no more text comes. */
  end(): string {
    const rest = this.held;
    this.held = '';
    return rest;
  }

  /** Where the stop string begins that is complete first. */
  private firstStop(text: string): number | undefined {
    const found = this.stops
      .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
      .filter(({ start }) => start >= 0)
      .sort((a, b) => a.start + a.length - (b.start + b.length) || a.start - b.start);
    return found[0]?.start;
  }

  /** Length of the longest end of the text that a stop string begins with. */
  private beginningAtEnd(text: string): number {
    const longest = Math.max(0, ...this.stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
    }
    return 0;
  }
}
