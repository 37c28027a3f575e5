/** Results as Markdown tables: what the benchmark prints, and what docs/performance.md and the README show. */
import type { Machine } from './machine.js';
import type { BenchmarkResults, DeviceResult } from './results.js';
import type { ThroughputResult } from './throughput.js';

export interface ResultTable {
  readonly title: string;
  readonly markdown: string;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const digits = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): ResultTable {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return { title, markdown: [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n') };
}

function machineTable({ machine, date, space }: BenchmarkResults): ResultTable {
  return table(
    'Machine',
    ['what', 'value'],
    [
      ['date, commit', `${date}, ${machine.commit}`],
      ['CPU', `${machine.cpu}, ${machine.cores} cores, load ${digits(machine.load)} before`],
      ['adapter', machine.adapter === undefined ? 'none' : `${machine.adapter.name}, ${machine.adapter.type}`],
      ['driver', machine.adapter?.driver ?? 'none'],
      ['space', space],
    ],
  );
}

/** `webgpu, llvmpipe (software), f32`: what ran on what. */
function label({ backend, description }: ThroughputResult, { adapter }: Machine): string {
  if (backend === 'gpujs') return description.replace('gpu.js', 'gpujs,');
  if (backend !== 'webgpu' || adapter === undefined) return `${backend}, f64`;
  return `webgpu, ${adapter.name.split('-llvm')[0]} (${adapter.type}), f32`;
}

/** Also the README's. */
export function throughputTable({ throughput, machine }: BenchmarkResults): ResultTable {
  const base = throughput[0]!.median;
  return table(
    'Sweeps of random designs',
    ['backend', 'designs/s', 'slowest … fastest run', '× 1 thread'],
    throughput.map((result) => [
      label(result, machine),
      whole(result.median),
      `${whole(result.slowest)} … ${whole(result.fastest)}`,
      result.objective === 'time' ? digits(result.median / base) : '–',
    ]),
  );
}

/** Shares of the wall time and of the arithmetic, of the device as a sweep uses it. */
function deviceRows(results: BenchmarkResults, device: DeviceResult): string[][] {
  const sweep = results.throughput.find(({ backend }) => backend === 'webgpu')!;
  const perDesign = results.operations.f32 + results.operations.f32Divisions;
  const achieved = (perDesign * device.designsPerSecond) / 1e12;
  const busy = sweep.median / device.designsPerSecond;
  return [
    ['f32 arithmetic, measured (TFLOP/s)', digits(device.arithmeticTflops)],
    ['copying memory, measured (GB/s)', digits(device.copyGBps)],
    ['kernel alone (designs/s)', whole(device.designsPerSecond)],
    ['f32 operations of the kernel (TFLOP/s)', digits(achieved)],
    ['of the measured arithmetic (%)', digits((100 * achieved) / device.arithmeticTflops)],
    ["a sweep's rate, of the kernel's alone (%)", digits(100 * busy)],
    [
      `${whole(device.designs)} designs by the device's clock (ms)`,
      device.kernelMs === undefined ? 'none' : digits(device.kernelMs),
    ],
    [`${whole(device.designs)} designs by the host's clock (ms)`, digits(device.wallMs)],
  ];
}

function deviceTable(results: BenchmarkResults): ResultTable[] {
  if (results.device === undefined) return [];
  return [table('The kernel and its ceilings', ['quantity', 'value'], deviceRows(results, results.device))];
}

function operationTable({ operations }: BenchmarkResults): ResultTable {
  return table(
    `Operations of a design, mean of ${operations.designs}`,
    ['operations', 'number'],
    [
      ['f32: + − × < min max select', whole(operations.f32)],
      ['f32 divisions', whole(operations.f32Divisions)],
      ['whole numbers and truth values', whole(operations.integer)],
    ],
  );
}

function sizeTable({ sizes }: BenchmarkResults): ResultTable {
  return table(
    'Size of a sweep',
    ['designs', ...sizes.map(({ backend }) => `${backend} (designs/s)`)],
    (sizes[0]?.points ?? []).map(({ designs }) => [
      whole(designs),
      ...sizes.map(({ points }) => {
        const point = points.find((candidate) => candidate.designs === designs);
        return point === undefined ? '–' : whole(point.designsPerSecond);
      }),
    ]),
  );
}

function coresTable({ cores }: BenchmarkResults): ResultTable {
  return table(
    'Threads of the CPU backend',
    ['threads', 'designs/s', '× 1 thread'],
    cores.map(({ threads, designsPerSecond, speedup }) => [whole(threads), whole(designsPerSecond), digits(speedup)]),
  );
}

function populationTable({ populations }: BenchmarkResults): ResultTable {
  return table(
    'A population of an agent, all outputs back, against a sweep',
    ['backend', 'designs', 'population (us a design)', 'sweep (us a design)', 'ratio'],
    populations.map(({ backend, designs, populationUsPerDesign, sweepUsPerDesign, ratio }) => [
      backend,
      whole(designs),
      digits(populationUsPerDesign),
      digits(sweepUsPerDesign),
      digits(ratio),
    ]),
  );
}

function conceptTable({ concepts }: BenchmarkResults): ResultTable {
  return table(
    'Single concepts, f64, one thread',
    ['concept', 'mean (us)', 'margin at 95 % (%)'],
    concepts.map(({ name, microseconds, marginPercent }) => [name, digits(microseconds), digits(marginPercent)]),
  );
}

/** All tables, in the order of docs/performance.md. */
export function tablesOf(results: BenchmarkResults): ResultTable[] {
  return [
    machineTable(results),
    throughputTable(results),
    operationTable(results),
    ...deviceTable(results),
    sizeTable(results),
    coresTable(results),
    populationTable(results),
    conceptTable(results),
  ];
}
