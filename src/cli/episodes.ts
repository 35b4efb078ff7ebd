// A file of episodes, and storing many of them. Knows nothing of flags.
import { z } from 'zod';
import type { Archive, EpisodeInput, LongWork, OutcomeStatus } from '../archive/index.js';
import { DataError, messageOf } from '../core/errors.js';
import { throwIfAborted } from '../core/abort.js';
import { linesOf } from './lines.js';

const moment = z.union([z.string(), z.number()]).optional();
const episodeSchema = z.strictObject({
  text: z.string(),
  user: z.string().optional(),
  session: z.string().optional(),
  speaker: z.string().optional(),
  time: moment,
  expiresAt: moment,
});

interface NumberedEpisode {
  /** Counted from 1. */
  readonly line: number;
  readonly episode: EpisodeInput;
}

/**
 * Episodes of a JSON Lines file. What a line does not say is taken from `defaults`.
 *
 * @throws {DataError} naming the first line that is no episode
 */
export async function readEpisodes(
  path: string,
  defaults: Partial<EpisodeInput>,
): Promise<readonly NumberedEpisode[]> {
  const episodes: NumberedEpisode[] = [];
  let line = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (text.trim() !== '') episodes.push({ line, episode: parseEpisode(text, { path, line }, defaults) });
  }
  if (episodes.length === 0)
    throw new DataError(`"${path}" has no episodes. Give one JSON object a line, such as {"text": "..."}.`, {
      fields: { path },
    });
  return episodes;
}

function parseEpisode(
  text: string,
  place: { readonly path: string; readonly line: number },
  defaults: Partial<EpisodeInput>,
): EpisodeInput {
  const fail = (problem: string, cause?: unknown): DataError =>
    new DataError(
      `Line ${place.line} of "${place.path}" is no episode: ${problem}. Nothing was stored. Expected a JSON object such as {"text": "...", "speaker": "Ann"}.`,
      { fields: place, cause },
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fail(messageOf(error), error);
  }
  const parsed = episodeSchema.safeParse(json);
  if (!parsed.success) throw fail(parsed.error.issues.map(({ message }) => message).join('; '));
  const own = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(own), text: parsed.data.text };
}

export interface ManyReport {
  readonly outcomes: Readonly<Partial<Record<OutcomeStatus, number>>>;
  readonly facts: number;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

const batchSize = 500;

/** Stores episodes batch by batch, in order. */
export async function rememberMany(
  archive: Archive,
  episodes: readonly NumberedEpisode[],
  { onProgress, signal }: LongWork = {},
): Promise<ManyReport> {
  const counts = new Map<OutcomeStatus, number>();
  const facts = new Set<string>();
  const rejected: { line: number; reason: string }[] = [];
  for (let start = 0; start < episodes.length; start += batchSize) {
    throwIfAborted(signal);
    const batch = episodes.slice(start, start + batchSize);
    const outcomes = await archive.rememberAll(batch.map(({ episode }) => episode));
    for (const [i, outcome] of outcomes.entries()) {
      counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
      for (const fact of outcome.facts) facts.add(fact);
      if (outcome.status === 'rejected')
        rejected.push({ line: batch[i]?.line ?? 0, reason: outcome.reason ?? '' });
    }
    onProgress?.({ phase: 'store', done: start + batch.length, total: episodes.length });
  }
  return { outcomes: Object.fromEntries(counts), facts: facts.size, rejected };
}
