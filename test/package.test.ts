/** What a package holds: all that its own README leads to, and all that it runs with beside what it depends on. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { temporaryFolder } from './temporaryFolder.js';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

it('packs every document, example and file that README links to or has commands for', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(stdout) as [Packed];
  const packed = files.map(({ path }) => path);
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
  const named = [...readme.matchAll(/\b(?:examples|test\/data)\/[\w./-]+\w/g)].map(([target]) => target);
  const missing = [...links, ...named].filter(
    (target) => !packed.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`)),
  );
  expect(missing).toEqual([]);
  expect(packed.filter((path) => path.endsWith('.test.ts') || path.startsWith('runs/'))).toEqual([]);
});

it('is installed without gpu.js, which the gpujs backend alone needs', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(packageRoot, 'package.json'), 'utf8'),
  );
  expect(dependencies).not.toHaveProperty(['gpu.js']);
  expect(peerDependenciesMeta['gpu.js']).toEqual({ optional: true });
  expect(peerDependencies).toHaveProperty(['gpu.js']);
});

describe('a package by itself', () => {
  const folder = temporaryFolder('package');
  const installed = () => join(folder, 'node_modules', 'cosmic');

  /** As npm installs it, but for the way of the packages that it depends on: they are those of this folder. */
  beforeAll(() => {
    const packed = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    expect(spawnSync('npm', packed, { cwd: packageRoot }).status).toBe(0);
    mkdirSync(installed(), { recursive: true });
    const [archive] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
    const unpack = ['-xzf', join(folder, archive!), '-C', installed(), '--strip-components=1'];
    expect(spawnSync('tar', unpack).status).toBe(0);
    const { dependencies } = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const place = join(folder, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(packageRoot, 'node_modules', name), place, 'dir');
    }
  });

  function node(...args: string[]) {
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  }

  it('evaluates on threads, keeps a run, and draws its page', () => {
    const command = join(installed(), 'bin', 'cosmic.mjs');
    const sweep = ['sweep', 'cosmic-network', '--count', '1000', '--backend', 'cpu', '--threads', '2', '--out', 'run'];
    expect(node(command, ...sweep)).toMatchObject({ status: 0 });
    expect(node(command, 'report', 'run')).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, 'run', 'report.html'), 'utf8')).toContain('echarts');
  });

  it('works over a queue without another package', () => {
    const worker = node(join(installed(), 'bin', 'cosmic.mjs'), 'worker', 'redis://127.0.0.1:1', '--backend', 'cpu');
    expect(worker).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot be reached (ECONNREFUSED)') });
  });

  it('reads a preset that was edited since it was built', () => {
    const file = join(installed(), 'psa', 'presets', 'models', 'gpt3-13b.yaml');
    const text = readFileSync(file, 'utf8');
    const simulate = () => node(join(installed(), 'bin', 'cosmic.mjs'), 'simulate', '--model', 'gpt3-13b').stdout;
    const before = simulate();
    expect(before).toContain('13.21 B parameters');
    writeFileSync(file, text.replace('layers: 40', 'layers: 20'));
    expect(simulate()).toContain('6.868 B parameters');
    writeFileSync(file, text);
    expect(simulate()).toBe(before);
  });

  it('is a library', () => {
    const program =
      "import { compilePsa, loadPsa } from 'cosmic'; console.log(compilePsa(loadPsa('cosmic-network')).count);";
    expect(node('--input-type=module', '--eval', program)).toMatchObject({ status: 0, stdout: '8100000n\n' });
  });

  it('carries the licences of the packages that are built in, and the notice of the chart library', () => {
    const licenses = readFileSync(join(installed(), 'dist', 'licenses.md'), 'utf8');
    for (const name of ['bullmq', 'commander', 'echarts', 'ioredis', 'yaml', 'zod', 'zrender'])
      expect(licenses).toContain(`## ${name} - `);
    const notice = readFileSync(join(installed(), 'dist', 'host', 'report', 'page', 'echarts.NOTICE'), 'utf8');
    expect(notice).toContain('Apache Software Foundation');
  });
});
