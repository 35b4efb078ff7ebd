// Writes lines as they come, to a file or to standard output. Knows nothing of what they say.
import { surroundings } from './surroundings.js';

/** Waits where the reader is slow. */
export async function writeToOutput(lines: AsyncIterable<string>): Promise<void> {
  const { stdout } = surroundings();
  for await (const line of lines)
    if (!stdout.write(line)) await new Promise((resolve) => stdout.once('drain', resolve));
}

/** The file appears whole or not at all. */
export async function writeToFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const { files } = await import('../core/files.node.js');
  const writer = await files.createAtomic(path);
  const encoder = new TextEncoder();
  try {
    for await (const line of lines) await writer.write(encoder.encode(line));
    await writer.commit();
  } finally {
    await writer.abandon();
  }
}
