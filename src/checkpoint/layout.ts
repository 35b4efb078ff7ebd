// The names in a run folder. Knows nothing of what the files hold.
//
//   RUN/
//     config.json             what was built and how it is trained; `model` decides what the tensors mean
//     tokenizer.json          Hugging Face format
//     model.safetensors       the last checkpoint: parameters,
//     optimizer.safetensors   the optimizer's state, and what learns where the model is an average of it,
//     memory.safetensors      what the model remembers from batch to batch, where training carries it,
//     state.json              step, random state, data position
//     metrics.jsonl           one JSON object a line, appended
//     best/                   the checkpoint with the lowest validation loss, for using the model:
//       model.safetensors
//       state.json
//
// The files of checkpoints change together (replace-together.ts): the previous checkpoint is whole and in place
// until the new one is. Hidden names (`.lock.*`, `.mneme-next/`) are there only while something is being written.

/** Which of a run's checkpoints: the last, to continue training; the best, to use the model. */
export type Which = 'last' | 'best';

export const configFile = 'config.json';
export const tokenizerFile = 'tokenizer.json';
export const metricsFile = 'metrics.jsonl';
export const optimizerFile = 'optimizer.safetensors';
export const memoryFile = 'memory.safetensors';
export const lockFile = '.lock';

const prefix: Readonly<Record<Which, string>> = { last: '', best: 'best/' };

export function modelFile(which: Which): string {
  return `${prefix[which]}model.safetensors`;
}

export function stateFile(which: Which): string {
  return `${prefix[which]}state.json`;
}

/** Every name that a run gives to something lasting. */
export const runFiles: readonly string[] = [
  configFile,
  tokenizerFile,
  metricsFile,
  optimizerFile,
  memoryFile,
  modelFile('last'),
  stateFile('last'),
  modelFile('best'),
  stateFile('best'),
];
