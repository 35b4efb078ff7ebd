// `mneme mcp`: the archive as tools of the Model Context Protocol, over standard input and output.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Command } from 'commander';
import type { ArchiveFlags } from '../archive.js';
import { UsageError } from '../../core/errors.js';
import { warnings, withArchive, withArchiveFlags } from '../archive.js';
import { interruptible } from '../interrupt.js';
import { surroundings } from '../surroundings.js';
import { version } from '../version.js';

export function command(): Command {
  const verb = new Command('mcp').description(
    'Give an assistant this memory: an MCP server with remember, recall and forget, over standard input and output.',
  );
  return withArchiveFlags(verb).action(run);
}

async function run(flags: ArchiveFlags): Promise<void> {
  const { createMcpServer, StdioServerTransport } = await loadSdk();
  const { stdin, stdout } = surroundings();
  await withArchive(
    flags,
    async (archive) => {
      const pending = new Set<Promise<unknown>>();
      const options = { archive, user: flags.user, version: version(), log: warnings, pending };
      const server = createMcpServer(options);
      await server.connect(new StdioServerTransport(stdin, stdout));
      await interruptible('Stopping.', async (signal) => {
        const gone = once(stdin, 'end', { signal }).catch(() => undefined);
        await gone;
        // What was asked before the input ended is answered: a call begins, and its answer is written, a turn later.
        await nextTurn();
        await Promise.allSettled(pending);
        await nextTurn();
        await server.close();
      });
    },
    { log: warnings },
  );
}

async function loadSdk() {
  try {
    const [{ createMcpServer }, { StdioServerTransport }] = await Promise.all([
      import('../../server/mcp.js'),
      import('@modelcontextprotocol/sdk/server/stdio.js'),
    ]);
    return { createMcpServer, StdioServerTransport };
  } catch (cause) {
    throw new UsageError('This verb needs a package: npm install @modelcontextprotocol/sdk', { cause });
  }
}
