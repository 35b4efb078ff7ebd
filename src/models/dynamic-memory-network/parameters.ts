// First values of the parts that both dynamic memory networks are made of. Knows nothing of what the parts compute.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Cell, CellParameters } from '../../memory/recurrent-cell.js';
import { initialize } from '../../nn/initializers.js';
import { Linear } from '../../nn/linear.js';

/** `xavier-uniform` of one gate, whose columns stand beside those of others. */
const glorot = (inputs: number, outputs: number): { readonly uniform: number } => ({
  uniform: Math.sqrt(6 / (inputs + outputs)),
});

/** Weights of a recurrent cell, each gate as a matrix of its own; biases 0. */
export function initCell(
  cell: Cell,
  inputSize: number,
  width: number,
  random: Random,
): CellParameters<TensorData> {
  const columns = cell.gates.length * width;
  return {
    inputWeight: initialize(glorot(inputSize, width), [inputSize, columns], random.split('inputWeight')),
    hiddenWeight: initialize(glorot(width, width), [width, columns], random.split('hiddenWeight')),
    inputBias: initialize('zeros', [columns], random),
    hiddenBias: initialize('zeros', [columns], random),
  };
}

/** A linear layer with the same first weights. */
export function linear(inputSize: number, outputSize: number, bias = true): Linear {
  return new Linear({ inputSize, outputSize, bias, weightInitializer: 'xavier-uniform' });
}

/** Vectors of words, uniform with variance 1, as in Xiong et al. 2016, section 4. */
export function initWords(
  vocabularySize: number,
  width: number,
  random: Random,
): { readonly weight: TensorData } {
  return { weight: initialize({ uniform: Math.sqrt(3) }, [vocabularySize, width], random) };
}
