// What a server must drop when something was forgotten in an archive.
import type { ServerContext } from './context.js';

/** What was last said in a conversation may be gone, and models may hold what they read of it. */
export function afterForgetting(
  { conversations, models }: Pick<ServerContext, 'conversations' | 'models'>,
  tenant: string,
): void {
  conversations.forget(tenant);
  for (const { generator } of models) generator.reset?.();
}
