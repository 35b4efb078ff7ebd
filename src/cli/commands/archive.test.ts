import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const store = mkdtempSync(`${tmpdir()}/mneme-archive-`);
afterAll(() => rmSync(store, { recursive: true, force: true }));

function mneme(...flags: string[]): Record<string, unknown> {
  const printed = execFileSync(process.execPath, [main, ...flags, '--store', store, '--json'], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as Record<string, unknown>;
}

function texts(found: Record<string, unknown>): string[] {
  return (found['results'] as { item: { text: string } }[]).map(({ item }) => item.text);
}

describe('mneme remember, recall and forget', () => {
  it('keep a text from one process to the next, and erase it for good', () => {
    expect(mneme('remember', 'My sister Anna lives in Lisbon.')['status']).toBe('stored');
    expect(mneme('remember', '我喜欢喝乌龙茶')['status']).toBe('stored');
    expect(texts(mneme('recall', 'Where does my sister live?')).join()).toContain('Lisbon');
    expect(texts(mneme('recall', '喝什么茶')).join()).toContain('乌龙茶');
    expect((mneme('forget', '--query', 'Lisbon')['ids'] as string[]).length).toBeGreaterThan(0);
    expect(texts(mneme('recall', 'Lisbon sister')).join()).not.toContain('Lisbon');
  });
});
