/** The npm packages of the bundle, without what does not run there. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../../psa/packageRoot.js';

/** Packages that the benchmarks need beside the project's own. */
const BENCH_PACKAGES = ['benchmark', 'lodash', 'platform', 'wgsl_reflect'];

/** Declarations, maps, documents; Dawn for other systems; what gives types alone. */
const LEFT_OUT = [
  /\.(d\.[cm]?ts|map|md|markdown|flow)$/,
  /\/webgpu\/dist\/(?!linux-x64)[^/]+/,
  /\/gpu\.js\/dist/,
  /\/zod\//,
];

/** Folders of the packages that run, as npm resolved them. */
function packageFolders(): string[] {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: packageRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const bench = BENCH_PACKAGES.map((name) => join(packageRoot, 'node_modules', name));
  return [...listed.trim().split('\n').slice(1), ...bench].filter((folder) => folder.includes('node_modules'));
}

/** Copies the packages to where `app` finds them. */
export function copyModules(app: string): void {
  for (const folder of packageFolders()) {
    const place = relative(packageRoot, folder);
    cpSync(folder, join(app, place), {
      recursive: true,
      dereference: true,
      filter: (file) => {
        const inside = `/${relative(packageRoot, file)}`;
        return (
          !LEFT_OUT.some((pattern) => pattern.test(inside)) && !inside.slice(place.length + 1).includes('node_modules')
        );
      },
    });
  }
}
