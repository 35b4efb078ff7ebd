// Beam search over texts that are written side by side. Knows nothing of models: it sees only the likeliest next tokens.
import type { BeamOptions, BeamSettings } from './beam-options.js';
import { throwIfAborted } from '../core/abort.js';
import { beamSettings, lengthDivisor } from './beam-options.js';
import { ShrinkingRows } from './shrinking-rows.js';
import { tokensNotAllowed } from './token-rules.js';

/** The likeliest next tokens of each row. */
export interface Candidates {
  /** How many there are for each row. */
  readonly count: number;
  /** int32 [rows * count], likeliest first */
  readonly tokens: Int32Array;
  /** float32 [rows * count], in nats */
  readonly logProbabilities: Float32Array;
  /** Of the end token, whether it is a candidate or not: float32 [rows] */
  readonly endLogProbabilities: Float32Array;
  /** sum of log(min(attention so far, 1)) over the tokens of the source: float32 [rows]; zeros for models that do not look. */
  readonly coverage: Float32Array;
}

/** Texts that are being written: `beams` rows for each, next to each other. */
export interface TextRows {
  readonly texts: number;
  readonly vocabularySize: number;
  /**
   * Goes on in every row.
   * @param tokens int32 [rows]: the last token of each row
   * @param parents int32 [rows]: the row that each row continued before this token
   * @param count candidates that are wanted for each row, at most `vocabularySize`
   */
  step(tokens: Int32Array, parents: Int32Array, count: number): Promise<Candidates>;
  /** Goes on with these texts only, in this order, a text more than once where it is named so; `texts` is then their number. */
  keep?(texts: readonly number[]): Promise<void>;
}

/** A text that a search found. */
export interface Hypothesis {
  /** Without start and end token. */
  readonly tokens: readonly number[];
  /** Sum over the tokens and the end token, in nats. */
  readonly logProbability: number;
  /** What hypotheses are ordered by: log-probability with the penalties for length and coverage. */
  readonly score: number;
  /** `end`: it ended by itself. `length`: it was cut off at `maxTokens`. */
  readonly finish: 'end' | 'length';
}

/** A text that is still being written. */
interface Live {
  readonly tokens: readonly number[];
  readonly logProbability: number;
  /** Among the rows of its text. */
  readonly row: number;
}

/** A way to go on with a live text. */
interface Continuation {
  readonly from: Live;
  readonly token: number;
  readonly logProbability: number;
  /** What continuations are ordered by while they are chosen. */
  readonly rank: number;
  readonly coverage: number;
}

/**
 * Follows the `beams` likeliest beginnings of every text and returns the best texts that end.
 * @returns for each text, `results` hypotheses, best first
 * @throws {ConfigError} when an option has an impossible value
 * @throws {AbortedError} when the signal fires
 */
export async function beamSearch(rows: TextRows, options: BeamOptions): Promise<Hypothesis[][]> {
  const settings = beamSettings(options);
  const { beams, startToken, maxTokens } = settings;
  const searches = Array.from({ length: rows.texts }, () => new TextSearch(settings));
  const batch = new ShrinkingRows(rows, beams, startToken);
  let running = [...searches.entries()];
  for (let step = 0; step < maxTokens && running.length > 0; step++) {
    throwIfAborted(settings.signal);
    const wanted = Math.max(...running.map(([, search]) => search.candidatesWanted()));
    const candidates = await batch.step(wanted);
    for (const [text, search] of running) search.advance(candidates, batch, batch.firstRow(text));
    running = running.filter(([, search]) => !search.isDone);
    await batch.keep(
      running.map(([text]) => text),
      maxTokens - step - 1,
    );
  }
  return searches.map((search) => search.results());
}

/** The search for one text, in its own rows. */
class TextSearch {
  private readonly groups: readonly GroupSearch[];
  private readonly settings: BeamSettings;

  constructor(settings: BeamSettings) {
    const size = settings.beams / settings.groups;
    this.settings = settings;
    this.groups = Array.from(
      { length: settings.groups },
      (_, group) => new GroupSearch(settings, size, group * size),
    );
  }

  get isDone(): boolean {
    return this.groups.every((group) => group.isDone);
  }

  /** So many that enough are left when those that are not allowed, or that other groups have taken, are passed over. */
  candidatesWanted(): number {
    const { groups, beams } = this.settings;
    const passedOver = groups > 1 ? beams : 0;
    return Math.max(...this.groups.map((group) => group.candidatesWanted())) + passedOver;
  }

  /** Chooses continuations, and writes their tokens and parents into this text's rows, from `firstRow` on. */
  advance(candidates: Candidates, { tokens, parents }: ShrinkingRows, firstRow: number): void {
    const taken = new Map<number, number>();
    for (let row = firstRow; row < firstRow + this.settings.beams; row++) {
      tokens[row] = this.settings.endToken; // A row that nothing continues goes on with what is never looked at.
      parents[row] = row;
    }
    for (const group of this.groups) {
      const chosen = group.isDone ? [] : group.advance(candidates, firstRow, taken);
      for (const { tokens: written, row, parent } of chosen) {
        const token = written.at(-1) ?? this.settings.startToken;
        tokens[firstRow + row] = token;
        parents[firstRow + row] = firstRow + parent;
      }
    }
  }

  results(): Hypothesis[] {
    const all = this.groups.flatMap((group) => group.results());
    return all.sort((a, b) => b.score - a.score).slice(0, this.settings.results);
  }
}

