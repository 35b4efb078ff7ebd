import { describe, expect, it } from 'vitest';
import { graphOf, opCases } from '../../test/support/op-cases.js';
import { InternalError } from '../core/errors.js';
import { check } from './check.js';
import { pullback } from './grad.js';
import type { Graph, Tensor } from './graph.js';
import { makeNode, withScope } from './graph.js';
import { add, addOp, mul } from './ops/arithmetic.js';
import { placeholder } from './ops/constant.js';
import { scanOp } from './ops/scan.js';
import { at } from './ops/support.js';
import { tanhOp } from './ops/unary.js';
import { Type, float32 } from './trace.js';

const x = placeholder(float32(2, 3), 'x');
const row = placeholder(float32(3), 'row');

/** A graph of one node made without its shape rule. */
function made(op: Parameters<typeof makeNode>[0], inputs: readonly Tensor[], type: Type): Graph {
  return { inputs: [x, row], outputs: makeNode(op, inputs, {}, [type], 'layer').outputs };
}

describe('check', () => {
  it.each(opCases)('accepts what is traced, and its gradient: %s', (_, example) => {
    const { inputs, outputs } = graphOf(example);
    const cotangents = pullback(outputs, outputs, inputs).filter((tensor) => tensor !== undefined);
    const graph = { inputs, outputs: [...outputs, ...cotangents] };
    expect(() => check(graph)).not.toThrow();
  });

  it('refuses outputs of another type than the rule says', () => {
    const graph = made(addOp, [x, row], float32(2, 4));
    expect(() => check(graph, 'after a pass')).toThrow(InternalError);
    expect(() => check(graph, 'after a pass')).toThrow(
      'after a pass: add(float32[2, 3], float32[3]) of layer: has outputs float32[2, 4]; its rule says float32[2, 3].',
    );
  });

  it('refuses inputs that the shape rule refuses', () => {
    const other = placeholder(new Type('int32', [3]), 'other');
    const graph = made(addOp, [x, other], float32(2, 3));
    expect(() => check({ ...graph, inputs: [x, other] })).toThrow(
      'graph: add(float32[2, 3], int32[3]) of layer: its shape rule refuses it: add: got float32 and int32',
    );
  });

  it('refuses placeholders that are no inputs, inputs that occur twice, inputs that are computed', () => {
    const sum = withScope('layer', () => add(x, row));
    expect(() => check({ inputs: [x, row, sum], outputs: [sum] })).toThrow(
      'graph: an input is made by add; it must be a placeholder.',
    );
    expect(() => check({ inputs: [x], outputs: [sum] })).toThrow(
      'graph: input(): takes row, which is no input of this graph.',
    );
    expect(() => check({ inputs: [x, x, row], outputs: [sum] })).toThrow('graph: an input occurs twice.');
  });

  it('refuses ops that are not in the table', () => {
    const graph = made({ ...tanhOp, name: 'tanh' }, [x], float32(2, 3));
    expect(() => check(graph)).toThrow('graph: tanh(float32[2, 3]) of layer: the op is not in the table.');
  });

  it('refuses circles', () => {
    const inputs: Tensor[] = [x];
    const node = makeNode(tanhOp, inputs, {}, [float32(2, 3)], '');
    inputs[0] = at(node.outputs, 0);
    expect(() => check({ inputs: [x], outputs: node.outputs })).toThrow(
      'graph: tanh(float32[2, 3]): its input 0 is not made before it.',
    );
  });

  it('refuses loops whose body takes something from around it', () => {
    const [carry, slice] = [placeholder(float32(3), 'carry'), placeholder(float32(3), 'slice')];
    const body = { inputs: [carry, slice], outputs: [mul(add(carry, slice), row)] };
    const attributes = { body, carries: 1, sequences: 1, length: 2, reverse: false };
    const { outputs } = makeNode(scanOp, [row, x], attributes, [float32(3)], '');
    expect(() => check({ inputs: [x, row], outputs })).toThrow(
      'graph: scan(float32[3], float32[2, 3]).body: input(): takes row, which is no input of this graph.',
    );
  });
});
