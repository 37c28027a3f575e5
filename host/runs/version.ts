import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../psa/packageRoot.js';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { readonly version: string };

/** Version of this package. */
export const cosmicVersion = version;
