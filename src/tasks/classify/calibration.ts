// Probabilities that mean what they say: temperature scaling, and the error of calibration. Knows no model.

/** Logits of one text after another, [texts, classes] in one array, and the class of each. */
export interface ScoredTexts {
  readonly logits: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** softmax(logits / temperature). */
export function probabilities(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const scaled = Float64Array.from(Array.from(logits), (logit) => logit / temperature);
  const highest = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = scaled.map((value) => Math.exp(value - highest));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / total);
}

/** Bounds of 1 / temperature. The upper one holds where every answer is right, and the likelihood has no maximum. */
const [leastSharp, sharpest] = [0.02, 4];
const halvings = 60;

/**
 * The temperature with the lowest mean negative log-likelihood. That is convex in b = 1 / temperature, with the derivative
 * mean(sum_k p_k z_k - z_label), whose zero is found by bisection. Source: Guo et al. 2017, section 4.2.
 */
export function fitTemperature(scored: ScoredTexts): number {
  let [low, high] = [leastSharp, sharpest];
  for (let i = 0; i < halvings; i++) {
    const middle = Math.sqrt(low * high);
    if (slopeAt(scored, middle) > 0) high = middle;
    else low = middle;
  }
  return 1 / Math.sqrt(low * high);
}

function slopeAt({ logits, labels, classes }: ScoredTexts, sharpness: number): number {
  let slope = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = logits.subarray(i * classes, (i + 1) * classes);
    const expected = probabilities(own, 1 / sharpness).reduce((sum, p, k) => sum + p * (own[k] ?? 0), 0);
    slope += expected - (own[labels[i] ?? 0] ?? 0);
  }
  return slope / labels.length;
}

/** Mean negative log-likelihood in nats. */
export function negativeLogLikelihood({ logits, labels, classes }: ScoredTexts, temperature = 1): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = probabilities(logits.subarray(i * classes, (i + 1) * classes), temperature);
    total -= Math.log(own[labels[i] ?? 0] ?? 0);
  }
  return total / labels.length;
}

/**
 * Expected calibration error: mean |accuracy - confidence| over bins of equal width of the confidence, weighted by how many
 * predictions fall into each. Source: Guo et al. 2017, section 2, with 15 bins.
 */
export function expectedCalibrationError(scored: ScoredTexts, temperature = 1, bins = 15): number {
  const { logits, labels, classes } = scored;
  const gaps = new Float64Array(bins);
  for (let i = 0; i < labels.length; i++) {
    const own = probabilities(logits.subarray(i * classes, (i + 1) * classes), temperature);
    const confidence = own.reduce((a, b) => Math.max(a, b), 0);
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    const right = own.indexOf(confidence) === labels[i] ? 1 : 0;
    gaps[bin] = (gaps[bin] ?? 0) + right - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / labels.length;
}
