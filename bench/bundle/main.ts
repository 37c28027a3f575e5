/**
 * `npm run bundle`: writes dist/cosmic-linux-x64.tar.xz, with all that a Linux x64 machine without a network needs beside a
 * GPU driver: Node.js, Dawn, the Vulkan loader, the built project and its benchmarks. Takes about a minute.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmicError } from '../../psa/errors.js';
import { packageRoot } from '../../psa/packageRoot.js';
import { sourceCommit } from '../../psa/sourceCommit.js';
import { copyModules } from './modules.js';
import { findVulkanLoader, unpackNode } from './platform.js';

const NAME = 'cosmic-linux-x64';
const LARGEST_MB = 40;
const HERE = join(packageRoot, 'bench', 'bundle');

/** What the built project reads at run time, beside its modules. */
const ASSETS = ['psa/presets', 'psa.schema.json', 'host/report/page/style.css', 'examples', 'README.md', 'LICENSE'];
/** What `validate collectives` compares with. */
const DATA = 'test/data/astra-sim/collectives.json';
const COMPILED = ['bench', 'chunks', 'host', 'licenses.md'];

function copyProject(app: string): void {
  for (const name of COMPILED) {
    const place = join('dist', name);
    cpSync(join(packageRoot, place), join(app, place), {
      recursive: true,
      filter: (file) => !/\.map$|\.d\.ts$|\.test\.js$/.test(file),
    });
  }
  const isShader = (file: string): boolean => statSync(file).isDirectory() || file.endsWith('.wgsl');
  for (const folder of ['kernels', 'bench']) {
    cpSync(join(packageRoot, folder), join(app, folder), { recursive: true, filter: isShader });
  }
  for (const asset of [...ASSETS, DATA]) cpSync(join(packageRoot, asset), join(app, asset), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as Record<string, unknown>;
  // npm's own name for it; the bundle has no git to ask.
  writeFileSync(join(app, 'package.json'), JSON.stringify({ ...manifest, gitHead: sourceCommit() }, null, 2));
}

function fill(folder: string): void {
  for (const part of ['bin', 'lib', 'app']) mkdirSync(join(folder, part), { recursive: true });
  unpackNode(join(folder, 'bin'));
  cpSync(findVulkanLoader(), join(folder, 'lib', 'libvulkan.so.1'), { dereference: true });
  cpSync(join(HERE, 'nvidia_icd.json'), join(folder, 'lib', 'nvidia_icd.json'));
  for (const file of ['run.sh', 'README.md']) cpSync(join(HERE, file), join(folder, file));
  chmodSync(join(folder, 'run.sh'), 0o755);
  copyProject(join(folder, 'app'));
  copyModules(join(folder, 'app'));
}

/** Does it start? A module that was left out and is needed fails here, not on the machine without a network. */
function tryOut(folder: string): void {
  const node = join(folder, 'bin', 'node');
  for (const file of ['operations.js', 'concepts/measure.js']) {
    execFileSync(node, [join(folder, 'app', 'dist', 'bench', file)], { env: {} });
  }
  execFileSync(join(folder, 'run.sh'), ['doctor'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function compress(parent: string, archive: string): void {
  execFileSync('tar', ['-C', parent, '--owner=0', '--group=0', '-cJf', archive, NAME], {
    env: { ...process.env, XZ_OPT: '-6 -T0' },
    stdio: 'inherit',
  });
}

const parent = mkdtempSync(join(tmpdir(), 'cosmic-bundle-'));
try {
  fill(join(parent, NAME));
  tryOut(join(parent, NAME));
  const archive = join(packageRoot, 'dist', `${NAME}.tar.xz`);
  compress(parent, archive);
  const sizeMB = statSync(archive).size / 1e6;
  console.log(`${archive}: ${sizeMB.toFixed(1)} MB`);
  if (sizeMB > LARGEST_MB) {
    throw new CosmicError('VALUE_OUT_OF_RANGE', `the archive has ${sizeMB.toFixed(1)} MB, more than ${LARGEST_MB}`, {
      remedy: 'leave out what does not run there: bench/bundle/modules.ts',
    });
  }
} finally {
  rmSync(parent, { recursive: true, force: true });
}
