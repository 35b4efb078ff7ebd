import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChatTemplate, transcriptTemplate, writeChat } from './chat-template.js';

const system = { role: 'system', content: 'Be kind.' } as const;
const user = (content: string) => ({ role: 'user', content }) as const;
const assistant = (content: string) => ({ role: 'assistant', content }) as const;

it('writes a transcript that a base model can go on with', () => {
  const messages = [system, user('Hi'), assistant('Hello'), user('Why?')];
  expect(writeChat(messages, transcriptTemplate)).toBe(
    'Be kind.\n\nUser: Hi\nAssistant: Hello\nUser: Why?\nAssistant:',
  );
});

// The expected texts are those of the formats' own descriptions: ChatML, and Gemma, which has no system role.
it('writes formats in use', () => {
  const around = (name: string) => ({ prefix: `<|im_start|>${name}\n`, suffix: '<|im_end|>\n' });
  const chatml = parseChatTemplate({
    system: around('system'),
    user: around('user'),
    assistant: around('assistant'),
    stop: ['<|im_end|>'],
  });
  expect(writeChat([system, user('Hi')], chatml)).toBe(
    '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
  );
  const gemma = parseChatTemplate({
    begin: '<bos>',
    user: { prefix: '<start_of_turn>user\n', suffix: '<end_of_turn>\n' },
    assistant: { prefix: '<start_of_turn>model\n', suffix: '<end_of_turn>\n' },
    stop: ['<end_of_turn>'],
  });
  expect(writeChat([system, user('Hi'), assistant('Yes?'), user('No')], gemma)).toBe(
    '<bos><start_of_turn>user\nBe kind.\n\nHi<end_of_turn>\n<start_of_turn>model\nYes?<end_of_turn>\n' +
      '<start_of_turn>user\nNo<end_of_turn>\n<start_of_turn>model\n',
  );
});

it('loses nothing that was said, and grows only at its end', () => {
  const message = fc.record({
    role: fc.constantFrom('user' as const, 'assistant' as const),
    content: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(message), fc.array(message), (before, after) => {
      const whole = writeChat([...before, ...after], transcriptTemplate);
      const begun = writeChat(before, transcriptTemplate).slice(0, -'Assistant:'.length);
      expect(whole.startsWith(begun)).toBe(true);
      let at = 0;
      for (const { content } of [...before, ...after]) {
        at = whole.indexOf(content, at);
        expect(at).toBeGreaterThanOrEqual(0);
        at += content.length;
      }
    }),
  );
});

it.each([
  [{ user: {}, assistant: {}, stops: ['x'] }, 'unknown key "stops"'],
  [{ user: {}, assistant: {}, stop: [] }, 'stop'],
  [{ user: {}, assistant: {}, stop: [''] }, 'stop.0'],
  [{ user: { prefx: '' }, assistant: {}, stop: ['x'] }, 'Did you mean "prefix"'],
  [{ user: {}, stop: ['x'] }, 'assistant'],
])('says what is wrong with %j', (input, reason) => {
  expect(() => parseChatTemplate(input)).toThrow(reason);
});
