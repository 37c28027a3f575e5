/** Folders of runs, compared as bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What two runs of the same work may differ in: when they began, and what was edited since. */
const OWN = /(?<="created": ")[^"]*|(?<=of commit )[0-9a-f]+\+?/g;

/** All files of a run's folder as text, but for that. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1').replaceAll(OWN, '')]),
  );
}
