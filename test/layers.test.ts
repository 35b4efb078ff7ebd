// Keeps the import table of CONTRIBUTING.md true: who may import whom, and no cycles.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** What each folder may import besides itself, and single files of folders above it that declare a contract. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ['core'],
  text: ['core'],
  metrics: ['core'],
  archive: ['core'],
  data: ['core', 'text'],
  nn: ['engine', 'core'],
  optim: ['engine', 'core'],
  checkpoint: ['engine', 'core'],
  memory: ['nn', 'engine', 'core'],
  models: ['memory', 'nn', 'engine', 'core'],
  generate: ['engine', 'core', 'memory/memory', 'nn/layer', 'text/tokenizer'],
  train: ['engine', 'optim', 'nn', 'data', 'checkpoint', 'metrics', 'core', 'text', 'models'],
  tasks: ['*'],
  server: ['*'],
  cli: ['*'],
  testing: ['*'],
  index: ['*'],
};

/** Files that may import Node's own modules; everything else runs in a browser too. */
const usesNode =
  /^(cli\/|server\/listen\.ts|engine\/runtime\/node|core\/files\.node\.ts|core\/.*\.node\.ts|archive\/store\/)/;

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  /** Path from `src`, such as `nn/linear.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
}

const importPattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const dynamicPattern = /import\(\s*'([^']+)'\s*\)/g;

function importsOf(text: string): Import[] {
  const fixed = [...text.matchAll(importPattern)].map((match) => ({
    target: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
  const lazy = [...text.matchAll(dynamicPattern)].map((match) => ({
    target: match[1] ?? '',
    typeOnly: false,
  }));
  return [...fixed, ...lazy];
}

function sourceFiles(): SourceFile[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
    .map((path) => ({ path, imports: importsOf(readFileSync(join(source, path), 'utf8')) }));
}

/** The imported file, as a path from `src`; `undefined` for packages. */
function resolved(file: SourceFile, target: string): string | undefined {
  if (target === '#files') return 'core/files.node.ts';
  if (!target.startsWith('.')) return undefined;
  return relative(source, resolve(source, dirname(file.path), target)).replace(/\.js$/, '.ts');
}

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : path.replace(/\.ts$/, '');
}

const files = sourceFiles();

describe('layers', () => {
  it('finds the sources and their imports', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(200);
  });

  it('imports only what the table allows', () => {
    const wrong = files.flatMap((file) => {
      const folder = folderOf(file.path);
      const may = allowed[folder] ?? [];
      return file.imports.flatMap(({ target }) => {
        const path = resolved(file, target);
        if (path === undefined || folderOf(path) === folder || may.includes('*')) return [];
        const fits = may.includes(folderOf(path)) || may.includes(path.replace(/\.ts$/, ''));
        return fits ? [] : [`${file.path} imports ${path}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('knows every folder', () => {
    const unknown = new Set(
      files.map((file) => folderOf(file.path)).filter((folder) => !(folder in allowed)),
    );
    expect([...unknown]).toEqual([]);
  });

  it('lets the page import nothing but types of the wire', () => {
    const page = fileURLToPath(new URL('../web/src', import.meta.url));
    const outside = (path: string, target: string): boolean =>
      target.startsWith('.') && relative(page, resolve(page, dirname(path), target)).startsWith('..');
    const imports = readdirSync(page, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:ts|svelte)$/.test(path))
      .flatMap((path) =>
        importsOf(readFileSync(join(page, path), 'utf8')).filter(({ target }) => outside(path, target)),
      );
    expect(imports.length).toBeGreaterThan(5);
    const wrong = imports.filter(
      ({ target, typeOnly }) => !typeOnly || !target.endsWith('/src/server/wire.js'),
    );
    expect(wrong).toEqual([]);
  });

  it('uses Node built-ins only where Node is meant', () => {
    const wrong = files.flatMap((file) =>
      usesNode.test(file.path)
        ? []
        : file.imports
            .filter(({ target }) => target.startsWith('node:'))
            .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  // Derivatives of ops are made of other ops, so the files of engine/ops are mutually recursive by nature
  // (docs/decisions/ops-are-mutually-recursive.md).
  it('has no cycles of values, but among the derivatives of ops', () => {
    const isOp = (path: string): boolean =>
      /^engine\/(ops\/|grad\.ts|substitute\.ts|custom-gradient\.ts|runtime\/reference\.ts)/.test(path);
    const edges = new Map(
      files.map((file) => [
        file.path,
        file.imports
          .filter(({ typeOnly }) => !typeOnly)
          .map(({ target }) => resolved(file, target))
          .filter((path): path is string => path !== undefined && !(isOp(file.path) && isOp(path))),
      ]),
    );
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      state.set(path, 'open');
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      state.set(path, 'done');
    };
    for (const path of edges.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});
