/** The commit that figures were measured with. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './packageRoot.js';

function git(...words: readonly string[]): string {
  try {
    return execFileSync('git', words, {
      cwd: packageRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** Commit of the sources, with `+` where they were changed since; in a bundle the one that it was made from. */
export function sourceCommit(): string {
  // A package that lies in somebody else's checkout has no say in that one's commits.
  const isOwn = git('rev-parse', '--show-prefix') === '';
  const head = isOwn ? git('rev-parse', '--short', 'HEAD') : '';
  if (head !== '') return `${head}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`;
  const { gitHead } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { gitHead?: string };
  return gitHead ?? 'unknown';
}
