// Opens a conversation: checks what it is given and settles what was left open. Knows nothing of answers.
import type { Archive } from '../../archive/index.js';
import { ConfigError } from '../../core/errors.js';
import { ArchivedConversation } from './archived-conversation.js';
import type { Conversation } from './conversation.js';
import { assistantSpeaker } from './message.js';
import type { ConversationOptions } from './options.js';
import { newSessionName } from './session-name.js';
import { usableTokens } from './window/usable-tokens.js';

const longestAnswer = 1024;

/**
 * Goes on with a session of a user, or begins one.
 *
 * @throws {ConfigError} when the user is called as the assistant is, or the window has no room for an answer
 *
 * @example
 * const archive = await openArchive({ store: 'my-memory' });
 * const chat = await openConversation({ archive, generator, user: 'ann' });
 * for await (const event of chat.send('Where does my sister live?'))
 *   if (event.kind === 'text') process.stdout.write(event.text);
 */
export async function openConversation(options: ConversationOptions): Promise<Conversation> {
  const { archive, generator, profile, knowledge, answer = {}, shares, language } = options;
  const now = options.now ?? (() => new Date());
  const user = options.user ?? archive.defaultUser;
  if (user === assistantSpeaker)
    throw new ConfigError(
      `No user can be called "${assistantSpeaker}": so is called what answers. Choose another name.`,
    );
  if (knowledge?.user === user)
    throw new ConfigError(
      `"${user}" is the user of the documents. Give the conversation a user of its own, so that both are forgotten by themselves.`,
    );
  const limit = usableTokens(generator);
  const answerTokens = answer.maxTokens ?? Math.min(longestAnswer, Math.floor(limit / 4));
  if (!(answerTokens >= 1 && answerTokens < limit))
    throw new ConfigError(
      `An answer of ${answerTokens} tokens does not fit the ${limit} tokens of ${generator.name}${generator.exact ? '' : ' that are used where they are estimated'}. Ask for at least 1 and fewer than ${limit}.`,
      { fields: { answerTokens, limit } },
    );
  const session = options.session ?? (await freeName(archive, user, now()));
  return new ArchivedConversation({
    archive,
    generator,
    user,
    session,
    profile,
    knowledge,
    callsTools: generator.withTools !== undefined,
    limit,
    answerTokens,
    shares,
    answer,
    language,
    now,
  });
}

async function freeName(archive: Archive, user: string, at: Date): Promise<string> {
  const taken = new Set((await archive.sessions(user)).map(({ session }) => session));
  return newSessionName(at, (name) => taken.has(name));
}
