import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from './blocks.js';
import { parseMarkdown } from './blocks.js';
import type { Inline } from './inline.js';
import { isSafeAddress, parseInline } from './inline.js';

/** As HTML, to be read easily; the page itself never makes HTML from text. */
function inlineHtml(parts: readonly Inline[]): string {
  const tags = { strong: 'b', emphasis: 'i', struck: 's' } as const;
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'code') return `<code>${part.text}</code>`;
      if (part.kind === 'break') return '<br>';
      if (part.kind === 'link') return `<a ${part.address}>${inlineHtml(part.parts)}</a>`;
      return `<${tags[part.kind]}>${inlineHtml(part.parts)}</${tags[part.kind]}>`;
    })
    .join('');
}

function html(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.kind === 'paragraph') return `<p>${inlineHtml(block.parts)}</p>`;
      if (block.kind === 'heading') return `<h${block.level}>${inlineHtml(block.parts)}</h${block.level}>`;
      if (block.kind === 'code') return `<pre ${block.language}>${block.text}</pre>`;
      if (block.kind === 'rule') return '<hr>';
      if (block.kind === 'quotation') return `<quote>${html(block.blocks)}</quote>`;
      const tag = block.start === undefined ? 'ul' : `ol ${block.start}`;
      return `<${tag}>${block.items.map((item) => `<li>${html(item)}</li>`).join('')}</>`;
    })
    .join('');
}

describe('Markdown', () => {
  it.each([
    ['one\ntwo\n\nthree', '<p>one<br>two</p><p>three</p>'],
    ['# Title #\ntext', '<h1>Title</h1><p>text</p>'],
    ['a **bold *and* slanted** end', '<p>a <b>bold <i>and</i> slanted</b> end</p>'],
    ['**加粗**的字，~~删去~~', '<p><b>加粗</b>的字，<s>删去</s></p>'],
    ['snake_case_name and _slanted_', '<p>snake_case_name and <i>slanted</i></p>'],
    ['2 * 3 * 4 and a \\*star\\*', '<p>2 * 3 * 4 and a *star*</p>'],
    ['`a < b` and ``with ` tick``', '<p><code>a < b</code> and <code>with ` tick</code></p>'],
    ['```ts\nconst a = 1;\n\n- no list\n```\nafter', '<pre ts>const a = 1;\n\n- no list</pre><p>after</p>'],
    ['```\nstill being written', '<pre >still being written</pre>'],
    [
      '- one\n- two\n  - deep\n- three',
      '<ul><li><p>one</p></li><li><p>two</p><ul><li><p>deep</p></li></></li><li><p>three</p></li></>',
    ],
    ['3. c\n4. d', '<ol 3><li><p>c</p></li><li><p>d</p></li></>'],
    ['- a\n\n- b\n\nafter', '<ul><li><p>a</p></li><li><p>b</p></li></><p>after</p>'],
    ['> said\n> > twice', '<quote><p>said</p><quote><p>twice</p></quote></quote>'],
    ['a\n\n---\n\nb', '<p>a</p><hr><p>b</p>'],
    ['[docs](https://example.org/a?b=1)', '<p><a https://example.org/a?b=1>docs</a></p>'],
    ['见 https://example.org/路径。', '<p>见 <a https://example.org/路径>https://example.org/路径</a>。</p>'],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    ['[x](data:text/html,hello)', '<p>[x](data:text/html,hello)</p>'],
    ['<script>alert(1)</script>', '<p><script>alert(1)</script></p>'],
  ])('reads %j', (text, expected) => {
    expect(html(parseMarkdown(text))).toBe(expected);
  });

  it('links to the web alone', () => {
    for (const address of ['http://a', 'https://a.b/c', 'HTTPS://A'])
      expect(isSafeAddress(address), address).toBe(true);
    for (const address of ['javascript:x', ' https://a', '//a', 'file:///a', 'https://', 'vbscript:x'])
      expect(isSafeAddress(address), address).toBe(false);
  });

  it('keeps every text that has no signs of Markdown', () => {
    const plain = fc.stringMatching(/^[\p{L}\p{N} ,;:?]*$/u);
    fc.assert(fc.property(plain, (text) => inlineHtml(parseInline(text)) === text));
  });

  it('loses no letter of any text', () => {
    const signs = ['*', '_', '`', '[', '](', ')', '~~', '\n', '> ', '- ', '1. ', '#', ' ', '\\', 'x', 'x'];
    const letters = (text: string): number => text.split('x').length;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        return letters(html(parseMarkdown(text))) === letters(text);
      }),
      { numRuns: 500 },
    );
  });

  it('reads signs without end in a moment', () => {
    for (const sign of ['*', '**', '[', '`', '~~', '_', '> ', '- ']) {
      const text = sign.repeat(5000);
      expect(parseMarkdown(text).length).toBeGreaterThan(0);
    }
  });
});
