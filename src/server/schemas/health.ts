// What `/health` gives. Knows nothing of how it is found out.
import { z } from '@hono/zod-openapi';

export const healthSchema = z
  .object({
    /** `degraded`: something does not answer; the status is 503 then. `stopping`: the server finishes what it began. */
    status: z.enum(['ok', 'degraded', 'stopping']),
    archive: z.enum(['ok', 'down']),
    version: z.string(),
    /** Whether requests need an API key. */
    keyRequired: z.boolean(),
    /** Whether run folders are shown. */
    runs: z.boolean(),
  })
  .openapi('Health');

export type Health = z.output<typeof healthSchema>;