/** The beams of one group: all of a text's, unless groups were asked for. */
class GroupSearch {
  private readonly settings: BeamSettings;
  private readonly size: number;
  private readonly firstRow: number;
  private live: readonly Live[];
  /** Best first, at most `size`. */
  private readonly ended: Hypothesis[] = [];
  private done = false;

  constructor(settings: BeamSettings, size: number, firstRow: number) {
    this.settings = settings;
    this.size = size;
    this.firstRow = firstRow;
    this.live = [{ tokens: [], logProbability: 0, row: firstRow }];
  }

  get isDone(): boolean {
    return this.done;
  }

  candidatesWanted(): number {
    const refused = this.live.map((live) => this.refused(live).size);
    return 2 * this.size + Math.max(0, ...refused);
  }

  /**
   * @param textRow the first row of the text
   * @param taken how often earlier groups have chosen each token in this step; this group's choices are added
   */
  advance(
    candidates: Candidates,
    textRow: number,
    taken: Map<number, number>,
  ): readonly (Live & { readonly parent: number })[] {
    const { endToken, maxTokens } = this.settings;
    const ranked = this.live
      .flatMap((live) => this.continuations(live, candidates, textRow + live.row, taken))
      .sort((a, b) => b.rank - a.rank || a.from.row - b.from.row || a.token - b.token);
    const isEnd = ({ token }: Continuation): boolean => token === endToken;
    const ends = ranked.slice(0, this.size).filter(isEnd);
    const goOn = ranked.filter((continuation) => !isEnd(continuation)).slice(0, this.size);
    const chosen = [...ends, ...goOn];
    for (const { from, logProbability, coverage } of ends)
      this.end(from.tokens, logProbability, coverage, 'end');
    const next = goOn.map(({ from, token, logProbability, coverage }, place) => {
      const tokens = [...from.tokens, token];
      if (tokens.length === maxTokens) this.end(tokens, logProbability, coverage, 'length');
      return { tokens, logProbability, row: this.firstRow + place, parent: from.row };
    });
    for (const { token } of chosen) taken.set(token, (taken.get(token) ?? 0) + 1);
    this.live = next;
    this.done = this.isSettled();
    return next;
  }

  results(): readonly Hypothesis[] {
    return this.ended;
  }

  /** The ways to go on with a text, likeliest first, as many as can matter. @param row of the text, in the candidates */
  private continuations(
    from: Live,
    candidates: Candidates,
    row: number,
    taken: ReadonlyMap<number, number>,
  ): readonly Continuation[] {
    const { endToken, maxTokens, prefix, forceEnd, diversityPenalty } = this.settings;
    const coverage = candidates.coverage[row] ?? 0;
    const continueWith = (token: number, change: number): Continuation => {
      const logProbability = from.logProbability + change;
      const penalty = diversityPenalty * (taken.get(token) ?? 0);
      return { from, token, logProbability, rank: logProbability - penalty, coverage };
    };
    const forced = prefix[from.tokens.length];
    if (forced !== undefined) return [continueWith(forced, 0)];
    if (forceEnd && from.tokens.length === maxTokens - 1)
      return [continueWith(endToken, candidates.endLogProbabilities[row] ?? -Infinity)];
    const refused = this.refused(from);
    const start = row * candidates.count;
    const found: Continuation[] = [];
    for (let place = start; place < start + candidates.count; place++) {
      const token = candidates.tokens[place] ?? endToken;
      const change = candidates.logProbabilities[place] ?? -Infinity;
      if (change > -Infinity && !refused.has(token)) found.push(continueWith(token, change));
    }
    return found;
  }

  private refused({ tokens }: Live): ReadonlySet<number> {
    return tokensNotAllowed(tokens, this.settings.endToken, this.settings);
  }

  private end(
    tokens: readonly number[],
    logProbability: number,
    coverage: number,
    finish: Hypothesis['finish'],
  ): void {
    const { lengthPenalty, coveragePenalty } = this.settings;
    const length = tokens.length + (finish === 'end' ? 1 : 0);
    const penalty = coveragePenalty === 0 ? 0 : coveragePenalty * coverage;
    const score = logProbability / lengthDivisor(length, lengthPenalty) + penalty;
    const place = this.ended.findIndex((other) => other.score < score);
    this.ended.splice(place < 0 ? this.ended.length : place, 0, { tokens, logProbability, score, finish });
    this.ended.length = Math.min(this.ended.length, this.size);
  }

  /** Whether nothing that is still written can change the results. */
  private isSettled(): boolean {
    if (this.live.length === 0) return true;
    if ((this.live[0]?.tokens.length ?? 0) >= this.settings.maxTokens) return true;
    if (this.ended.length < this.size) return false;
    if (this.settings.stopping === 'first') return true;
    const worst = this.ended.at(-1)?.score ?? -Infinity;
    return this.live.every((live) => this.bestPossible(live) <= worst);
  }

  /** Further tokens only lower the log-probability, and coverage never adds: so the largest divisor gives the bound. */
  private bestPossible({ tokens, logProbability }: Live): number {
    const { maxTokens, lengthPenalty } = this.settings;
    const divisors = [tokens.length + 1, maxTokens].map((length) => lengthDivisor(length, lengthPenalty));
    return logProbability / Math.max(...divisors);
  }
}
