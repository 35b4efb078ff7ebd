import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, isChineseId, isLuhn } from './redact.js';

const redact = createRedactor();

/** Card numbers are the published test numbers of their brands; the identity numbers are the standard's own example. */
const personal: readonly (readonly [string, string])[] = [
  ['Write to ann.lee+x@mail.example.org, please.', 'Write to [email], please.'],
  ['我的邮箱是wang@例子.中国。', '我的邮箱是[email]。'],
  ['Call +86 138 0013 8000 tonight', 'Call [phone] tonight'],
  ['我的手机号是13800138000。', '我的手机号是[phone]。'],
  ['电话：0086-13912345678', '电话：[phone]'],
  ['办公室 010-62781234', '办公室 [phone]'],
  ['My number is (415) 555-2671.', 'My number is [phone].'],
  ['Ring 415-555-2671 or +44 20 7946 0958.', 'Ring [phone] or [phone].'],
  ['身份证11010519491231002X', '身份证[id-card]'],
  ['card 4111 1111 1111 1111 expires soon', 'card [bank-card] expires soon'],
  ['Amex 3782 822463 10005', 'Amex [bank-card]'],
  ['银联卡号6250941006528599', '银联卡号[bank-card]'],
  ['server at 192.168.10.254.', 'server at [ip].'],
  ['ping 2001:db8::8a2e:370:7334 now', 'ping [ip] now'],
  ['use sk-abcdefghijklmnop1234 and AKIAIOSFODNN7EXAMPLE', 'use [key] and [key]'],
  ['token ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'token [key]'],
  ['my password is hunter2hunter2', 'my password is [key]'],
  ['API_KEY="a1b2c3d4e5f6"', 'API_KEY="[key]"'],
  ['我的密码是hunter2hunter2，别告诉别人', '我的密码是[key]，别告诉别人'],
  ['密码：abc12345', '密码：[key]'],
  ['我的密碼是hunter2hunter2，別告訴別人', '我的密碼是[key]，別告訴別人'],
  ['password: hunter2', 'password: [key]'],
  ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [key]'],
  ['token=abc123def456', 'token=[key]'],
  ['邮箱zhangsan@qq.com谢谢', '邮箱[email]谢谢'],
  ["ann.o'neil@example.co.uk", '[email]'],
  ['ann＠example.com', '[email]'],
  ['１３８００１３８０００', '[phone]'],
  ['(+86)13800138000', '[phone]'],
  ['8613800138000', '[phone]'],
  ['138.0013.8000', '[phone]'],
  ['（010）62781234', '[phone]'],
  ['010 62781234', '[phone]'],
  ['1-415-555-2671', '[phone]'],
  ['020 7946 0958', '[phone]'],
  ['07700 900123', '[phone]'],
  ['１１０１０５１９４９１２３１００２Ｘ', '[id-card]'],
  ['110105 19491231 002X', '[id-card]'],
];

const ordinary: readonly string[] = [
  'I was born in 1984 and have 3 cats.',
  'The order number is 4111 1111 1111 1112.',
  '110105194912310021 fails its check digit',
  'version 1.2.3.400 of the tool',
  'The train leaves at 10:30:15.',
  'the ratio is 3:2',
  'It cost 1,250,000 euros on 2023-05-08.',
  'ISBN 978-3-16-148410-0',
  'Ask @ann about it.',
  'My password is hard to remember.',
  '今天是2023年5月8日，气温12.5度',
  'std::vector and a::b',
  '编号A13800138000B',
  '¥13800138000.00',
  'version 1.2.3.4 and section 4.1.1.2',
  'version 1.234.567.8901',
  'order 6222 0212 3456 7890 123',
  'IMEI 490154203237518',
  'sk-learn-contributions-are-great',
  'UUID 550e8400-e29b-41d4-a716-446655440000',
  'The token 12345678 was taken.',
];

describe('personal data is replaced', () => {
  test.each(personal)('%s', (text, expected) => expect(redact(text).text).toBe(expected));
});
describe('what only looks like it stays', () => {
  test.each(ordinary)('%s', (text) => expect(redact(text)).toEqual({ text, counts: {} }));
});

test('what was replaced is counted', () => {
  expect(redact('a@b.org c@d.org 13800138000').counts).toEqual({ email: 2, phone: 1 });
});

test('only the kinds asked for are replaced', () => {
  expect(createRedactor(['email'])('a@b.org 13800138000').text).toBe('[email] 13800138000');
});

test('checksums', () => {
  expect(['4111111111111111', '79927398713', '5555 5555 5555 4444'].map(isLuhn)).toEqual([true, true, true]);
  expect(['4111111111111112', '79927398710'].map(isLuhn)).toEqual([false, false]);
  expect(['11010519491231002X', '440524188001010014'].map(isChineseId)).toEqual([true, true]);
  expect(['110105194912310021', '11010519491331002X'].map(isChineseId)).toEqual([false, false]);
});

test('no text breaks it, and none grows personal data', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const once = redact(text).text;
      expect(redact(once).counts).toEqual({});
    }),
    { numRuns: 200 },
  );
});
