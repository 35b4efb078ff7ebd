// Replaces personal data in texts before they are stored: addresses, numbers with a checksum, keys. Knows nothing of names of people.

import { halfWidth } from '../half-width.js';
import { simplified } from '../simplified.js';

export const personalDataKinds = ['key', 'email', 'id-card', 'bank-card', 'phone', 'ip'] as const;
export type PersonalDataKind = (typeof personalDataKinds)[number];

export interface Redaction {
  readonly text: string;
  /** How many of each kind were replaced; kinds that did not occur are absent. */
  readonly counts: Readonly<Partial<Record<PersonalDataKind, number>>>;
}

export type Redactor = (text: string) => Redaction;

interface Rule {
  readonly kind: PersonalDataKind;
  readonly pattern: RegExp;
  readonly isMeant?: (found: string) => boolean;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Every second digit from the right doubled, digits summed: a multiple of 10. Source: ISO/IEC 7812-1, Luhn. */
export function isLuhn(number: string): boolean {
  let sum = 0;
  for (const [i, character] of [...digitsOf(number)].reverse().entries()) {
    const digit = Number(character) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Eighteen characters, the last a check sum modulo 11, with a real date of birth. Source: GB 11643-1999, ISO 7064 MOD 11-2. */
export function isChineseId(given: string): boolean {
  const text = given.replace(/[ -]/g, '');
  const sum = idWeights.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)];
  const born = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isDate = !Number.isNaN(born.getTime()) && born.getUTCDate() === Number(day);
  return isDate && '10X98765432'[sum % 11] === text[17]?.toUpperCase();
}

/** Lengths that brands have: 13 and 19 Visa, 14 Diners Club, 16 to 19 UnionPay and Maestro. Sixteen have most. */
function isCard(found: string): boolean {
  const digits = digitsOf(found);
  if (!isLuhn(digits)) return false;
  if (digits.length === 13) return digits.startsWith('4');
  if (digits.length === 14) return digits.startsWith('3');
  return digits.length >= 16;
}

const isIpV4 = (text: string): boolean => text.split('.').every((part) => Number(part) <= 255);
/** With a digit, and no time of day. */
const isIpV6 = (text: string): boolean =>
  URL.canParse(`http://[${text}]`) && !/^\d{1,2}(?::\d{2}){1,2}$/.test(text) && /\d/.test(text);

/** In order: what an earlier rule replaced, a later one does not see. */
const rules: readonly Rule[] = [
  { kind: 'key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g },
  { kind: 'key', pattern: /\b(?:sk|pk|rk)[-_](?=[A-Za-z_-]*\d)(?:[A-Za-z]+[-_])*[A-Za-z0-9_-]{16,}/g },
  {
    kind: 'key',
    pattern:
      /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,})/g,
  },
  { kind: 'key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}|\bxox[abprs]-[\w-]{10,}/g },
  { kind: 'key', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g },
  {
    kind: 'key',
    pattern:
      /(?<=(?<![A-Za-z])(?:api[_ -]?key|access[_ -]?(?:token|key)|secret(?:[_ -]?key)?|password|passwd|bearer|密码|口令|密钥)["']?\s*(?:is|[:=：是为]|)\s*["']?|(?<![A-Za-z])token["']?\s*[:=：]\s*["']?)(?![:=是为])(?=[^\s"',;，。]*\d)[^\s"',;，。]{6,}/gi,
  },
  {
    kind: 'email',
    pattern:
      /(?:(?!\p{Script=Han})[\p{L}\p{N}._%+'’-])+@(?:[\p{L}\p{N}-]+\.)+(?:(?:(?!\p{Script=Han})\p{L}){2,}|\p{Script=Han}{2,})/gu,
  },
  {
    kind: 'id-card',
    pattern: /(?<![\dA-Za-z])[1-9]\d{5}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dA-Za-z])/g,
    isMeant: isChineseId,
  },
  { kind: 'bank-card', pattern: /(?<![\d.-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)/g, isMeant: isLuhn },
  {
    kind: 'bank-card',
    pattern: /(?<![\d.-])[2-6]\d{3}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,4})?(?![\d.-]\d)(?!\d)/g,
    isMeant: isCard,
  },
  {
    kind: 'phone',
    pattern:
      /(?<!\d|\d[.,]|[¥￥$€£])(?:(?:\(\+86\)|(?:\+|00)?86)[ -]?)?1[3-9]\d[ .-]?\d{4}[ .-]?\d{4}(?![\dA-Za-z]|[.,]\d)/g,
  },
  {
    kind: 'phone',
    pattern: /(?<![\d+])\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5}(?!\d)/g,
    isMeant: (found) => digitsOf(found).length >= 8 && digitsOf(found).length <= 15,
  },
  {
    kind: 'phone',
    pattern:
      /(?<!\d|\d\.)(?:1[ -])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)|(?<!\d)(?:\(0\d{2,3}\) ?|0\d{2,3}[ -])[2-9]\d{6,7}(?!\d)|(?<!\d|\d[ -])0\d{2,4} \d{3,4} ?\d{3,4}(?![ -]?\d)/g,
  },
  {
    kind: 'ip',
    // What stands after "version" or "section" is none.
    pattern:
      /(?<![\d.]|\bv|\b(?:version|release|build|section|chapter|clause)[ :]|§ ?|版本号?[是为：: ]?|第)\d{1,3}(?:\.\d{1,3}){3}(?![\d.]\d)(?!\d)/gi,
    isMeant: isIpV4,
  },
  { kind: 'ip', pattern: /(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/gi, isMeant: isIpV6 },
];

/**
 * A redactor for some kinds of personal data, all of them by default. What is found becomes its kind in brackets.
 *
 * @example
 * createRedactor()('write to ann@example.org').text; // 'write to [email]'
 */
export function createRedactor(kinds: readonly PersonalDataKind[] = personalDataKinds): Redactor {
  const active = rules.filter(({ kind }) => kinds.includes(kind));
  return (text) => {
    const counts: Partial<Record<PersonalDataKind, number>> = {};
    let redacted = text;
    for (const { kind, pattern, isMeant } of active) {
      let [rest, end] = ['', 0];
      for (const { 0: found, index } of simplified(halfWidth(redacted)).matchAll(pattern)) {
        if (isMeant?.(found) === false) continue;
        counts[kind] = (counts[kind] ?? 0) + 1;
        rest += `${redacted.slice(end, index)}[${kind}]`;
        end = index + found.length;
      }
      redacted = rest + redacted.slice(end);
    }
    return { text: redacted, counts };
  };
}
