// What the routes about run folders give. Knows nothing of training.
import { z } from '@hono/zod-openapi';

/** One line of `metrics.jsonl`. */
export const metricsRecordSchema = z
  .object({ step: z.number() })
  .catchall(z.union([z.number(), z.string(), z.boolean(), z.null()]))
  .openapi('MetricsRecord');

export const runSchema = z
  .object({
    /** Name of the folder. */
    name: z.string(),
    /** ISO 8601: when something was measured last. */
    updatedAt: z.string(),
    /** Step of the last record; `null` before there is one. */
    step: z.number().nullable(),
    /** Whether a process trains into it now. */
    training: z.boolean(),
  })
  .openapi('Run');

/** The one that was written last comes first. */
export const runsResponseSchema = z.object({ runs: z.array(runSchema).readonly() }).openapi('RunsResponse');

export const runDetailSchema = runSchema
  .extend({ config: z.record(z.string(), z.unknown()), metrics: z.array(metricsRecordSchema).readonly() })
  .openapi('RunDetail');

/** A stream of events: `data:` is a MetricsRecord; the event `reset` says that the run went back and all records come anew. */
export const metricsQuerySchema = z.object({
  /** Leaves out records up to this step. */
  after: z.coerce.number().int().optional(),
});

export type MetricsRecord = z.output<typeof metricsRecordSchema>;
export type Run = z.output<typeof runSchema>;
export type RunsResponse = z.output<typeof runsResponseSchema>;
export type RunDetail = z.output<typeof runDetailSchema>;
