/** A run holds all that it was made from: its folder can be taken elsewhere, and the files that it came from may go. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const CPU = ['--backend', 'cpu', '--threads', '1'];
const PSA = `version: 1
name: mine
system: parts/system.yaml
model: gpt3-175b
workload:
  tp: { values: [1, 2, 4, 8] }
  pp: { values: [1, 2, 4] }
  dp: { powersOfTwo: { from: 1, to: system.npus } }
collective:
  chunks: { values: [2, 4] }
`;

/** A preset as a file of one's own. */
function preset(kind: string, name: string): string {
  return readFileSync(join(packageRoot, 'psa', 'presets', kind, `${name}.yaml`), 'utf8');
}

const root = temporaryFolder('moved');
const home = () => join(root, 'home');
const away = () => join(root, 'away');

async function json(cwd: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await cosmic(cwd, ...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** What commands say of the runs, but for where these are. */
async function allOf(cwd: string) {
  const results = await Promise.all([
    json(cwd, 'search', '--resume', 'search'),
    json(cwd, 'explain', 'search', '--rank', '2'),
    json(cwd, 'export', 'half1', '--format', 'megatron'),
    json(cwd, 'merge', 'half1', 'half2', '--out', 'whole'),
    json(cwd, 'report', 'search'),
  ]);
  return results.map(({ bytes, ...result }) => result);
}

beforeAll(async () => {
  mkdirSync(join(home(), 'parts'), { recursive: true });
  writeFileSync(join(home(), 'mine.yaml'), PSA);
  writeFileSync(join(home(), 'parts', 'system.yaml'), preset('systems', 'dgx-a100').replace(/^name: .*/m, 'name: lab'));
  writeFileSync(join(home(), 'small.yaml'), preset('models', 'gpt3-13b').replace(/^name: .*/m, 'name: small'));
  const ensemble = 'name: both\nensemble:\n  - model: small.yaml\n  - model: gpt3-13b\n';
  writeFileSync(join(home(), 'both.yaml'), ensemble);
  const set = ['--set', 'workload.microBatch=1', ...CPU];
  const search = ['search', 'mine.yaml', '--model', 'both.yaml', '--evaluations', '60', '--population', '20'];
  const sweep = ['sweep', 'mine.yaml', '--model', 'small.yaml'];
  await Promise.all([
    cosmic(home(), ...search, ...set, '--out', 'search'),
    cosmic(home(), ...sweep, ...set, '--shard', '1/2', '--out', 'half1'),
    cosmic(home(), ...sweep, ...set, '--shard', '2/2', '--out', 'half2'),
  ]);
});

describe('a run that was moved', () => {
  it('is resumed, explained, exported, merged and reported as before, without the files that it came from', async () => {
    for (const run of ['search', 'half1', 'half2']) cpSync(join(home(), run), join(away(), run), { recursive: true });
    const before = await allOf(home());
    for (const file of ['mine.yaml', 'small.yaml', 'both.yaml', 'parts'])
      rmSync(join(home(), file), { recursive: true });
    expect(await allOf(away())).toEqual(before);
    expect(before[1]).toMatchObject({ model: 'both', system: 'lab' });
  });

  it('goes by its own text where a file has changed since', async () => {
    const expected = await json(away(), 'explain', 'search');
    mkdirSync(join(home(), 'parts'), { recursive: true });
    writeFileSync(join(home(), 'mine.yaml'), PSA.replace('[2, 4]', '[2, 8]'));
    writeFileSync(join(home(), 'parts', 'system.yaml'), preset('systems', 'dgx-h100'));
    writeFileSync(join(home(), 'both.yaml'), preset('models', 'gpt3-13b'));
    expect(await json(away(), 'explain', 'search')).toEqual(expected);
  });
});
