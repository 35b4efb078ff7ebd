// Draws texts that are written side by side, instead of searching for the best. Knows nothing of models.
import type { Random } from '../core/random.js';
import type { Hypothesis, TextRows } from './beam-search.js';
import type { SamplingOptions } from './sampling.js';
import type { TokenRules } from './token-rules.js';
import { throwIfAborted } from '../core/abort.js';
import { ConfigError } from '../core/errors.js';
import { samplingStream } from './generate.js';
import { checkSamplingOptions, sampleToken } from './sampling.js';
import { ShrinkingRows } from './shrinking-rows.js';
import { checkTokenRules, tokensNotAllowed } from './token-rules.js';

export interface SampleTextsOptions extends SamplingOptions, TokenRules {
  /** Texts to draw for each source: the rows that each has. Default: 1. */
  readonly samples?: number | undefined;
  /** Tokens of a text at most, its end token included. */
  readonly maxTokens: number;
  /** Token before the first one of a text. */
  readonly startToken: number;
  /** Token at which a text ends; it does not become part of it. */
  readonly endToken: number;
  /** Draws come from this stream, and not from the seed; each row has a stream of its own. */
  readonly random?: Random | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A text that is being drawn. */
interface Draft {
  readonly tokens: number[];
  readonly random: Random;
  logProbability: number;
  finish: Hypothesis['finish'] | undefined;
}

/**
 * Draws `samples` texts for each source, with the interface of `beamSearch`. With `topK` only so many candidates leave the
 * device at each token; without it all of them do.
 * @returns for each text its samples in the order in which they were drawn; log-probabilities are those of the model, whatever
 * the options made of them, and so are the scores
 * @throws {ConfigError} when an option has an impossible value
 * @throws {AbortedError} when the signal fires
 */
export async function sampleTexts(rows: TextRows, options: SampleTextsOptions): Promise<Hypothesis[][]> {
  checkSamplingOptions(options);
  checkTokenRules(options);
  const { samples = 1, maxTokens, startToken, topK = rows.vocabularySize, signal } = options;
  requirePositive({ samples, maxTokens });
  const random = options.random ?? samplingStream(options.seed ?? 0);
  const texts = Array.from({ length: rows.texts }, (_, text) =>
    Array.from({ length: samples }, (_, sample): Draft => ({
      tokens: [],
      random: random.split(text * samples + sample),
      logProbability: 0,
      finish: undefined,
    })),
  );
  const batch = new ShrinkingRows(rows, samples, startToken);
  const wanted = Math.min(topK, rows.vocabularySize);
  let running = [...texts.entries()];
  for (let step = 1; running.length > 0; step++) {
    throwIfAborted(signal);
    const candidates = await batch.step(wanted);
    for (const [text, drafts] of running)
      drafts.forEach((draft, sample) => {
        if (draft.finish !== undefined) return;
        const row = batch.firstRow(text) + sample;
        const from = row * candidates.count;
        const own = candidates.tokens.subarray(from, from + wanted);
        const logProbabilities = candidates.logProbabilities.subarray(from, from + wanted);
        batch.tokens[row] = extend(draft, own, logProbabilities, rows.vocabularySize, options);
      });
    running = running.filter(([, drafts]) => drafts.some(({ finish }) => finish === undefined));
    await batch.keep(
      running.map(([text]) => text),
      maxTokens - step,
    );
  }
  return texts.map((drafts) => drafts.map(asHypothesis));
}

/** Draws the next token of a text from its candidates. @returns the token */
function extend(
  draft: Draft,
  candidates: Int32Array,
  logProbabilities: Float32Array,
  vocabularySize: number,
  options: SampleTextsOptions,
): number {
  const { endToken, maxTokens } = options;
  const refused = tokensNotAllowed(draft.tokens, endToken, options);
  const logits = new Float32Array(vocabularySize).fill(-Infinity);
  candidates.forEach((token, i) => {
    if (!refused.has(token)) logits[token] = logProbabilities[i] ?? -Infinity;
  });
  const isPossible = logits.some((logit) => logit > -Infinity);
  const sampling = { ...options, topK: undefined }; // Only so many are candidates.
  const token = isPossible ? sampleToken(logits, new Set(draft.tokens), sampling, draft.random) : endToken;
  draft.logProbability += logProbabilities[candidates.indexOf(token)] ?? 0;
  if (token === endToken) draft.finish = 'end';
  else if (draft.tokens.push(token) === maxTokens) draft.finish = 'length';
  return token;
}

function asHypothesis({ tokens, logProbability, finish = 'length' }: Draft): Hypothesis {
  return { tokens, logProbability, score: logProbability, finish };
}

function requirePositive(options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ConfigError(`The option ${option} is ${value}; it must be a whole number of at least 1.`, {
      fields: { option, value },
    });
  }
}
