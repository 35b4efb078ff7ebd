// Reads the small part of Markdown that answers use: paragraphs, headings, lists, quotations, code. Gives plain data.
import type { Inline } from './inline.js';
import { parseInline } from './inline.js';

export type Block =
  | { readonly kind: 'paragraph'; readonly parts: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly parts: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quotation'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'list';
      readonly start: number | undefined;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly kind: 'rule' };

const fence = /^ {0,3}(`{3,}|~{3,})\s*([^`]*?)\s*$/;
const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const bullet = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)(.*)$/;
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quotation = /^ {0,3}> ?(.*)$/;
const maxDepth = 8;

type Read = { readonly block: Block; readonly lines: number };

function readCode(lines: readonly string[], mark: string, language: string): Read {
  const closing = new RegExp(`^ {0,3}${mark[0] ?? '`'}{${mark.length},}\\s*$`);
  const end = lines.findIndex((line, n) => n > 0 && closing.test(line));
  // A block that is not closed is still being written: it goes on to the end.
  const text = lines.slice(1, end === -1 ? undefined : end).join('\n');
  return { block: { kind: 'code', language, text }, lines: end === -1 ? lines.length : end + 1 };
}

function readQuotation(lines: readonly string[], depth: number): Read {
  const inner: string[] = [];
  for (const line of lines) {
    const match = quotation.exec(line);
    if (match === null) break;
    inner.push(match[1] ?? '');
  }
  return { block: { kind: 'quotation', blocks: parseBlocks(inner, depth + 1) }, lines: inner.length };
}

/** Whether two list items belong to one list. */
const sameKind = (a: string, b: string): boolean => /\d/.test(a) === /\d/.test(b);

function readList(lines: readonly string[], first: RegExpExecArray, depth: number): Read {
  const mark = first[2] ?? '-';
  const items: string[][] = [];
  let indent = 0;
  let at = 0;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const match = bullet.exec(line);
    const deep = line.length - line.trimStart().length >= indent;
    if (match !== null && !(items.length > 0 && deep) && sameKind(match[2] ?? '', mark) && !rule.test(line)) {
      indent = (match[1] ?? '').length + (match[2] ?? '').length + 1;
      items.push([match[4] ?? '']);
    } else if (line.trim() === '') {
      // A blank line ends the list unless what follows belongs to it.
      const next = lines[at + 1] ?? '';
      if (!/^\s{2,}\S/.test(next) && !(bullet.test(next) && sameKind(bullet.exec(next)?.[2] ?? '', mark)))
        break;
      items.at(-1)?.push('');
    } else if (deep) items.at(-1)?.push(line.slice(indent));
    else break;
  }
  const start = /\d/.test(mark) ? Number.parseInt(mark, 10) : undefined;
  return {
    block: { kind: 'list', start, items: items.map((item) => parseBlocks(item, depth + 1)) },
    lines: at,
  };
}

/** A block that begins with a sign of its own. */
function readSigned(lines: readonly string[], depth: number): Read | undefined {
  const line = lines[0] ?? '';
  const code = fence.exec(line);
  if (code !== null) return readCode(lines, code[1] ?? '```', code[2] ?? '');
  const title = heading.exec(line);
  if (title !== null) {
    const [, marks = '#', text = ''] = title;
    return { block: { kind: 'heading', level: marks.length, parts: parseInline(text) }, lines: 1 };
  }
  if (rule.test(line)) return { block: { kind: 'rule' }, lines: 1 };
  if (depth > maxDepth) return undefined;
  if (quotation.test(line)) return readQuotation(lines, depth);
  const item = bullet.exec(line);
  return item === null ? undefined : readList(lines, item, depth);
}

function parseBlocks(lines: readonly string[], depth: number): readonly Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', parts: parseInline(paragraph.join('\n')) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const read = line.trim() === '' ? undefined : readSigned(lines.slice(at), depth);
    if (read === undefined) {
      if (line.trim() === '') flush();
      else paragraph.push(line.replace(/^ {1,3}/, ''));
      at++;
    } else {
      flush();
      blocks.push(read.block);
      at += read.lines;
    }
  }
  flush();
  return blocks;
}

/** The blocks of a text, in order. Any text is valid; what is not understood is a paragraph. */
export function parseMarkdown(text: string): readonly Block[] {
  return parseBlocks(text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').split('\n'), 0);
}
