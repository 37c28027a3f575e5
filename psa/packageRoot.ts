import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder));
}

const here = dirname(fileURLToPath(import.meta.url));

/** The folder with package.json: assets (WGSL, presets) lie below it, whether the code runs from source or from dist/. */
export const packageRoot: string = findPackageRoot(here);

/** dist/, where the code runs from there. */
export const builtFolder: string | undefined =
  relative(packageRoot, here).split(sep)[0] === 'dist' ? join(packageRoot, 'dist') : undefined;
