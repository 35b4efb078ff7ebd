import { expect, test } from 'vitest';
import { CallParts, readChunk } from './endpoint-chunk.js';

const broken = (what: string): Error => new Error(what);
const callsOf = (...chunks: readonly object[]) => {
  const parts = new CallParts();
  for (const delta of chunks) parts.add(readChunk(JSON.stringify({ choices: [{ delta }] }), broken).calls);
  return parts.calls;
};

test('calls are put together by their index, whatever order their parts come in', () => {
  const [one, two] = [
    { index: 1, id: 'b', function: { name: 'two', arguments: '{}' } },
    { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
  ];
  expect(
    callsOf(
      { tool_calls: [one] },
      { tool_calls: [two] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ),
  ).toEqual([
    { id: 'a', name: 'one', arguments: '{"x":1}' },
    { id: 'b', name: 'two', arguments: '{}' },
  ]);
});

test('calls without an index, or without an id, are told apart all the same', () => {
  const call = (id: string) => ({ id, function: { name: id, arguments: '{}' } });
  expect(
    callsOf({ tool_calls: [call('a'), call('b')] }, { tool_calls: [{ function: { arguments: '!' } }] }),
  ).toEqual([
    { id: 'a', name: 'a', arguments: '{}' },
    { id: 'b', name: 'b', arguments: '{}!' },
  ]);
  const [nameless] = callsOf({ tool_calls: [{ function: { name: 'clock', arguments: '{}' } }] });
  expect(nameless).toMatchObject({ id: expect.stringMatching(/^call_/), name: 'clock' });
});

test('a message of nothing but calls has no text', () => {
  const chunk = readChunk('{"choices":[{"message":{"content":null},"finish_reason":"tool_calls"}]}', broken);
  expect(chunk).toEqual({ text: '', calls: [], end: 'end' });
});
