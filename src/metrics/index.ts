// The metrics. Pure functions of numbers and texts; knows nothing of models.
export { bitsPerByte, perplexity } from './perplexity.js';
