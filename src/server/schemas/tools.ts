// Calls of tools in OpenAI's format. Source: OpenAI API reference, "Create chat completion".
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
