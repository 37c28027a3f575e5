/** docs/architecture.md is true of the code: its tree, and who imports whom; and other documents of the files that they name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';

const LONGEST_FILE = 400;
const TOP = ['psa', 'kernels', 'agents', 'host', 'bench'];

const architecture = readFileSync(join(packageRoot, 'docs', 'architecture.md'), 'utf8');

/** From the package root, with slashes. */
function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .filter((file) => ending.test(file));
}

const sources = TOP.flatMap((folder) => filesBelow(folder, /(?<!\.test|\.d|\.config)\.ts$/));

/** The files of the project that a file imports, types too; formatted code names each as `from '…'` or `import('…')`. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const paths = [...text.matchAll(/(?:^|[\s(}])(?:from|import)[\s(]*'(\.[^']+)'/gm)].map(([, path]) => path!);
  return paths.map((path) => join(dirname(file), path).replaceAll('\\', '/').replace(/\.js$/, '.ts'));
}

const imports = new Map(sources.map((file) => [file, importsOf(file)]));

/** The rows of the table of rooms, from below to above. */
const rooms = [...architecture.matchAll(/^\| ((?:psa|kernels|agents|host|bench)[^ ]*) \|([^|\n]*)\|$/gm)].map(
  ([, room, allowed]) => ({ room: room!, allowed: allowed!.split(',').map((name) => name.trim()) }),
);

/** The innermost room that a file stands in. `host` has no more than its own files. */
function roomOf(file: string): string {
  const around = rooms.map(({ room }) => room).filter((room) => file.startsWith(`${room}/`));
  return around.reduce((inner, room) => (room.length > inner.length ? room : inner), '');
}

it('reads the imports of this project', () => {
  expect(importsOf('host/backends/createEvaluator.ts')).toEqual(
    expect.arrayContaining(['psa/space.ts', 'host/backends/cpu/evaluator.ts', 'host/backends/webgpu/evaluator.ts']),
  );
  expect([...imports.values()].flat().filter((file) => !imports.has(file))).toEqual([]);
});

it('the table of rooms goes upwards', () => {
  const upwards = rooms.map(({ allowed }, place) => [
    ...allowed.filter((name) => name !== '' && !rooms.slice(0, place).some(({ room }) => room === name)),
  ]);
  expect(rooms.length).toBeGreaterThan(20);
  expect(upwards.flat()).toEqual([]);
});

it('rooms import what the table says, and no more', () => {
  const allowed = new Map(rooms.map((row) => [row.room, row.allowed]));
  const strangers = [...imports].flatMap(([file, imported]) =>
    imported
      .filter((other) => roomOf(other) !== roomOf(file) && !allowed.get(roomOf(file))?.includes(roomOf(other)))
      .map((other) => `${file} imports ${other}`),
  );
  expect(strangers).toEqual([]);
});

/** A circle of imports that can be reached from a file, if there is one that no earlier call has passed. */
function circleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const other of imports.get(file) ?? []) {
    const circle = circleFrom(other, [...path, file], done);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

it('no imports go in a circle', () => {
  const done = new Set<string>();
  const first = sources.reduce<readonly string[] | undefined>(
    (found, file) => found ?? circleFrom(file, [], done),
    undefined,
  );
  expect(first).toBeUndefined();
});

it('every folder has its line in the tree', () => {
  const folders = new Set([...sources, ...filesBelow('kernels', /\.wgsl$/)].map(dirname));
  expect([...folders].filter((folder) => !new RegExp(`^${folder} {1,}\\S`, 'm').test(architecture))).toEqual([]);
});

it(`no source file has more than ${LONGEST_FILE} lines`, () => {
  const all = [...TOP, 'test', 'examples'].flatMap((folder) => filesBelow(folder, /\.(ts|wgsl|mjs|css)$/));
  const long = all.filter(
    (file) => readFileSync(join(packageRoot, file), 'utf8').trimEnd().split('\n').length > LONGEST_FILE,
  );
  expect(long).toEqual([]);
});

// V8 folds `2 ** 32` as it reads it; a power by a name it may compute at each call, as profiles of checkChannels showed.
it('no function of the simulator raises to a power that is a constant with a name', () => {
  const raised = sources.filter(
    (file) =>
      file.startsWith('kernels/') && /^ +[^ *].* \*\* [A-Z_]{2}/m.test(readFileSync(join(packageRoot, file), 'utf8')),
  );
  expect(raised).toEqual([]);
});

/** Files that recipes say to make. */
const TO_BE_MADE = ['agents/algorithms/name.ts', 'host/backends/name/evaluator.ts'];

it('documents name files that exist', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', /\.md$/)];
  const named = documents.flatMap((document) => {
    const text = readFileSync(join(packageRoot, document), 'utf8');
    return [...text.matchAll(/\b(?:psa|kernels|agents|host|bench|test)\/[\w./-]+\.(?:ts|wgsl|json|csv)\b/g)].map(
      ([path]) => path,
    );
  });
  const missing = [...new Set(named)].filter((path) => !existsSync(join(packageRoot, path)));
  expect(missing.sort()).toEqual(TO_BE_MADE);
});
