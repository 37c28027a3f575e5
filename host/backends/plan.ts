/** Which backend ends a job first, by measured rates. */
import type { Rates } from './rates.js';

/** What is to be evaluated: a sweep walks designs, a search evaluates batches. */
export interface Job {
  readonly kind: 'sweep' | 'search';
  readonly designs: bigint;
  /** May the CPU begin a sweep that WebGPU ends? Unless `false`. */
  readonly handsOver?: boolean;
}

/** Who evaluates a job, and how long that takes by the rates. */
export interface Plan {
  readonly backend: 'webgpu' | 'cpu';
  /** Designs at the beginning of a sweep that the CPU evaluates while the kernels compile; 0 where one backend does all. */
  readonly cpuFirst: bigint;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What a thread does beside the compiler, with a core of its own and without. */
const BESIDE_COMPILER = { own: 0.9, shared: 0.5 };

/** Rates are estimates for another space, so WebGPU has to promise more than a little. */
const WORTHWHILE = 0.8;

/** Threads that evaluate while kernels compile: the compiler has a core to itself where there are two. */
export function threadsBesideCompiler(threads: number): number {
  return Math.max(1, threads - 1);
}

/**
 * A job of no more designs is over before optimised kernels pay. On two cores of llvmpipe, cosmic-full: LLVM's passes take about a
 * second of the processor for a kernel and save 0.2 us a design, so that both are even at some five million designs. Where the
 * driver has kept optimised kernels from an earlier run, such a job is late by 0.05 s at most.
 */
const BRIEF_DESIGNS = 2n ** 18n;

/** Is a job over so soon that its kernels had better be left unoptimised? */
export function isBrief({ designs }: Job): boolean {
  return designs <= BRIEF_DESIGNS;
}

/** The largest power of two that is not above a number of at least 1: a number that people recognise. */
function powerOfTwoBelow(count: number): bigint {
  return 2n ** BigInt(Math.floor(Math.log2(count)));
}

/**
 * Plans a job: on the CPU, or on WebGPU, whose kernels compile while the CPU begins a sweep. Depends on its arguments alone, so
 * what is planned is also what goes on after an interruption.
 *
 * @param threads of the CPU that the job may use
 * @example
 * planJob({ kind: 'sweep', designs: 8_100_000n }, rates, 2).cpuFirst; // 1048576n
 */
export function planJob({ kind, designs, handsOver = true }: Job, rates: Rates, threads: number): Plan {
  const used = Math.min(threads, rates.threads);
  const threadRate = rates.cpu[kind] / rates.threads;
  const startUpS = rates.startUpMs / 1000;
  const cpuSeconds = Number(designs) / (used * threadRate);
  const share = used > 1 ? BESIDE_COMPILER.own : BESIDE_COMPILER.shared;
  const beside = threadsBesideCompiler(used) * threadRate * startUpS * share;
  const cpuFirst = kind === 'sweep' && handsOver && beside >= 1 ? powerOfTwoBelow(beside) : 0n;
  const onWebgpu = designs > cpuFirst ? Number(designs - cpuFirst) : 0;
  const seconds = startUpS + onWebgpu / rates.webgpu[kind];
  if (onWebgpu > 0 && seconds < WORTHWHILE * cpuSeconds) return { backend: 'webgpu', cpuFirst, seconds, cpuSeconds };
  return { backend: 'cpu', cpuFirst: 0n, seconds: cpuSeconds, cpuSeconds };
}

/** The smallest power of two of designs for which a job is planned on WebGPU; undefined where none is. */
export function webgpuFrom(job: Omit<Job, 'designs'>, rates: Rates): bigint | undefined {
  for (let exponent = 0n; exponent < 60n; exponent++) {
    const designs = 2n ** exponent;
    if (planJob({ ...job, designs }, rates, rates.threads).backend === 'webgpu') return designs;
  }
  return undefined;
}
