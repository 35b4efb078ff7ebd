// What an export holds, line by line. Knows nothing of databases.
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import { isMoment } from './moment.js';
import { isName } from './scope.js';
import { itemKinds } from './types.js';

/** 2: profiles of sessions. 3: calls of tools. */
export const exportVersion = 3;

const time = z.iso
  .datetime({ offset: true })
  .refine((text) => isMoment(new Date(text)), 'is no moment of the years 1 to 9999');
const ordinal = z.int32().nonnegative();
/** Text that a database can hold. */
const plainText = z.string().regex(/^[^\p{Surrogate}\0]*$/u, 'is not valid Unicode without NUL');

const name = z.string().refine(isName, 'is no name: 1 to 200 characters, without control characters');

const headerSchema = z.strictObject({
  type: z.literal('header'),
  format: z.literal('mneme-archive'),
  version: z.int(),
  user: name,
  exportedAt: time,
  /** Content keys depend on the store's secret; only those of unencrypted stores mean the same elsewhere. */
  openKeys: z.boolean(),
});

const documentSchema = z.strictObject({
  type: z.literal('document'),
  document: ordinal,
  title: name,
  addedAt: time,
  key: z.guid(),
});

const factSchema = z
  .strictObject({
    subject: plainText,
    attribute: plainText,
    value: plainText,
    single: z.boolean(),
    negated: z.boolean(),
    confidence: z.number().min(0).max(1),
    validFrom: time,
    validTo: time.optional(),
  })
  .refine(
    ({ validFrom, validTo }) => validTo === undefined || Date.parse(validTo) >= Date.parse(validFrom),
    'ends before it begins',
  );

/** Turns count from 0 and go on after an import. */
const turn = z.int32().nonnegative().max(1_000_000_000);

const itemProblems: readonly (readonly [problem: string, isMet: (item: ItemLine) => boolean])[] = [
  [
    'is a fact without its statement, or no fact and has one',
    ({ kind, fact }) => (kind === 'fact') === (fact !== undefined),
  ],
  [
    'is a chunk without its document, or no chunk and has one',
    ({ kind, document }) => (kind === 'chunk') === (document !== undefined),
  ],
  [
    'is made from nothing',
    ({ kind, sources }) => (kind !== 'fact' && kind !== 'summary') || sources.length > 0,
  ],
];

const itemFields = z.strictObject({
  type: z.literal('item'),
  ordinal,
  kind: z.enum(itemKinds),
  state: z.enum(['active', 'retired']),
  text: plainText.min(1),
  key: z.guid(),
  session: name.optional(),
  turn: turn.optional(),
  speaker: name.optional(),
  document: ordinal.optional(),
  occurredAt: time,
  recordedAt: time,
  expiresAt: time.optional(),
  supersededAt: time.optional(),
  lastSeenAt: time,
  repeats: z.int32().nonnegative(),
  fact: factSchema.optional(),
  sources: z.array(ordinal),
});
type ItemLine = z.infer<typeof itemFields>;
const itemSchema = itemProblems.reduce(
  (schema, [problem, isMet]) => schema.refine(isMet, problem),
  itemFields,
);

/** What the answers of a session always begin from. */
const profileSchema = z.strictObject({
  type: z.literal('profile'),
  session: name,
  texts: z.array(plainText).readonly(),
});

/** What was called for a message on the way to its answer, and what it gave. Written as JSON again: any string will do. */
const toolsSchema = z.strictObject({
  type: z.literal('tools'),
  /** Of the message. */
  ordinal,
  steps: z
    .array(
      z.strictObject({
        text: z.string(),
        calls: z
          .array(
            z.strictObject({
              id: z.string(),
              name: z.string(),
              arguments: z.string(),
              result: z.string().optional(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
});

const historySchema = z.strictObject({
  type: z.literal('history'),
  ordinal,
  operation: z.number(),
  action: z.string(),
  at: time,
  field: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

const lineSchema = z.discriminatedUnion('type', [
  headerSchema,
  documentSchema,
  itemSchema,
  profileSchema,
  toolsSchema,
  historySchema,
]);

export type ExportHeader = z.infer<typeof headerSchema>;
export type ExportedDocument = z.infer<typeof documentSchema>;
export type ExportedItem = z.infer<typeof itemSchema>;
export type ExportedProfile = z.infer<typeof profileSchema>;
export type ExportedTools = z.infer<typeof toolsSchema>;
export type ExportedHistory = z.infer<typeof historySchema>;
export type ExportLine = z.infer<typeof lineSchema>;

/** @throws {DataError} naming the line when it is no JSON or not what an export holds */
export function parseLine(text: string, line: number): ExportLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataError(
      `Line ${line} of the import is not JSON. Nothing was imported. Repair or remove that line.`,
      {
        fields: { line },
        cause,
      },
    );
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DataError(
    `Line ${line} of the import is not a line of an export: ${z.prettifyError(parsed.error)} Nothing was imported.`,
    { fields: { line } },
  );
}

/** @throws {DataError} when the first line is no header of a version that can be read */
export function checkHeader(line: ExportLine | undefined): ExportHeader {
  if (line?.type !== 'header')
    throw new DataError('Line 1 of the import is no export header. Give a file written by an export.', {
      fields: { line: 1 },
    });
  if (line.version > exportVersion)
    throw new DataError(
      `The import has version ${line.version}; this version of Mneme reads versions up to ${exportVersion}. Install a newer Mneme.`,
      { fields: { line: 1, version: line.version } },
    );
  return line;
}
