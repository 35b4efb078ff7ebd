// A store for a measurement, gone afterwards: a folder, or a database of its own on a server. Knows nothing of what is measured.
import { openPostgres } from '../store/postgres.js';

/** Runs `work` with the address of a new database on the server, which is dropped when it ends. */
export async function withScratchDatabase<T>(url: string, work: (store: string) => Promise<T>): Promise<T> {
  const server = await openPostgres(url);
  const name = `mneme_bench_${crypto.randomUUID().replaceAll('-', '')}`;
  try {
    await server.execute(`CREATE DATABASE ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await work(own.href).finally(() => server.execute(`DROP DATABASE ${name} WITH (FORCE)`));
  } finally {
    await server.close();
  }
}
