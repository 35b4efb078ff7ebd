// Schemas that several routes share: names, times, errors. Knows no route.
import { z } from '@hono/zod-openapi';
import { explanationLanguages } from '../../archive/explain-words.js';
import { maxNameLength } from '../../archive/scope.js';

/** A user or session. What may be in it is checked by the archive; here only its size. */
export const nameSchema = z.string().min(1).max(maxNameLength);

/** A moment: ISO 8601, or milliseconds since 1970. */
export const momentSchema = z.union([z.string().min(1).max(64), z.number()]).openapi('Moment');

/** Of what is said in words. */
export const languageSchema = z.enum(explanationLanguages);

export const userQuery = z.object({
  user: nameSchema.optional().openapi({ description: 'Whose memory is meant; "default" when absent.' }),
});

/** The body of every error, in the format of OpenAI. */
export const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .openapi('Error');

export type ErrorBody = z.output<typeof errorSchema>;

/** Whole numbers that come as text, in the query of an address. */
export const countQuery = (most: number) => z.coerce.number().int().min(1).max(most);
