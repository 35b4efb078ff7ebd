// For tests: conversations of users whom nobody knows yet. Knows nothing of what is said in them.
import { randomUUID } from 'node:crypto';
import type { Archive } from '../../src/archive/index.js';
import type { Conversation } from '../../src/tasks/chat/conversation.js';
import { openConversation } from '../../src/tasks/chat/open-conversation.js';
import type { ConversationOptions } from '../../src/tasks/chat/options.js';
import { stubGenerator } from '../../src/testing/stub-generator.js';

/** A conversation with a minute between turns, `monday`, of a new user unless one is named. */
export function openTalk(archive: Archive, more: Partial<ConversationOptions> = {}): Promise<Conversation> {
  let ms = Date.parse('2026-03-02T10:00:00Z');
  return openConversation({
    archive,
    generator: stubGenerator(),
    user: `user ${randomUUID()}`,
    session: 'monday',
    now: () => new Date((ms += 60_000)),
    ...more,
  });
}
