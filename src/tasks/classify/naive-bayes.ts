// What naive Bayes says of each n-gram: how much more likely it is in texts of one class than in others. Knows no model.

/** Added to each count, so that nothing is impossible. */
const smoothing = 1;

/**
 * log p(n-gram | class) minus its mean over the classes, with p = (texts of the class that have it + 1) / (texts of the class + 2):
 * row-major [count + 1, classes]; row 0 stands for no n-gram and is 0. Source: Wang and Manning 2012, section 2 (their log-count
 * ratio r, for more than two classes).
 *
 * @param features numbers of the n-grams of each text, from 1 to `count`, each once
 * @param labels the class of each text
 */
export function logCountRatios(
  features: readonly Int32Array[],
  labels: ArrayLike<number>,
  { count, classes }: { readonly count: number; readonly classes: number },
): Float32Array {
  const present = new Float64Array((count + 1) * classes);
  const texts = new Float64Array(classes);
  features.forEach((numbers, i) => {
    const label = labels[i] ?? 0;
    texts[label] = (texts[label] ?? 0) + 1;
    for (const number of numbers)
      present[number * classes + label] = (present[number * classes + label] ?? 0) + 1;
  });
  const ratios = new Float32Array(present.length);
  for (let number = 1; number <= count; number++) {
    const logs = Array.from(texts, (total, label) =>
      Math.log(((present[number * classes + label] ?? 0) + smoothing) / (total + 2 * smoothing)),
    );
    const mean = logs.reduce((sum, value) => sum + value, 0) / classes;
    ratios.set(
      logs.map((value) => value - mean),
      number * classes,
    );
  }
  return ratios;
}
