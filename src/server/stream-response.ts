// An answer as a stream of events. Knows nothing of what the events say.
import type { ChatEvent } from '../tasks/chat/index.js';
import type { Answering } from './answering.js';
import type { ServerContext } from './context.js';
import type { ServerEvent } from './event-stream.js';
import { messageOf } from '../core/errors.js';
import { eventStream, eventStreamHeaders } from './event-stream.js';
import { FlatMap } from './flat-map.js';
import { answerTo } from './http-error.js';

/**
 * Waits for the first event, so that what fails before is answered with a status, then streams.
 * @param write what is sent for an event
 */
export async function streamAnswer(
  { limits, log }: Pick<ServerContext, 'limits' | 'log'>,
  { events, leave }: Answering,
  write: (event: ChatEvent) => readonly ServerEvent[],
): Promise<Response> {
  const written = await new FlatMap(events, write).begin();
  const { keepAliveMs, stallMs } = limits;
  const onError = (thrown: unknown): void => {
    const { status, isOurs } = answerTo(thrown);
    log.log(isOurs ? 'error' : 'warn', `A stream ended early: ${messageOf(thrown)}`, { status, thrown });
  };
  const body = eventStream(written, { keepAliveMs, stallMs, onLeave: leave, onError });
  return new Response(body, { headers: eventStreamHeaders });
}
