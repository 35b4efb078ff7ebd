// The public names of the engine: trace, differentiate, compile, run. Knows no layers and no models.
export type {
  CompiledProgram,
  CompileOptions,
  Results,
  Signature,
  StepResult,
  Symbolic,
  Values,
} from './compile.js';
export { buildProgram, compile, evaluateOnce, Executable } from './compile.js';
export { customGradient } from './custom-gradient.js';
export { grad, gradients, pullback, valueAndGrad } from './grad.js';
export type { Graph, Node, Op, TensorType } from './graph.js';
export { formatType, Tensor, withScope } from './graph.js';
export { isObserved, observe, observing } from './observe.js';
export * from './ops/index.js';
export { optimize } from './optimize.js';
export { ReferenceRuntime } from './runtime/reference-runtime.js';
export type { DeviceState, Program, Runtime, RunOptions, Session, Traffic } from './runtime/runtime.js';
export type { Traced } from './trace.js';
export { float32, int32, trace, Type, typesOf } from './trace.js';
