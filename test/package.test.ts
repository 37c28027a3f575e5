/** What a package holds: all that its own README leads to. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

it('packs every document, example and file that README links to or has commands for', { timeout: 120_000 }, () => {
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
