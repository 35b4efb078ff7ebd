// Checks what users give to be remembered. Knows nothing of the store.
import { DataError } from '../core/errors.js';
import type { Context } from './context.js';
import type { DraftInput } from './drafts.js';
import { toDate } from './moment.js';
import type { Redaction } from './privacy/redact.js';
import { checkName } from './scope.js';
import type { EpisodeInput } from './types.js';

/** Longer texts are documents: they are stored in chunks. */
export const maxEpisodeLength = 100_000;

/** @throws {DataError} when the text is empty, too long, or not well-formed Unicode without NUL */
export function checkText(text: unknown, maxLength: number, advice: string): string {
  if (typeof text !== 'string')
    throw new DataError(`A text is missing: got ${typeof text}, expected a string.`);
  if (text.trim() === '') throw new DataError('The text is empty. Give at least one visible character.');
  if (text.length > maxLength)
    throw new DataError(`The text has ${text.length} characters; the limit is ${maxLength}. ${advice}`, {
      fields: { length: text.length, maxLength },
    });
  const broken = /\p{Surrogate}|\0/u.exec(text);
  if (broken !== null)
    throw new DataError(
      `The text is not valid Unicode at character ${broken.index} (${broken[0] === '\0' ? 'NUL' : 'half a surrogate pair'}). Decode it from its real encoding first.`,
      { fields: { index: broken.index } },
    );
  return text;
}

/** What there was to redact in a text, by kind. */
export interface CheckedEpisode {
  readonly input: DraftInput;
  readonly redacted: Redaction['counts'] | undefined;
}

/** @throws {DataError} when a field cannot be used */
export function checkEpisode(context: Context, episode: EpisodeInput): CheckedEpisode {
  if (typeof episode !== 'object' || episode === null)
    throw new DataError(
      `An episode is missing: got ${String(episode).slice(0, 60)}, expected { text: "..." }.`,
    );
  const given = checkText(
    episode.text,
    maxEpisodeLength,
    'Store it as a document, which is cut into chunks: `addDocument`, or `mneme remember --document FILE`.',
  );
  const redaction = context.redactor?.(given);
  const text = redaction?.text ?? given;
  const user = checkName(episode.user ?? context.defaultUser, 'user');
  const session = episode.session === undefined ? undefined : checkName(episode.session, 'session');
  const speaker = episode.speaker === undefined ? undefined : checkName(episode.speaker, 'speaker');
  const time = episode.time === undefined ? undefined : toDate(episode.time, 'time');
  const expiresAt = episode.expiresAt === undefined ? undefined : toDate(episode.expiresAt, 'expiresAt');
  // A time that was not given differs from call to call and must not make the same episode a new one.
  const identity = JSON.stringify(['episode', session, speaker, time?.toISOString(), text]);
  const occurredAt = time ?? context.now();
  return {
    input: { kind: 'episode', user, session, speaker, text, occurredAt, expiresAt, identity },
    redacted: redaction?.counts,
  };
}
