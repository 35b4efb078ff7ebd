// What makes a candidate count more or less than its words and vectors say. Knows nothing of rankings.
import type { Analyzer } from '../analysis/analyzer.js';
import type { Candidate } from './candidate.js';
import type { Query } from './query.js';

/** Factors around 1, and the age as a share that halves every half year. */
export interface Weights {
  /** Above 1 for what was said by the person the question names. */
  readonly speaker: (candidate: Candidate) => number;
  /** Above 1 for facts: they say in few words what episodes say in passing, and have no turns around them. */
  readonly fact: (candidate: Candidate) => number;
  /** 1 for now, 1/2 for half a year ago. */
  readonly freshness: (candidate: Candidate) => number;
  /** Below 1 for what something newer contradicts, unless the question is about the past. */
  readonly validity: (candidate: Candidate) => number;
}

const namedSpeakerFactor = 1.4;
const factFactor = 3.5;
const halfLifeMs = 180 * 86_400_000;
const supersededFactor = 0.5;
const asksForPast =
  /\b(?:used to|formerly|previous(?:ly)?|before|back then|originally|earlier)\b|以前|之前|曾经|原来|过去/iu;

/** Speakers all of whose names' words stand in the question. */
function namedSpeakers(
  analyzer: Analyzer,
  query: Query,
  candidates: readonly Candidate[],
): ReadonlySet<string> {
  const speakers = new Set(candidates.flatMap(({ speaker }) => speaker ?? []));
  const named = [...speakers].filter((speaker) => {
    const terms = [...analyzer.analyze(speaker).terms.keys()];
    return terms.length > 0 && terms.every((term) => query.analysis.terms.has(term));
  });
  return new Set(named);
}

export function weightsFor(analyzer: Analyzer, query: Query, candidates: readonly Candidate[]): Weights {
  const named = namedSpeakers(analyzer, query, candidates);
  const pastIsAsked = asksForPast.test(query.text);
  return {
    speaker: ({ speaker }) => (speaker !== null && named.has(speaker) ? namedSpeakerFactor : 1),
    fact: ({ kind }) => (kind === 'fact' ? factFactor : 1),
    freshness: ({ occurredMs }) => 2 ** (-Math.max(0, query.at.getTime() - occurredMs) / halfLifeMs),
    validity: ({ superseded }) => (superseded && !pastIsAsked ? supersededFactor : 1),
  };
}
