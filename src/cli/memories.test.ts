import { describe, expect, it } from 'vitest';
import { memoriesOption } from './memories.js';

describe('memories on the command line', () => {
  it('are names with commas between', () => {
    expect(memoriesOption('attention, gru')).toEqual([
      { name: 'attention', memory: 'attention' },
      { name: 'gru', memory: 'gru' },
    ]);
  });

  it('may have options of their own, whose values are numbers, truth values or words', () => {
    expect(memoriesOption('delta-net:keySize=8:gated=false,gru:reset=before')).toEqual([
      { name: 'delta-net:keySize=8:gated=false', memory: { kind: 'delta-net', keySize: 8, gated: false } },
      { name: 'gru:reset=before', memory: { kind: 'gru', reset: 'before' } },
    ]);
  });

  it('may differ from block to block', () => {
    expect(memoriesOption('sliding-window:window=4+gru')).toEqual([
      { name: 'sliding-window:window=4+gru', memory: [{ kind: 'sliding-window', window: 4 }, 'gru'] },
    ]);
  });

  it('are refused with an example when something is missing', () => {
    expect(() => memoriesOption('gru,')).toThrow(/no name.*attention,gru/);
    expect(() => memoriesOption('gru:layers')).toThrow(/"layers" is no option/);
    expect(() => memoriesOption('gru:layers=')).toThrow(/is no option/);
  });
});
