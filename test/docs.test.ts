/** What the documents tell a reader to type works: every command in a `sh` block of theirs, and every example. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { temporaryFolder } from './temporaryFolder.js';

const MAIN = join(packageRoot, 'dist', 'host', 'cli', 'main.js');
/** Commands that hang are ended, for nothing else can end them here. */
const TIMEOUT_MS = 600_000;

/** Installing is CI's business; `npm start` and `npm test` are what runs this. */
const ELSEWHERE = /^(npm (start|test|link|install|run bench)|git clone|cd |sudo apt-get )/;

const documents = ['README.md', ...readdirSync(join(packageRoot, 'docs')).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md'),
);

/** The fenced blocks of a language. */
function blocks(document: string, language: string): string[] {
  const text = readFileSync(join(packageRoot, document), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, body]) => body!);
}

/** The commands of a document, without what is said beside them; one may go on behind a backslash. */
function commands(document: string): string[] {
  return blocks(document, 'sh').flatMap((block) =>
    block
      .replaceAll(/ \\\n */g, ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#') && !ELSEWHERE.test(line)),
  );
}

/** A file that a document tells the reader to write: a YAML block that begins with `# name.yaml`. */
function files(document: string): [name: string, text: string][] {
  return blocks(document, 'yaml').flatMap((text) => {
    const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
    return name === undefined ? [] : [[name, text]];
  });
}

/** A check of an example, which neither reads nor writes anything else in the folder. */
const CHECK = /^cosmic check examples\/\S+ --system \S+$/;

/** What such checks have printed, which stand on several pages. */
const checked = new Map<string, ReturnType<typeof spawned>>();

function spawned(command: string, folder: string) {
  const words = command.replace(/^(npx )?cosmic(?= |$)/, `node "${MAIN}"`);
  return spawnSync(words, { cwd: folder, shell: true, encoding: 'utf8', timeout: TIMEOUT_MS });
}

function run(command: string, folder: string) {
  const outcome = checked.get(command) ?? spawned(command, folder);
  if (CHECK.test(command)) checked.set(command, outcome);
  return outcome;
}

describe.each(documents)('%s', (document) => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cosmic-docs-'));
    symlinkSync(join(packageRoot, 'examples'), join(folder, 'examples'));
    for (const [name, text] of files(document)) writeFileSync(join(folder, name), text);
  });

  // One after the other in one folder, as a reader would: later ones use what earlier ones wrote.
  it.each(commands(document))('%s', { timeout: TIMEOUT_MS }, (command) => {
    expect(command).toMatch(/^(npx )?(cosmic|node) /);
    const { status, stderr } = run(command, folder);
    expect(status, stderr).toBe(0);
  });

  it('links to files that exist', () => {
    const text = readFileSync(join(packageRoot, document), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
    const place = dirname(join(packageRoot, document));
    expect(targets.filter((target) => !existsSync(join(place, target)))).toEqual([]);
  });
});

/** What README shows of a command's output: the text block that begins with a line, but for what it leaves out. */
function shown(firstLine: string): string[] {
  const block = blocks('README.md', 'text').find((text) => text.startsWith(firstLine))!;
  return block.split('\n').filter((line) => line !== '…');
}

it.each([
  ['cosmic start --backend cpu', 'cosmic-full: '],
  ['cosmic sweep my.yaml --top 3 --backend cpu --out runs/shown', 'my: '],
  [
    'cosmic check examples/configurations/megatron-llama3-70b.sh --system h100-sxm',
    'examples/configurations/megatron-llama3-70b.sh: ',
  ],
])('README.md shows what `%s` prints', { timeout: TIMEOUT_MS }, (command, firstLine) => {
  const folder = temporaryFolder('readme');
  symlinkSync(join(packageRoot, 'examples'), join(folder, 'examples'));
  for (const [name, text] of files('README.md')) writeFileSync(join(folder, name), text);
  const printed = run(command, folder).stdout.split('\n');
  rmSync(folder, { recursive: true, force: true });
  expect(shown(firstLine).filter((line) => !printed.includes(line))).toEqual([]);
});

it('README.md has its throughput from the measurement that it links to', () => {
  const text = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const file = /\((bench\/results\/[^)]+)\)/.exec(text)![1]!;
  const { throughput } = JSON.parse(readFileSync(join(packageRoot, file), 'utf8')) as {
    throughput: { median: number }[];
  };
  const shown = [...text.matchAll(/^\| (?:cpu|webgpu|gpujs), [^|]*\| ([\d,]+) \|/gm)].map(([, median]) => median);
  expect(shown).toEqual(throughput.map(({ median }) => median.toLocaleString('en')));
});

it('every option stands in a document', () => {
  const texts = documents.map((document) => readFileSync(join(packageRoot, document), 'utf8')).join('\n');
  const sources = readdirSync(join(packageRoot, 'host', 'cli')).filter((file) => !file.endsWith('.test.ts'));
  const options = sources.flatMap((file) => {
    const text = readFileSync(join(packageRoot, 'host', 'cli', file), 'utf8');
    return [...text.matchAll(/(?:ption|repeatable)\(\s*'(--[a-z-]+)/g)].map(([, option]) => option!);
  });
  expect(new Set(options).size).toBeGreaterThan(60);
  expect(options.filter((option) => !texts.includes(option))).toEqual([]);
});

const examples = readdirSync(join(packageRoot, 'examples'));

describe('examples', () => {
  it.each(examples.filter((file) => file.endsWith('.mjs')))('%s', { timeout: TIMEOUT_MS }, (file) => {
    const { status, stdout, stderr } = run(`node "${join(packageRoot, 'examples', file)}"`, packageRoot);
    expect(status, stderr).toBe(0);
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  });
});
