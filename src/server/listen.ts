// Gives the application a port, and takes it away in good order. Knows no route.
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { messageOf, StorageError } from '../core/errors.js';
import type { ServerApp } from './context.js';
import type { Lifecycle } from './lifecycle.js';
import { errorResponse, HttpError } from './http-error.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface Listening {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes nothing new, finishes what was begun, and ends at once what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** A client that sends its request slower than this is given up. */
const requestMs = 60_000;
const headersMs = 20_000;

/** What is no request that the application could be given is answered in its format all the same. */
const errorHandler = (error: unknown): Response =>
  errorResponse(
    error instanceof RequestError
      ? new HttpError(
          400,
          'invalid_address',
          `The address of the request is none: ${error.message}. Percent-encode what a URL cannot have.`,
        )
      : error,
  );

/** @throws {StorageError} when the port is taken or may not be used */
export async function listen(
  app: ServerApp,
  lifecycle: Lifecycle,
  { host, port }: ListenOptions,
): Promise<Listening> {
  const server = createServer(
    { requestTimeout: requestMs, headersTimeout: headersMs, noDelay: true },
    getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler }),
  );
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new StorageError(
      `Port ${port} of ${host} cannot be used: ${messageOf(cause)}. Choose another: --port N.`,
      {
        cause,
        fields: { host, port },
      },
    );
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${given}`,
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await lifecycle.stop(graceMs);
      // What is left are connections that are kept for requests to come, and those whose answer nobody reads.
      setTimeout(() => server.closeAllConnections(), 250).unref();
      server.closeIdleConnections();
      await closed;
    },
  };
}
