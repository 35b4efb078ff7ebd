// One answer from its beginning to its end: counted, timed, and ended when nobody wants it. Knows nothing of formats.
import type { ChatEvent } from '../tasks/chat/index.js';
import type { KeyOwner } from './api-keys.js';
import type { ServerContext } from './context.js';
import { RequestSignal } from './request-signal.js';

/** An answer that is being written. */
export interface Answering {
  readonly events: AsyncGenerator<ChatEvent, void, undefined>;
  /** The client is gone: ends the answer. */
  readonly leave: () => void;
}

/** @param make the events of the answer, ended by a signal */
export function startAnswer(
  context: Pick<ServerContext, 'admission' | 'lifecycle' | 'limits' | 'metrics'>,
  { caller, raw, memory }: { readonly caller: KeyOwner; readonly raw: Request; readonly memory: boolean },
  make: (signal: AbortSignal) => AsyncIterable<ChatEvent>,
): Answering {
  const { admission, lifecycle, limits, metrics } = context;
  const startedMs = performance.now();
  let leave = (): void => undefined;
  async function* events(): AsyncGenerator<ChatEvent, void, undefined> {
    const ended = lifecycle.begin();
    let left: (() => void) | undefined;
    const watch = new RequestSignal(raw.signal, limits.answerMs, lifecycle);
    leave = () => watch.leave();
    let end = 'left';
    try {
      left = admission.enter(caller.keyId);
      let isFirst = true;
      for await (const event of make(watch.signal)) {
        if (event.kind === 'text' && isFirst) {
          isFirst = false;
          metrics.observeFirstToken(memory, (performance.now() - startedMs) / 1000);
        }
        if (event.kind === 'done') {
          watch.throwIfFired();
          end = event.finish;
          metrics.countAnswer(end, event.usage.promptTokens, event.usage.answerTokens);
        }
        yield event;
      }
    } catch (error) {
      end = 'error';
      watch.throwIfFired();
      throw error;
    } finally {
      if (end === 'left' || end === 'error') metrics.countAnswer(end);
      watch.dispose();
      left?.();
      ended();
    }
  }
  return { events: events(), leave: () => leave() };
}
