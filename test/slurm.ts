/** A Slurm of one node, on loopback, for tests of job scripts: munged, slurmctld and slurmd of our own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, freePort } from './queueServer.js';

const isInstalled = ['munged', 'slurmctld', 'slurmd', 'sbatch'].every(
  (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`]).status === 0,
);

/** Slurm's programs need root; with COSMIC_REQUIRE_QUEUE=1 its test fails where they are not there. */
export const hasSlurm = (isInstalled && process.getuid?.() === 0) || process.env.COSMIC_REQUIRE_QUEUE === '1';

if (!hasSlurm) {
  console.warn(
    'SKIPPED: tests of Slurm, for want of root or of the Debian packages munge, slurmctld, slurmd, slurm-client',
  );
}

export interface Slurm {
  /** Runs one of its commands, in a folder. */
  run(cwd: string, command: string, ...args: string[]): { status: number | null; stdout: string; stderr: string };
  stop(): Promise<void>;
}

/** The configuration: no cgroups, no accounting, as many tasks at a time as it likes. */
function configuration(folder: string, controller: number, node: number): string {
  return `ClusterName=cosmic
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=4
PartitionName=main Nodes=ALL Default=YES State=UP
`;
}

/** @param environment of the jobs */
export async function startSlurm(environment: NodeJS.ProcessEnv): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'cosmic-slurm-'));
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'munge.key'), 'a key for this test alone, which nobody else will ever want'.repeat(4), {
    mode: 0o600,
  });
  const conf = join(folder, 'slurm.conf');
  writeFileSync(conf, configuration(folder, await freePort(), await freePort()));
  const env = { ...environment, PATH: `${environment.PATH}:/usr/sbin`, SLURM_CONF: conf };
  const start = (command: string, ...args: string[]) => spawn(command, args, { env, stdio: 'ignore' });
  const file = (option: string, name: string) => `--${option}=${join(folder, name)}`;
  const munge = [file('socket', 'munge.socket'), file('key-file', 'munge.key'), file('pid-file', 'munge.pid')];
  const daemons: ChildProcess[] = [
    start(
      'munged',
      '--foreground',
      '--force',
      ...munge,
      file('log-file', 'munge.log'),
      file('seed-file', 'munge.seed'),
    ),
  ];
  const run: Slurm['run'] = (cwd, command, ...args) => spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  while (run(folder, 'munge', '--no-input', file('socket', 'munge.socket')).status !== 0) await sleep(100);
  daemons.push(start('slurmctld', '-D', '-f', conf), start('slurmd', '-D', '-f', conf));
  while (!/\bidle\b/.test(run(folder, 'sinfo', '--noheader', '--format=%T').stdout)) await sleep(200);
  return {
    run,
    async stop() {
      await Promise.all(daemons.map((daemon) => ended(daemon, 'SIGKILL')));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
