/** How many designs a second: random ones, neighbours, by size and by threads; and boxes of them. */
import type { Machine } from '../machine.js';
import type { BenchmarkResults } from '../results.js';
import type { ScalingResult } from '../scaling.js';
import type { ThroughputResult } from '../throughput.js';
import { digits, type ResultTable, table, whole } from './table.js';

/** `webgpu, llvmpipe (software), f32`: what ran on what. @param numbers WebGPU's */
function label({ backend, description }: ThroughputResult, { adapter }: Machine, numbers: string): string {
  if (backend === 'gpujs') return description.replace('gpu.js', 'gpujs,');
  if (backend !== 'webgpu' || adapter === undefined) return `${backend}, f64`;
  return `webgpu, ${adapter.name.split('-llvm')[0]} (${adapter.type}), ${numbers}`;
}

const RATE_HEADS = ['backend', 'designs/s', 'slowest … fastest run', '× 1 thread'];

function rateRows(rates: readonly ThroughputResult[], machine: Machine, numbers: string): string[][] {
  const base = rates[0]?.median ?? Number.NaN;
  return rates.map((result) => [
    label(result, machine, numbers),
    whole(result.median),
    `${whole(result.slowest)} … ${whole(result.fastest)}`,
    result.objective === 'time' ? digits(result.median / base) : '–',
  ]);
}

/** Also the README's. */
export function throughputTable({ throughput = [], machine }: BenchmarkResults): ResultTable {
  return table('Random designs, every output', RATE_HEADS, rateRows(throughput, machine, 'f32'));
}

export function stepsTable({ steps, machine }: BenchmarkResults): ResultTable[] {
  if (steps === undefined) return [];
  const { rates, compileMs } = steps;
  const compiling = compileMs === undefined ? '' : `; ${digits(compileMs / 1000)} s to the first results of WebGPU`;
  return [
    table(`Random designs of the astra-sim profile${compiling}`, RATE_HEADS, rateRows(rates, machine, 'whole ns')),
  ];
}

export function walkTable({ walks = [] }: BenchmarkResults): ResultTable[] {
  if (walks.length === 0) return [];
  const rows = walks.map(({ space, backend, start, random, walk, ratio, feasibleShare }) => [
    space,
    backend,
    whole(random),
    whole(walk),
    digits(ratio),
    `${whole(Number(start))} (${digits(100 * feasibleShare)} %)`,
  ]);
  const heads = [
    'space',
    'backend',
    'random (designs/s)',
    'neighbours (designs/s)',
    'ratio',
    'from ordinal (feasible)',
  ];
  return [table('Sweeps of neighbouring ordinals, against random designs', heads, rows)];
}

export function moneyTable({ money = [] }: BenchmarkResults): ResultTable[] {
  if (money.length === 0) return [];
  const rows = money.map(({ backend, designs, objective, ratio, least, most }) => [
    backend,
    designs,
    `\`${objective}\``,
    digits(ratio),
    `${digits(least)} … ${digits(most)}`,
  ]);
  const heads = ['backend', 'designs', 'objective', '× time without facts', 'least … most'];
  return [table('Days, dollars and joules, against time alone', heads, rows)];
}

export function boxesTable({ boxes = [] }: BenchmarkResults): ResultTable[] {
  const [base] = boxes;
  if (base === undefined) return [];
  const rows = boxes.map(({ backend, median, slowest, fastest }) => [
    backend,
    whole(median),
    `${whole(slowest)} … ${whole(fastest)}`,
    digits(median / base.median),
  ]);
  return [table('Boxes of a proof', ['backend', 'boxes/s', 'slowest … fastest run', '× 1 thread'], rows)];
}

/** What a size gave on a backend; or that it was left out, and why. */
function sizeCells({ points, skipped, backend }: ScalingResult, designs: number): string[] {
  const onDevice = backend === 'webgpu';
  const point = points.find((candidate) => candidate.designs === designs);
  if (point !== undefined) {
    const memory = [point.heapMB, ...(onDevice ? [point.deviceMB ?? 0] : [])];
    return [whole(point.designsPerSecond), ...memory.map(digits)];
  }
  const seconds = skipped.find((candidate) => candidate.designs === designs)?.expectedSeconds;
  return [seconds === undefined ? '–' : `skipped, ${whole(seconds)} s`, '–', ...(onDevice ? ['–'] : [])];
}

export function sizeTable({ sizes = [] }: BenchmarkResults): ResultTable[] {
  if (sizes.length === 0) return [];
  const heads = sizes.flatMap(({ backend }) => [
    `${backend} (designs/s)`,
    'heap (MB)',
    ...(backend === 'webgpu' ? ['buffers (MB)'] : []),
  ]);
  const rows = [...sizes[0]!.points, ...sizes[0]!.skipped].map(({ designs }) => [
    whole(designs),
    ...sizes.flatMap((result) => sizeCells(result, designs)),
  ]);
  return [table('Size of a sweep', ['designs', ...heads], rows)];
}

export function coresTable({ cores = [] }: BenchmarkResults): ResultTable {
  return table(
    'Threads of the CPU backend',
    ['threads', 'designs/s', '× 1 thread'],
    cores.map(({ threads, designsPerSecond, speedup }) => [whole(threads), whole(designsPerSecond), digits(speedup)]),
  );
}
