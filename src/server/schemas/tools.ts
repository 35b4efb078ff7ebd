// Calls of tools in OpenAI's format, and as they are kept. Source: OpenAI API reference, "Create chat completion".
import { z } from '@hono/zod-openapi';

/** A call of a tool that a model asks for. */
export const toolCallSchema = z
  .object({
    id: z.string(),
    type: z.literal('function'),
    /** `arguments` is JSON, as the model wrote it. */
    function: z.object({ name: z.string(), arguments: z.string() }),
  })
  .openapi('ToolCall');

/** What a model asked for on its way to an answer, with what it said beside; a call without `result` got none. */
export const toolStepSchema = z
  .object({
    text: z.string(),
    calls: z
      .array(
        z.object({ id: z.string(), name: z.string(), arguments: z.string(), result: z.string().optional() }),
      )
      .readonly(),
  })
  .openapi('ToolStep');

export type ToolStep = z.output<typeof toolStepSchema>;
