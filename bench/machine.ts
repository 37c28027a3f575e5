/** What a measurement was taken on. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { examine, type TunedAdapter } from '../host/backends/doctor.js';
import { sourceCommit } from '../psa/sourceCommit.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  /** Processes that wanted to run in the minute before the measurement: above 0, others took their share. */
  readonly load: number;
  readonly os: string;
  readonly node: string;
  /** The adapter that WebGPU takes; undefined where there is none. */
  readonly adapter: TunedAdapter | undefined;
  readonly commit: string;
}

export async function machine(): Promise<Machine> {
  const { os, node, adapters } = await examine();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    load: loadavg()[0]!,
    os,
    node,
    adapter: adapters[0],
    commit: sourceCommit(),
  };
}

/** A short name for files: `2-core-x64-llvmpipe`. */
export function machineName({ cores, adapter }: Machine): string {
  const gpu = /^[a-z0-9]+(?: [a-z0-9]+){0,3}/i.exec(adapter?.name ?? '')?.[0] ?? 'no-gpu';
  return `${cores}-core-${process.arch}-${gpu}`.toLowerCase().replaceAll(' ', '-');
}
