// What the command line prints: results on standard output, everything else on standard error. Knows no verb.
import pc from 'picocolors';
import { surroundings } from './surroundings.js';

/** Prints the one result of a verb as JSON. */
export function printJson(value: unknown): void {
  printPiece(`${JSON.stringify(value)}\n`);
}

/** Prints a result for people. */
export function print(text: string): void {
  printPiece(`${text}\n`);
}

/** Prints a part of a line of a result. */
export function printPiece(text: string): void {
  surroundings().stdout.write(text);
}

/** What others wrote, without the control characters that would command the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}

/** A text on one line, whatever it consists of. */
export function onOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

/** Says something that is not a result. */
export function note(text: string): void {
  progressLine.clear();
  surroundings().stderr.write(`${text}\n`);
}

const { bold: strong, dim: faint } = pc.createColors(process.stderr.isTTY && pc.isColorSupported);
export { faint, strong };

/** Milliseconds between updates of the line in a terminal, and between plain lines elsewhere. */
const terminalMs = 100;
const plainMs = 10_000;

/** A line that is written over in a terminal; elsewhere a plain line now and then. */
class ProgressLine {
  private shownMs = -Infinity;
  private isShown = false;

  /** @param text is made only when it is shown */
  update(text: () => string): void {
    const { stderr } = surroundings();
    const terminal = stderr.isTTY === true;
    const now = performance.now();
    if (now - this.shownMs < (terminal ? terminalMs : plainMs)) return;
    this.shownMs = now;
    if (!terminal) {
      stderr.write(`${text()}\n`);
      return;
    }
    stderr.write(`\r\u001b[2K${text().slice(0, (stderr.columns || 80) - 1)}`);
    this.isShown = true;
  }

  /** Removes the line. */
  clear(): void {
    if (this.isShown) surroundings().stderr.write('\r\u001b[2K');
    this.isShown = false;
  }
}

export const progressLine = new ProgressLine();

const counts = new Intl.NumberFormat('en');

/** `1,115,394` */
export function formatCount(count: number): string {
  return counts.format(Math.round(count));
}

/** `2 h 5 min`, `3 min 20 s`, `12 s` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1.2 GB` */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power] ?? ''}`;
}
