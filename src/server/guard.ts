// Who may use the server: API keys, their rate, and for a server without keys, only this machine. Knows no route.
import type { MiddlewareHandler } from 'hono';
import type { ServerContext, ServerEnv } from './context.js';
import { HttpError } from './http-error.js';
import { RateLimit } from './rate-limit.js';

/** Names under which only this machine is reached. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/i;

export const isLoopback = (host: string): boolean => loopback.test(host) || host === '::1';

/**
 * Refuses requests that a page from elsewhere made somebody's browser send. Without keys that is the only protection, so
 * that the server must be meant by its own name: a name that somebody else has pointed at this machine is not enough.
 */
function refuseForeignPages(request: Request): void {
  const { host, hostname } = new URL(request.url);
  if (!isLoopback(hostname))
    throw new HttpError(
      403,
      'foreign_host',
      `A server without API keys is reached as localhost only, not as "${hostname}".`,
    );
  const origin = request.headers.get('origin');
  if (origin === null || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new HttpError(403, 'foreign_origin', 'A server without API keys answers no pages from elsewhere.');
}

/** Lets through requests of known callers, each at its rate. */
export function guard({ keys, tenant, limits }: ServerContext): MiddlewareHandler<ServerEnv> {
  const rate = limits.requestsPerMinute === Infinity ? undefined : new RateLimit(limits.requestsPerMinute);
  return async (c, next) => {
    if (keys === undefined) {
      refuseForeignPages(c.req.raw);
      c.set('caller', { tenant, keyId: 'local' });
      return next();
    }
    const key = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const owner = key === undefined ? undefined : await keys.ownerOf(key);
    if (owner === undefined) throw new HttpError(401, 'invalid_api_key', 'The API key is missing or wrong.');
    const waitSeconds = rate?.take(owner.keyId) ?? 0;
    if (waitSeconds > 0)
      throw new HttpError(429, 'rate_limit_exceeded', 'Too many requests for this key. Slow down.', {
        retryAfterSeconds: waitSeconds,
      });
    c.set('caller', owner);
    return next();
  };
}
