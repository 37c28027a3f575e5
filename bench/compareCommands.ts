/** `npm run bench:commands -- FOLDER`: whole commands beside those of another checkout that is built, such as the commit before. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findAdapter } from '../host/backends/webgpu/adapters.js';
import { CosmicError } from '../psa/errors.js';
import { benchedCommands, compareCommands } from './commands.js';
import { comparisonTable } from './tables/commands.js';

const there = resolve(process.argv[2] ?? '');
if (process.argv[2] === undefined || !existsSync(join(there, 'dist', 'host', 'cli', 'main.js'))) {
  throw new CosmicError('ARGUMENT', `${there} is no other checkout with a dist/`, {
    remedy:
      'git worktree add ../before HEAD~1, npm ci and npm run build there, then npm run bench:commands -- ../before',
  });
}
const hasAdapter = (await findAdapter().catch(() => undefined)) !== undefined;
console.log(comparisonTable(await compareCommands(benchedCommands(hasAdapter), there)).markdown);
