// The file of API keys that a server is started with. Knows nothing of requests.
import type { ApiKeys } from '../server/api-keys.js';
import { files } from '../core/files.node.js';
import { UsageError } from '../core/errors.js';

/** @throws {UsageError} when there is none in the file */
export async function loadKeys(path: string): Promise<ApiKeys> {
  const { ApiKeys, readApiKeys } = await import('../server/api-keys.js');
  const keys = new ApiKeys(readApiKeys(await files.readText(path), path));
  if (keys.tenants.length > 0) return keys;
  throw new UsageError(`There is no key in "${path}". Make one: mneme serve --keys ${path} --new-key TENANT`);
}

/** Adds a key for a tenant to the file, which is made where there is none; returns the key, which is kept nowhere else. */
export async function addKey(path: string, tenant: string): Promise<string> {
  const { createApiKey, readApiKeys, writeApiKeys } = await import('../server/api-keys.js');
  const { checkName } = await import('../archive/scope.js');
  const known = (await files.info(path)) === undefined ? [] : readApiKeys(await files.readText(path), path);
  const { key, record } = await createApiKey(checkName(tenant, 'tenant'), new Date());
  await files.writeAtomic(path, writeApiKeys([...known, record]));
  return key;
}
