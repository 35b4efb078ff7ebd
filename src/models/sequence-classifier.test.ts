// The classifier of sequences: what stands behind the end of a sequence, any memory, learning, errors.
import { describe, expect, it } from 'vitest';
import { expectClose, expectStepLowers, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { mapTree } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant, placeholder, vector } from '../engine/ops/constant.js';
import { int32, placeholders, typesOf } from '../engine/trace.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { SequenceClassifier } from './sequence-classifier.js';

const sizes = { vocabularySize: 9, classes: 4, width: 8, heads: 2, maxLength: 16 };
const tokens = (shape: readonly number[], ...ids: number[]): TensorData =>
  new TensorData('int32', shape, Int32Array.from(ids));

describe.each(['lstm', 'gru', 'attention'])('SequenceClassifier over %s', (memory) => {
  const classifier = new SequenceClassifier({ ...sizes, memory });
  const parameters = classifier.init(Random.fromSeed(1));
  const symbolic = mapTree<typeof parameters, TensorData, ReturnType<typeof constant>>(parameters, constant);

  it.each(runtimes)('reads each sequence to its own end, on $name', async (runtime) => {
    const read = (ids: TensorData): Promise<{ readonly logits: TensorData }> =>
      evaluateOnce(runtime, (t) => ({ logits: classifier.read(symbolic, t) }), ids);
    const together = await read(tokens([2, 5], 1, 2, 3, 0, 0, 4, 5, 6, 7, 8));
    const [short, long] = [await read(tokens([1, 3], 1, 2, 3)), await read(tokens([1, 5], 4, 5, 6, 7, 8))];
    const apart = Float32Array.of(...short.logits.data, ...long.logits.data);
    expectClose(together.logits, new TensorData('float32', [2, 4], apart));
  });

  it('lowers its loss in one step', async () => {
    const ids = constant(tokens([2, 3], 1, 2, 0, 3, 4, 5));
    await expectStepLowers(
      parameters,
      (own) => crossEntropy(classifier.read(own, ids), vector([1, 2], 'int32')).loss,
    );
  });
});

describe('SequenceClassifier', () => {
  it('refuses other shapes, memories that there are not, and unknown options', () => {
    const classifier = new SequenceClassifier(sizes);
    const parameters = placeholders(typesOf(classifier.init(Random.fromSeed(1))), '');
    expect(() => classifier.read(parameters, placeholder(int32(2, 3, 4), 'x'))).toThrow(
      'it must be [batch, time]',
    );
    expect(() => new SequenceClassifier({ ...sizes, memory: 'lstn' })).toThrow('Did you mean "lstm"?');
    expect(() => new SequenceClassifier({ ...sizes, clases: 3 })).toThrow('Did you mean "classes"?');
  });
});
