// Filters of the scores of the next token: each takes a row of logits and returns a new one. Knows nothing of models or of drawing.

/** A logit for each token id; -Infinity for ids that are ruled out. */
export type Scores = Float64Array;

/**
 * Makes ids less likely that the text already has: a positive logit is divided by `penalty`, a negative one multiplied.
 * Each id counts once, however often it occurs.
 * @param penalty above 1 discourages, below 1 encourages
 * Source: Keskar et al. 2019 (CTRL), section 4.1, with negative logits treated as in Hugging Face.
 */
export function penalizeRepetition(scores: Scores, seen: ReadonlySet<number>, penalty: number): Scores {
  const penalized = scores.slice();
  for (const id of seen) {
    const score = scores[id] ?? 0;
    penalized[id] = score < 0 ? score * penalty : score / penalty;
  }
  return penalized;
}

/**
 * Divides by a positive temperature: below 1 the likely become likelier, above 1 all become more alike.
 * The largest becomes 0 before, which changes no probability, so that no temperature is too small.
 */
export function applyTemperature(scores: Scores, temperature: number): Scores {
  const largest = largestOf(scores);
  return scores.map((score) => (score - largest) / temperature);
}

/** Keeps the `k` most likely ids; of equally likely ones the lower. Source: Fan et al. 2018, section 5.1. */
export function keepTopK(scores: Scores, k: number): Scores {
  if (k >= scores.length) return scores;
  const smallestKept = scores.toSorted()[scores.length - k] ?? -Infinity;
  let equalKept = k - scores.reduce((larger, score) => larger + Number(score > smallestKept), 0);
  return scores.map((score) => {
    const kept = score > smallestKept || (score === smallestKept && equalKept-- > 0);
    return kept ? score : -Infinity;
  });
}

/**
 * Keeps the smallest set of most likely ids whose probabilities add up to at least `p`; of equally likely ones the lower.
 * Source: Holtzman et al. 2020, section 3.1.
 */
export function keepTopP(scores: Scores, p: number): Scores {
  if (p >= 1) return scores;
  const probabilities = softmax(scores).sort().reverse();
  let count = 0;
  for (let mass = 0; mass < p && count < probabilities.length; count++) mass += probabilities[count] ?? 0;
  return keepTopK(scores, count);
}

/** Keeps ids at least `p` times as likely as the most likely one. Source: Nguyen et al. 2024, section 3. */
export function keepMinP(scores: Scores, p: number): Scores {
  const smallestKept = largestOf(scores) + Math.log(p);
  return scores.map((score) => (score >= smallestKept ? score : -Infinity));
}

/** exp(score) / sum(exp(scores)). */
export function softmax(scores: Scores): Float64Array {
  const largest = largestOf(scores);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

function largestOf(scores: Scores): number {
  return scores.reduce((largest, score) => Math.max(largest, score), -Infinity);
}
