// A chat template that a tokenizer has tokens for. Knows no model.
import type { ChatTemplate, Tokenizer } from '../../../text/index.js';
import { ConfigError, TokenizerError } from '../../../core/errors.js';
import { transcriptTemplate } from '../../../text/index.js';

/** Whether there are tokens for all of a text. */
export function canEncode(tokenizer: Tokenizer, text: string): boolean {
  try {
    tokenizer.encode(text);
    return true;
  } catch (error) {
    if (error instanceof TokenizerError) return false;
    throw error;
  }
}

/** The texts of a template between which messages stand. */
const framesOf = ({ begin, system, user, assistant, opening }: ChatTemplate): readonly string[] =>
  [
    begin,
    opening ?? '',
    ...[system, user, assistant].flatMap((one) => [one?.prefix ?? '', one?.suffix ?? '']),
  ].filter((text) => text !== '');

/** @throws {ConfigError} when the model has no tokens for what stands between messages */
function checkTemplate(template: ChatTemplate, tokenizer: Tokenizer): ChatTemplate {
  const unknown = framesOf(template).find((text) => !canEncode(tokenizer, text));
  if (unknown === undefined) return template;
  throw new ConfigError(
    `The chat template writes ${JSON.stringify(unknown)}, for which the model has no tokens. Write what its training text has.`,
    { fields: { text: unknown } },
  );
}

/** The transcript without the characters that a vocabulary lacks: a model is talked to as well as it goes. */
const transcriptFor = (tokenizer: Tokenizer): ChatTemplate => {
  const readable = (text: string): string =>
    [...text].filter((character) => canEncode(tokenizer, character)).join('');
  const around = ({ prefix, suffix }: ChatTemplate['user']): ChatTemplate['user'] => ({
    prefix: readable(prefix),
    suffix: readable(suffix),
  });
  const { system, user, assistant, opening = '' } = transcriptTemplate;
  return {
    ...transcriptTemplate,
    ...(system && { system: around(system) }),
    user: around(user),
    assistant: around(assistant),
    opening: readable(opening),
  };
};

/**
 * The template given, or a transcript of which what cannot be read is left out.
 *
 * @throws {ConfigError} when the model has no tokens for what stands between messages
 */
export const fittingTemplate = (tokenizer: Tokenizer, given: ChatTemplate | undefined): ChatTemplate =>
  given === undefined ? transcriptFor(tokenizer) : checkTemplate(given, tokenizer);
