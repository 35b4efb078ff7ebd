// How long work says how far it is, and learns that it is no longer wanted. Knows nothing of the work.
import { throwIfAborted } from '../core/abort.js';

export interface Progress {
  /** What is counted: lines `read`, items of which `words` or `vectors` were indexed, questions that were asked, and so on. */
  readonly phase: 'read' | 'store' | 'words' | 'vectors' | 'search' | 'check' | 'seal' | 'ask';
  readonly done: number;
  /** Absent where it is not known beforehand. */
  readonly total?: number;
}

export interface LongWork {
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the work between two steps; what was in use before stays in use. */
  readonly signal?: AbortSignal;
}

/** Called between two steps. @throws {AbortedError} when the work is no longer wanted */
export function reportProgress({ onProgress, signal }: LongWork, progress: Progress): void {
  throwIfAborted(signal);
  onProgress?.(progress);
}
