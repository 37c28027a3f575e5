/** How the rate changes with the size of the request, with cores, and with designs that an agent sends. */

import { processDevice } from '../host/backends/webgpu/session.js';
import { createEvaluator, type Evaluator } from '../host/index.js';
import { median } from '../host/statistics/statistics.js';
import { decodeDigits } from '../kernels/decode/decode.js';
import { packGenes } from '../kernels/decode/genes.js';
import type { CompiledSpace } from '../psa/index.js';
import { heapBytes, recordBuffers } from './memory.js';
import { timeSweep } from './timedSweep.js';

export interface SizePoint {
  readonly designs: number;
  readonly designsPerSecond: number;
  /** Of the main thread after the sweep. */
  readonly heapMB: number;
  /** Most that the sweep's buffers had on the device; undefined on the CPU. */
  readonly deviceMB: number | undefined;
}

export interface ScalingResult {
  readonly backend: string;
  readonly points: readonly SizePoint[];
  /** Sizes that would take too long here. */
  readonly skipped: readonly { readonly designs: number; readonly expectedSeconds: number }[];
}

export interface CoresResult {
  readonly threads: number;
  readonly designsPerSecond: number;
  /** Of one thread's rate. */
  readonly speedup: number;
}

export interface PopulationResult {
  readonly backend: string;
  readonly designs: number;
  /** Rows of genes in, a row of all outputs for each back. */
  readonly populationUsPerDesign: number;
  /** The same designs in a sweep. */
  readonly sweepUsPerDesign: number;
  readonly ratio: number;
}

const RUNS = 5;
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
const POPULATION = 65_536;
const CORES_DESIGNS = 150_000;

/** Of random designs, for their time. */
async function randomSeconds(evaluator: Evaluator, start: bigint, designs: number): Promise<number> {
  const sweep = { evaluator, source: { kind: 'samples', seed: 1 }, objective: 'time' } as const;
  return (await timeSweep(sweep, start, designs)).seconds;
}

/** Runs of the same length, medians; a long one runs once. */
async function rateOf(evaluator: Evaluator, designs: number): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const seconds = await randomSeconds(evaluator, BigInt(run * designs), designs);
    rates.push(designs / seconds);
    if (seconds > 1) break;
  }
  return Math.round(median(rates));
}

/** Rate and memory of sweeps of one size; `device` is the evaluator's. */
async function measureSize(evaluator: Evaluator, designs: number, device: GPUDevice | undefined): Promise<SizePoint> {
  const recorder = device && recordBuffers(device);
  const designsPerSecond = await rateOf(evaluator, designs);
  const deviceBytes = recorder?.stop();
  return { designs, designsPerSecond, heapMB: heapBytes() / 1e6, deviceMB: deviceBytes && deviceBytes / 1e6 };
}

/** Sweeps of 10^3 … 10^8 designs, as far as one takes less than `longestSeconds`. */
export async function measureSizes(evaluator: Evaluator, longestSeconds: number): Promise<ScalingResult> {
  const open = evaluator.backend === 'webgpu' ? await processDevice() : undefined;
  await randomSeconds(evaluator, 0n, 50_000);
  const points: SizePoint[] = [];
  const skipped: { designs: number; expectedSeconds: number }[] = [];
  for (const designs of SIZES) {
    const expectedSeconds = designs / (points.at(-1)?.designsPerSecond ?? Number.POSITIVE_INFINITY);
    if (expectedSeconds > longestSeconds) skipped.push({ designs, expectedSeconds });
    else points.push(await measureSize(evaluator, designs, open?.device));
  }
  return { backend: evaluator.backend, points, skipped };
}

/** Threads 1, 2, 4 … and all cores. */
export async function measureCores(space: CompiledSpace, cores: number): Promise<CoresResult[]> {
  const counts = [...new Set([...[1, 2, 4, 8, 16, 32, 64].filter((threads) => threads < cores), cores])];
  const results: CoresResult[] = [];
  for (const threads of counts) {
    const evaluator = await createEvaluator(space, { backend: 'cpu', threads });
    const designs = CORES_DESIGNS * threads;
    await randomSeconds(evaluator, 0n, designs);
    const designsPerSecond = await rateOf(evaluator, designs);
    await evaluator.close();
    results.push({
      threads,
      designsPerSecond,
      speedup: designsPerSecond / (results[0]?.designsPerSecond ?? designsPerSecond),
    });
  }
  return results;
}

function randomRows(space: CompiledSpace, count: number): Uint32Array {
  const packed = packGenes(space);
  const rows = new Uint32Array(count * packed.count);
  const source = { mode: 1, digits: rows, seed: 1, startLow: 0, startHigh: 0 } as const;
  for (let i = 0; i < count; i++) {
    decodeDigits(packed, source, i, rows.subarray(i * packed.count, (i + 1) * packed.count));
  }
  return rows;
}

/** A population as an agent sends it, against a sweep of as many designs. */
export async function measurePopulation(evaluator: Evaluator): Promise<PopulationResult> {
  const digits = randomRows(evaluator.space, POPULATION);
  const population: number[] = [];
  const sweep: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const begin = performance.now();
    await evaluator.evaluate({ kind: 'digits', digits, count: POPULATION });
    const seconds = (performance.now() - begin) / 1000;
    const swept = await randomSeconds(evaluator, BigInt(run * POPULATION), POPULATION);
    if (run === 0) continue;
    population.push(seconds);
    sweep.push(swept);
  }
  const usPerDesign = (seconds: readonly number[]): number => (1e6 * median(seconds)) / POPULATION;
  return {
    backend: evaluator.backend,
    designs: POPULATION,
    populationUsPerDesign: usPerDesign(population),
    sweepUsPerDesign: usPerDesign(sweep),
    ratio: median(population) / median(sweep),
  };
}
