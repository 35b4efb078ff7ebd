// The READMEs: both languages show the same code, and the code does what they say.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = (name: string): string => readFileSync(`${root}/${name}`, 'utf8');

/** Code blocks of a Markdown text, with their language. */
function codeBlocks(text: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => `${match[1]}\n${match[2]}`);
}

/** Sections and tables of a Markdown text: how many of each. */
function outline(text: string): { sections: number; rows: number } {
  return { sections: text.match(/^## /gm)?.length ?? 0, rows: text.match(/^\|/gm)?.length ?? 0 };
}

describe('the READMEs', () => {
  const [english, chinese] = [readme('README.md'), readme('README.zh-CN.md')];

  it('show the same code and have the same sections and tables in both languages', () => {
    expect(codeBlocks(english).length).toBeGreaterThan(3);
    expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
    expect(outline(chinese)).toEqual(outline(english));
  });

  it('have an example that compiles and prints what it says', () => {
    const example = codeBlocks(english).find((block) => block.startsWith('ts\n'));
    const source = example?.slice(3) ?? '';
    expect(existsSync(`${root}/dist/index.js`), 'run `npm run build` first').toBe(true);
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', outputText], {
      cwd: root,
    });
    const promised = [...source.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1]);
    expect(promised.length).toBeGreaterThan(0);
    expect(printed.toString().trim().split('\n')).toEqual(promised);
  });

  it('name only files and presets that exist', () => {
    for (const [, target] of english.matchAll(/\]\(([^)#]+)\)/g)) {
      if (target?.startsWith('http')) continue;
      expect(existsSync(`${root}/${target}`), target).toBe(true);
    }
  });
});
