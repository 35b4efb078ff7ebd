// Reads emphasis, code and links within a paragraph of Markdown. Gives plain data: what shows it escapes all text.

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong'; readonly parts: readonly Inline[] }
  | { readonly kind: 'emphasis'; readonly parts: readonly Inline[] }
  | { readonly kind: 'struck'; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly address: string; readonly parts: readonly Inline[] };

/** Only addresses of the web become links; anything else, such as `javascript:`, stays text. */
export function isSafeAddress(address: string): boolean {
  if (!/^https?:\/\//i.test(address)) return false;
  return URL.canParse(address);
}

interface Rule {
  readonly pattern: RegExp;
  readonly read: (match: RegExpMatchArray, depth: number) => Inline | undefined;
}

const maxDepth = 6;
const parts = (text: string, depth: number): readonly Inline[] => parseInline(text, depth + 1);

/** The first that matches at a place wins. */
const rules: readonly Rule[] = [
  { pattern: /^\\([\\`*_{}[\]()#+\-.!~>|])/, read: ([, text = '']) => ({ kind: 'text', text }) },
  {
    pattern: /^\*\*(?=\S)((?:[^*]|\*(?!\*)){1,2000}?)(?<=\S)\*\*/,
    read: ([, text = ''], depth) => ({ kind: 'strong', parts: parts(text, depth) }),
  },
  {
    pattern: /^\*(?=[^\s*])((?:[^*]|\*\*[^*]{1,2000}\*\*){1,2000}?)(?<=\S)\*(?!\*)/,
    read: ([, text = ''], depth) => ({ kind: 'emphasis', parts: parts(text, depth) }),
  },
  {
    pattern: /^~~(?=\S)([^~]{1,2000}?)(?<=\S)~~/,
    read: ([, text = ''], depth) => ({ kind: 'struck', parts: parts(text, depth) }),
  },
  {
    pattern: /^\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)/,
    read: ([, text = '', address = ''], depth) =>
      isSafeAddress(address) ? { kind: 'link', address, parts: parts(text, depth) } : undefined,
  },
  {
    pattern: /^https?:\/\/[^\s<>()"'，。；：！？、）】」]*[^\s<>()"'.,;:!?，。；：！？、）】」]/i,
    read: ([address]) =>
      isSafeAddress(address)
        ? { kind: 'link', address, parts: [{ kind: 'text', text: address }] }
        : undefined,
  },
  { pattern: /^(?: {2,}|\\)?\n/, read: () => ({ kind: 'break' }) },
];

/** Where something other than text may begin. */
const special = /[\\`*_~[\n]| {2,}\n|https?:\/\//iy;

/** Code between equally long runs of backticks. */
function codeSpan(text: string): readonly [Inline, number] | undefined {
  const mark = /^`+/.exec(text)?.[0] ?? '';
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    if (index === 0 || run.length !== mark.length) continue;
    const inner = text.slice(mark.length, index);
    const bare = /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner;
    return [{ kind: 'code', text: bare }, index + run.length];
  }
  return undefined;
}

/** `_word_` counts as emphasis only between spaces or signs, so that names_like_this stay whole. */
function underscored(text: string, before: string, depth: number): readonly [Inline, number] | undefined {
  if (/[\p{L}\p{N}]$/u.test(before)) return undefined;
  const match = /^(_{1,2})(?=[^\s_])([^_]{1,2000}?)(?<=\S)\1(?![\p{L}\p{N}_])/u.exec(text);
  if (match === null) return undefined;
  const [whole, mark = '', inner = ''] = match;
  return [{ kind: mark === '__' ? 'strong' : 'emphasis', parts: parts(inner, depth) }, whole.length];
}

function readAt(text: string, at: number, depth: number): readonly [Inline, number] | undefined {
  const rest = text.slice(at);
  if (rest.startsWith('`')) return codeSpan(rest);
  if (rest.startsWith('_')) return underscored(rest, text.slice(Math.max(0, at - 2), at), depth);
  for (const { pattern, read } of rules) {
    const match = pattern.exec(rest);
    const inline = match === null ? undefined : read(match, depth);
    if (match !== null && inline !== undefined) return [inline, match[0].length];
  }
  return undefined;
}

/** The parts of a paragraph, in order. What is not Markdown stays as it was written. */
export function parseInline(text: string, depth = 0): readonly Inline[] {
  if (depth > maxDepth) return [{ kind: 'text', text }];
  const found: Inline[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length;) {
    special.lastIndex = at;
    const result = special.test(text) ? readAt(text, at, depth) : undefined;
    if (result === undefined) {
      plain += text[at++];
      continue;
    }
    const [inline, length] = result;
    if (inline.kind === 'text') plain += inline.text;
    else {
      flush();
      found.push(inline);
    }
    at += length;
  }
  flush();
  return found;
}
