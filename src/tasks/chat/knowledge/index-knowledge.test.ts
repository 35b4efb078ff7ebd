import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '../../../archive/index.js';
import { openArchive, openPgliteInMemory } from '../../../archive/index.js';
import { containedFolder } from '../../../core/contained-files.node.js';
import { stubGenerator } from '../../../testing/stub-generator.js';
import type { ChatEvent } from '../events.js';
import type { Generator } from '../generator.js';
import { extractiveGenerator } from '../generators/extractive.js';
import { openConversation } from '../open-conversation.js';
import { indexKnowledge } from './index-knowledge.js';
import { findPassages } from './passages.js';

let archive: Archive;
let outside = '';
let folder = '';
beforeAll(async () => {
  archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
});
afterAll(() => archive.close());
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'mneme-knowledge-'));
  folder = join(outside, 'docs');
  mkdirSync(folder);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(folder, name), content);
const index = async (): ReturnType<typeof indexKnowledge> =>
  indexKnowledge(archive, await containedFolder(folder));
const titles = async (user: string): Promise<string[]> =>
  (await archive.documents(user)).map(({ title }) => title);

/** A PDF with one line of Helvetica on each page. */
function pdf(...pages: readonly string[]): Uint8Array {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, i) => {
      const content = `BT /F1 12 Tf 72 700 Td (${text}) Tj ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return new TextEncoder().encode(
    `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
  );
}

const faq = `# Shop

## Returns

You can return an item within 30 days.

\`\`\`sh
# not a heading
\`\`\`

## 退货

收到商品后七天内可以无理由退货。
`;

describe('documents of a folder', () => {
  it('are read in every format, section by section', async () => {
    write('faq.md', faq);
    write('hours.txt', 'We are open from nine to five.');
    write(
      'about.html',
      '<head><title>x</title></head><h1>About</h1><p>Founded in <b>1987</b>.<script>evil()</script><p>By Ann.',
    );
    write('manual.pdf', pdf('Hold the red button for ten seconds.', 'The warranty lasts two years.'));
    write('latin.txt', Uint8Array.from([0x43, 0x61, 0x66, 0xe9, 0x20, 0x6e, 0x6f, 0x69, 0x72]));
    write('picture.png', 'not read');
    const { user, report } = await index();
    expect(report).toEqual({ files: 5, added: 7, unchanged: 0, removed: 0, skipped: [] });
    expect(await titles(user)).toEqual([
      'about.html › About',
      'faq.md › Shop / Returns',
      'faq.md › Shop / 退货',
      'hours.txt',
      'latin.txt',
      'manual.pdf › p. 1',
      'manual.pdf › p. 2',
    ]);
    const found = async (question: string): Promise<string> => {
      const { sources, areEnough } = await findPassages(archive, { user }, question);
      return areEnough ? (sources[0]?.text ?? '') : '';
    };
    expect(await found('How long is the warranty?')).toContain('two years');
    expect(await found('When was it founded?')).toBe('About\n\nFounded in 1987.\nBy Ann.');
    expect(await found('退货要几天？')).toContain('七天内');
    expect(await found('Café noir?')).toBe('Café noir');
    expect(await found('Which planets have rings?')).toBe('');
    expect(await found('木星有多少卫星？')).toBe('');
  });

  it('are written again only where they changed, and leave with their files', async () => {
    write('faq.md', faq);
    write('old.txt', 'Fax us at 555.');
    const { user } = await index();
    const before = await archive.documents(user);
    write('faq.md', faq.replace('30 days', '60 days'));
    rmSync(join(folder, 'old.txt'));
    expect((await index()).report).toMatchObject({ files: 1, added: 1, unchanged: 1, removed: 2 });
    const kept = (await archive.documents(user)).filter(({ document }) =>
      before.some((one) => one.document === document),
    );
    expect(kept.map(({ title }) => title)).toEqual(['faq.md › Shop / 退货']);
    expect((await archive.recall('fax', { user })).map(({ item }) => item.text)).toEqual([]);
    expect((await index()).report).toMatchObject({ added: 0, unchanged: 2, removed: 0 });
  });

  it('come from the folder alone: no link, no hidden file, nothing beside it', async () => {
    writeFileSync(join(outside, 'secret.txt'), 'The password is swordfish.');
    mkdirSync(join(outside, 'private'));
    writeFileSync(join(outside, 'private', 'key.md'), 'swordfish too');
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
    symlinkSync(join(outside, 'private'), join(folder, 'linked'));
    symlinkSync(folder, join(folder, 'loop'));
    write('.hidden.txt', 'swordfish');
    write('a..%2f..%2fsecret.txt', 'Only a strange name.');
    write('new\nline.txt', 'Another strange name.');
    const { user, report } = await index();
    expect(report).toMatchObject({ files: 2, skipped: [] });
    expect(await titles(user)).toEqual(['a..%2f..%2fsecret.txt', 'new line.txt']);
    expect(await archive.recall('password swordfish', { user })).toEqual([]);
  });

  it('are not read through a file that became a link meanwhile', async () => {
    writeFileSync(join(outside, 'secret.txt'), 'swordfish');
    write('a.txt', 'harmless');
    for await (const file of (await containedFolder(folder)).files()) {
      rmSync(join(folder, 'a.txt'));
      symlinkSync(join(outside, 'secret.txt'), join(folder, 'a.txt'));
      await expect(file.read(100)).rejects.toMatchObject({ code: 'storage' });
    }
  });

  it('are passed over with a reason when they cannot be read', async () => {
    write('good.md', 'All is well.');
    write('broken.pdf', '%PDF-1.4 and nothing more');
    write('empty.html', '<script>only()</script>');
    const { report } = await index();
    expect(report.files).toBe(1);
    expect(report.skipped.map(({ file }) => file)).toEqual(['broken.pdf', 'empty.html']);
    rmSync(join(folder, 'good.md'));
    await expect(index()).rejects.toThrow(/no document that can be read.*empty.html.*has no text/s);
    await expect(containedFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'storage' });
  });
});

