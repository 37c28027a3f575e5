/** Where Mesa keeps the machine code of kernels from run to run (docs.mesa3d.org/envvars.html). */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What becomes of machine code. */
export interface ShaderCache {
  /** Where it is kept, or would be. */
  readonly folder: string;
  /** Why nothing is kept; undefined where it is. */
  readonly off: string | undefined;
}

/** The newer kind of cache first, which is one file in the place of thousands. */
const NAMES = ['mesa_shader_cache_db', 'mesa_shader_cache'];

/** Can it be written, or made? */
function isWritable(folder: string): boolean {
  if (!existsSync(folder)) return dirname(folder) !== folder && isWritable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The cache that Mesa's drivers use in this environment. */
export function shaderCache(env: NodeJS.ProcessEnv = process.env, home = homedir()): ShaderCache {
  const root = env.MESA_SHADER_CACHE_DIR ?? env.XDG_CACHE_HOME ?? join(home, '.cache');
  const folder = NAMES.map((name) => join(root, name)).find(existsSync) ?? join(root, NAMES[0]!);
  const disabled = ['1', 'true'].includes(env.MESA_SHADER_CACHE_DISABLE ?? '');
  const unwritable = isWritable(folder) ? undefined : 'the folder cannot be written';
  return { folder, off: disabled ? 'MESA_SHADER_CACHE_DISABLE is set' : unwritable };
}
