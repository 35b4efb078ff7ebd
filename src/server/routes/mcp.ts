// `/mcp`: the tools of mcp.ts over Streamable HTTP, without sessions: each request stands for itself.
import type { ServerApp, ServerContext } from '../context.js';
import { readJson } from '../body.js';
import { afterForgetting } from '../forgotten.js';
import { HttpError } from '../http-error.js';

export function addMcpRoute(app: ServerApp, context: ServerContext): void {
  app.all('/mcp', async (c) => {
    const { raw, method } = c.req;
    if (method !== 'POST')
      throw new HttpError(405, 'method_not_allowed', 'This server sends nothing unasked. Use POST.');
    const parsedBody = await readJson(raw, context.limits.maxBodyBytes);
    const { tenant } = c.get('caller');
    const { createMcpServer, HttpTransport } = await loadSdk();
    const { version, log } = context;
    const server = createMcpServer({
      archive: await context.archiveOf(tenant),
      user: c.req.query('user'),
      version,
      log,
      onForget: () => afterForgetting(context, tenant),
    });
    const transport = new HttpTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(raw, { parsedBody });
    } finally {
      await server.close();
    }
  });
}

/** @throws {HttpError} 501 where the optional package is not installed */
async function loadSdk() {
  try {
    const [{ createMcpServer }, { WebStandardStreamableHTTPServerTransport }] = await Promise.all([
      import('../mcp.js'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
    ]);
    return { createMcpServer, HttpTransport: WebStandardStreamableHTTPServerTransport };
  } catch (cause) {
    throw new HttpError(
      501,
      'not_installed',
      'The Model Context Protocol needs a package: npm install @modelcontextprotocol/sdk',
      { cause },
    );
  }
}
