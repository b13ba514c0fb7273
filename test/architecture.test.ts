import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** What each folder of src may import besides itself: the table of src/README.md. */
const ALLOWED: Record<string, readonly string[]> = {
  errors: [],
  ocpp: ['errors'],
  session: ['errors', 'ocpp'],
  filter: ['errors', 'ocpp', 'session'],
  wire: ['errors', 'ocpp', 'session'],
  view: ['errors', 'ocpp', 'session', 'filter'],
  store: ['errors', 'ocpp', 'session', 'filter', 'view'],
  diff: ['errors', 'ocpp', 'session'],
  proxy: ['errors', 'ocpp', 'session', 'wire'],
  load: ['errors', 'ocpp', 'session', 'wire'],
  replay: ['errors', 'ocpp', 'session', 'wire', 'load'],
  charge: ['errors', 'ocpp', 'session', 'wire', 'load', 'replay'],
  report: ['errors', 'ocpp', 'session', 'diff'],
  ui: ['errors', 'ocpp', 'session', 'filter', 'view', 'diff'],
  cli: [
    'errors',
    'ocpp',
    'session',
    'filter',
    'view',
    'wire',
    'store',
    'diff',
    'proxy',
    'load',
    'replay',
    'charge',
    'report',
    'ui',
  ],
  index: ['errors', 'wire', 'store', 'diff', 'replay', 'report', 'cli'],
  main: ['cli'],
};

/** Packages that only the folders that own their subject may import. */
const OWNERS: Record<string, readonly string[]> = {
  'better-sqlite3': ['store'],
  ws: ['wire', 'cli'],
  'http-proxy': ['proxy'],
  'prom-client': ['proxy'],
  pino: ['cli'],
  ink: ['ui'],
  react: ['ui'],
  commander: ['cli'],
};

/** Node modules that touch the world: not for folders that are pure. */
const PURE = ['ocpp', 'filter', 'view', 'diff', 'report'];
const WORLD = ['node:net', 'node:http', 'node:tls', 'node:fs', 'node:fs/promises', 'node:worker_threads'];

interface Import {
  file: string;
  folder: string;
  target: string;
}

const imports = sourceFiles().flatMap(importsOf);

describe('architecture', () => {
  it('knows every folder of src', () => {
    expect(sourceFiles().length).toBeGreaterThan(30);
    expect([...new Set(sourceFiles().map(folderOf))].filter((folder) => !(folder in ALLOWED))).toEqual([]);
  });

  it('lets imports point one way only', () => {
    const broken = imports
      .filter(({ target }) => target.startsWith('.'))
      .map((one) => ({ ...one, to: folderOf(resolve(dirname(join(src, one.file)), one.target)) }))
      .filter(({ folder, to }) => to !== folder && !ALLOWED[folder]?.includes(to))
      .map(({ file, to }) => `${file} imports ${to}: see the table in src/README.md`);
    expect(broken).toEqual([]);
  });

  it('keeps each library in the folder that owns its subject', () => {
    const broken = imports
      .filter(({ folder, target }) => {
        const owners = OWNERS[target.split('/')[0] ?? ''];
        return owners !== undefined && !owners.includes(folder);
      })
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(broken).toEqual([]);
  });

  it('keeps sockets and files out of the pure folders', () => {
    const broken = imports.filter(({ folder, target }) => PURE.includes(folder) && WORLD.includes(target));
    expect(broken).toEqual([]);
  });

  it('names the OCPP version only in ocpp/', () => {
    const naming = sourceFiles()
      .filter((file) => !['ocpp', 'cli'].includes(folderOf(file)))
      .filter((file) => /from '[^']*ocpp16/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file));
    expect(naming).toEqual([]);
  });

  it('has no import cycle between files', () => {
    const edges = new Map<string, string[]>();
    for (const { file, target } of imports) {
      if (!target.startsWith('.')) continue;
      const to = relative(src, resolve(dirname(join(src, file)), target));
      edges.set(file, [...(edges.get(file) ?? []), to]);
    }
    expect(cycles(edges)).toEqual([]);
  });

  it('describes its import table in src/README.md', () => {
    const readme = readFileSync(join(src, 'README.md'), 'utf8');
    const rows = Object.entries(ALLOWED)
      .filter(([folder]) => !['main', 'index', 'errors'].includes(folder))
      .filter(([folder]) => !readme.includes(`\`${folder}/\``))
      .map(([folder]) => folder);
    expect(rows).toEqual([]);
  });
});

function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(src, file));
}

function folderOf(path: string): string {
  const [first = ''] = relative(src, path).split(sep);
  return first.replace(/\.tsx?$/, '');
}

/** Imports that exist at run time or for types, static or dynamic. */
function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const pattern = /(?:from\s+|import\(\s*|import\s+)'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file: relative(src, path),
    folder: folderOf(path),
    target: match[1] ?? '',
  }));
}

/** Each cycle found once, as `a -> b -> a`. */
function cycles(edges: Map<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      found.push([...trail.slice(at), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
