/** The job scripts of examples/slurm, run by a real Slurm. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../psa/packageRoot.js';
import { cosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { freePort } from './queueServer.js';
import { hasSlurm, type Slurm, startSlurm } from './slurm.js';
import { temporaryFolder } from './temporaryFolder.js';

const SCRIPTS = join(packageRoot, 'examples', 'slurm');
const folder = temporaryFolder('slurm-jobs');

const COUNT = ['--count', '100000', '--backend', 'cpu'];

describe.skipIf(!hasSlurm)('a job script of Slurm', { timeout: 600_000 }, () => {
  let slurm: Slurm;

  beforeAll(async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const main = join(packageRoot, 'bin', 'cosmic.mjs');
    writeFileSync(join(bin, 'cosmic'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
    chmodSync(join(bin, 'cosmic'), 0o755);
    slurm = await startSlurm({
      ...process.env,
      PATH: `${bin}:${process.env.PATH}`,
      COSMIC_SWEEP_OPTIONS: COUNT.join(' '),
      COSMIC_WORKER_OPTIONS: '--backend cpu --threads 1',
      COSMIC_QUEUE_PORT: String(await freePort()),
    });
  });
  afterAll(() => slurm.stop());

  /** Submits a script from a folder. */
  function submit(at: string, ...args: string[]): string {
    const { status, stdout, stderr } = slurm.run(at, 'sbatch', '--parsable', '--output=job-%A-%a.log', ...args);
    expect(status, stderr).toBe(0);
    return stdout.trim();
  }

  /** Waits until no job is left; what they printed, for those that fail. */
  async function over(at: string): Promise<string> {
    while (slurm.run(at, 'squeue', '--noheader').stdout.trim() !== '') await sleep(200);
    return slurm.run(at, 'sh', '-c', 'tail -n 5 *.log').stdout;
  }

  it('array.sh and merge.sh come to the bytes of one process', async () => {
    const [at, alone] = [join(folder, 'array'), join(folder, 'alone')];
    for (const path of [at, alone]) mkdirSync(path);
    const array = submit(at, '--array=1-3', join(SCRIPTS, 'array.sh'));
    submit(at, `--dependency=afterok:${array}`, join(SCRIPTS, 'merge.sh'));
    const whole = join('runs', 'array', 'whole');
    await cosmic(alone, 'sweep', 'cosmic-network', '--pareto', ...COUNT, '--out', whole);
    const printed = await over(at);
    expect(existsSync(join(at, whole)), printed).toBe(true);
    const asSweep = (files: Record<string, string>) => JSON.parse(JSON.stringify(files).replaceAll('merge', 'sweep'));
    expect(asSweep(filesOf(join(at, whole)))).toEqual(asSweep(filesOf(join(alone, whole))));
  });

  it('queue.sh has its server, driver and workers on the nodes, and says no password', async () => {
    const [at, alone] = [join(folder, 'queue'), join(folder, 'alone-again')];
    for (const path of [at, alone]) mkdirSync(path);
    submit(at, '--nodes=1', join(SCRIPTS, 'queue.sh'));
    const run = join('runs', 'queue');
    await cosmic(alone, 'sweep', 'cosmic-network', '--pareto', ...COUNT, '--out', run);
    const printed = await over(at);
    expect(existsSync(join(at, run, 'result.json')), printed).toBe(true);
    expect(filesOf(join(at, run))).toEqual(filesOf(join(alone, run)));
    expect(readFileSync(join(at, run, 'manifest.json'), 'utf8')).not.toMatch(/redis|password/i);
  });
});