describe('a conversation with documents', () => {
  async function ask(generator: Generator, question: string): Promise<Extract<ChatEvent, { kind: 'done' }>> {
    write('faq.md', faq);
    const knowledge = await index();
    const chat = await openConversation({
      archive,
      generator,
      user: 'customer',
      session: question,
      knowledge,
    });
    for await (const event of chat.send(question)) if (event.kind === 'done') return event;
    throw new Error('It never ended.');
  }

  it('answers without a model, in sentences of the documents with citations', async () => {
    const done = await ask(extractiveGenerator(), 'How many days do I have to return an item?');
    expect(done.turn?.text).toBe('You can return an item within 30 days. [1]');
    expect(done.citations).toEqual([{ number: 1, file: 'faq.md', place: 'Shop / Returns' }]);
    const chinese = await ask(extractiveGenerator(), '退货期限是几天？');
    expect(chinese.turn?.text).toBe('收到商品后七天内可以无理由退货。 [1]');
  });

  it('gives a model the passages, and knows what its answer cites', async () => {
    const generator = stubGenerator({ answer: 'Within 30 days [1], not [7].' });
    const done = await ask(generator, 'Can I return an item?');
    expect(generator.calls[0]?.[0]?.content).toContain('[1] faq.md, Shop / Returns:');
    expect(done.citations.map(({ number }) => number)).toEqual([1]);
  });

  it('says that something is not in the documents, and asks no model then', async () => {
    const generator = stubGenerator();
    const done = await ask(generator, 'Do you sell bicycles in Norway?');
    expect(done).toMatchObject({ finish: 'not-in-documents', citations: [] });
    expect(done.turn?.text).toBe('That is not in the documents.');
    expect((await ask(generator, '你们在挪威卖自行车吗？')).turn?.text).toBe('文档里没有提到。');
    expect((await ask(generator, 'Do you sell bicycles in Norway?')).finish).toBe('not-in-documents');
    expect(generator.calls).toEqual([]);
    expect((await ask(generator, 'Thank you, that helped.')).finish).toBe('end');
  });
});
