/** Results as Markdown tables: what the benchmark prints, and what docs/performance.md and the README show. */

import type { ConceptResult } from './concepts/measure.js';
import type { Machine } from './machine.js';
import type { OperationCount } from './operations.js';
import type { BenchmarkResults, DeviceResult } from './results.js';
import type { ScalingResult } from './scaling.js';
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

function machineTable(results: BenchmarkResults): ResultTable {
  const { machine, date, space } = results;
  return table(
    'Machine',
    ['what', 'value'],
    [
      ['date, commit', `${date}, ${machine.commit}`],
      ['CPU', `${machine.cpu}, ${machine.cores} cores, load ${digits(machine.load)} before`],
      ['adapter', machine.adapter === undefined ? 'none' : `${machine.adapter.name}, ${machine.adapter.type}`],
      ['driver', machine.adapter?.driver ?? 'none'],
      ['threads of a workgroup × designs of a thread', tuningText(results)],
      ['space', space],
    ],
  );
}

function tuningText({ tuning, machine }: BenchmarkResults): string {
  const kept = machine.adapter?.tuning;
  const used = tuning?.chosen ?? kept?.tuning;
  if (used === undefined) return 'none';
  const date = tuning?.date ?? kept?.date;
  return `${used.workgroupSize} × ${used.designsPerThread}, ${date === undefined ? 'default' : `measured ${date}`}`;
}

function tuningTable({ tuning }: BenchmarkResults): ResultTable[] {
  if (tuning === undefined) return [];
  const rows = tuning.candidates.map(({ workgroupSize, designsPerThread, designsPerSecond }) => [
    whole(workgroupSize),
    whole(designsPerThread),
    whole(designsPerSecond),
  ]);
  return [table('Tuning, the kernel alone', ['threads of a workgroup', 'designs of a thread', 'designs/s'], rows)];
}

/** `webgpu, llvmpipe (software), f32`: what ran on what. */
function label({ backend, description }: ThroughputResult, { adapter }: Machine): string {
  if (backend === 'gpujs') return description.replace('gpu.js', 'gpujs,');
  if (backend !== 'webgpu' || adapter === undefined) return `${backend}, f64`;
  return `webgpu, ${adapter.name.split('-llvm')[0]} (${adapter.type}), f32`;
}

/** Also the README's. */
export function throughputTable({ throughput = [], machine }: BenchmarkResults): ResultTable {
  const base = throughput[0]?.median ?? Number.NaN;
  return table(
    'Random designs, every output',
    ['backend', 'designs/s', 'slowest … fastest run', '× 1 thread'],
    throughput.map((result) => [
      label(result, machine),
      whole(result.median),
      `${whole(result.slowest)} … ${whole(result.fastest)}`,
      result.objective === 'time' ? digits(result.median / base) : '–',
    ]),
  );
}

/** What the kernel does with the device's arithmetic. */
function arithmeticRows({ operations }: BenchmarkResults, device: DeviceResult): string[][] {
  if (operations === undefined) return [];
  const achieved = ((operations.f32 + operations.f32Divisions) * device.designsPerSecond) / 1e12;
  return [
    ['f32 operations of the kernel (TFLOP/s)', digits(achieved)],
    ['of the measured arithmetic (%)', digits((100 * achieved) / device.arithmeticTflops)],
  ];
}

/** How much of a sweep's time the device works. */
function busyRows({ busy }: DeviceResult): string[][] {
  const sweep = `a sweep of ${whole(busy.designs)} designs`;
  if (busy.busyMs === undefined) return [[`${sweep} (ms)`, digits(busy.wallMs)]];
  return [
    [`${sweep}, ${whole(busy.submits)} submits (ms)`, digits(busy.wallMs)],
    ['of that the device works, by its clock (%)', digits((100 * busy.busyMs) / busy.wallMs)],
  ];
}

function deviceRows(results: BenchmarkResults, device: DeviceResult): string[][] {
  return [
    ['f32 arithmetic, measured (TFLOP/s)', digits(device.arithmeticTflops)],
    ['copying memory, measured (GB/s)', digits(device.copyGBps)],
    ['kernel alone (designs/s)', whole(device.designsPerSecond)],
    ...arithmeticRows(results, device),
    [
      `${whole(device.designs)} designs by the device's clock (ms)`,
      device.kernelMs === undefined ? 'none' : digits(device.kernelMs),
    ],
    [`${whole(device.designs)} designs by the host's clock (ms)`, digits(device.wallMs)],
    ...busyRows(device),
    ['compiling the kernel, to its first designs (s)', digits(device.compileMs / 1000)],
  ];
}

function deviceTable(results: BenchmarkResults): ResultTable[] {
  if (results.device === undefined) return [];
  return [table('The kernel and its ceilings', ['quantity', 'value'], deviceRows(results, results.device))];
}

function operationTable({ operations, walkOperations: walk }: BenchmarkResults): ResultTable[] {
  if (operations === undefined) return [];
  const counted = walk === undefined ? [operations] : [operations, walk];
  const counts = (count: (of: OperationCount) => number): string[] => counted.map((of) => whole(count(of)));
  const one = table(
    `Operations of a design, mean of ${operations.designs}`,
    ['operations', 'number', ...(walk === undefined ? [] : [`behind its neighbour, mean of ${walk.designs}`])],
    [
      ['f32: + − × < min max select', ...counts(({ f32 }) => f32)],
      ['f32 divisions', ...counts(({ f32Divisions }) => f32Divisions)],
      ['whole numbers and truth values', ...counts(({ integer }) => integer)],
    ],
  );
  return [one];
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

function sizeTable({ sizes = [] }: BenchmarkResults): ResultTable[] {
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

function coresTable({ cores = [] }: BenchmarkResults): ResultTable {
  return table(
    'Threads of the CPU backend',
    ['threads', 'designs/s', '× 1 thread'],
    cores.map(({ threads, designsPerSecond, speedup }) => [whole(threads), whole(designsPerSecond), digits(speedup)]),
  );
}

function walkTable({ walks = [] }: BenchmarkResults): ResultTable[] {
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

function populationTable({ populations = [] }: BenchmarkResults): ResultTable {
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

function evolutionTable({ evolution }: BenchmarkResults): ResultTable[] {
  if (evolution === undefined) return [];
  const { islands, population, designs, evolution: evolved, sweep, ratio } = evolution;
  return [
    table(
      'Evolution that stays on the device (island-ga), against a sweep of random designs',
      ['islands × designs', 'designs evaluated', 'evolution (designs/s)', 'sweep (designs/s)', 'ratio'],
      [[`${whole(islands)} × ${whole(population)}`, whole(designs), whole(evolved), whole(sweep), digits(ratio)]],
    ),
  ];
}

/** `1,234,567 ± 1.2 %` */
function rateCell({ rates }: ConceptResult, on: string): string {
  const rate = rates.find((candidate) => candidate.on === on);
  return rate === undefined ? 'failed' : `${whole(rate.evaluationsPerSecond)} ± ${digits(rate.marginPercent)} %`;
}

function agentTable({ agents = [] }: BenchmarkResults): ResultTable[] {
  const [first] = agents;
  if (first === undefined) return [];
  const threads = first.evaluations.map(
    (evaluation) => `${evaluation.threads} thread${evaluation.threads > 1 ? 's' : ''}`,
  );
  return [
    table(
      `What the agents cost, for each generation of ${whole(first.population)}`,
      [
        'agent',
        'ask and tell (ms)',
        ...threads.flatMap((on) => [`evaluation, ${on} (ms)`, `share of the agent, ${on} (%)`]),
      ],
      agents.map(({ agent, agentMs, evaluations }) => [
        agent,
        digits(agentMs),
        ...evaluations.flatMap(({ ms, sharePercent }) => [whole(ms), digits(sharePercent)]),
      ]),
    ),
  ];
}

function conceptTable({ concepts = [] }: BenchmarkResults): ResultTable[] {
  if (concepts.length === 0) return [];
  const backends = [...new Set(concepts.flatMap(({ rates }) => rates.map(({ on }) => on)))];
  const rows = concepts.map((concept) => [
    concept.name,
    ...backends.map((on) => rateCell(concept, on)),
    digits(Math.max(...concept.rates.map(({ maxRelError }) => maxRelError))),
  ]);
  return [
    table('Single concepts, evaluations a second', ['concept', ...backends, 'largest relative difference'], rows),
  ];
}

function designTable({ designs = [] }: BenchmarkResults): ResultTable[] {
  if (designs.length === 0) return [];
  const rows = designs.map(({ name, microseconds, marginPercent }) => [
    name,
    digits(microseconds),
    digits(marginPercent),
  ]);
  return [table('Whole designs, f64, one thread', ['workload', 'mean (us)', 'margin at 95 % (%)'], rows)];
}

/** All tables, in the order of docs/performance.md. */
export function tablesOf(results: BenchmarkResults): ResultTable[] {
  return [
    machineTable(results),
    ...tuningTable(results),
    throughputTable(results),
    ...walkTable(results),
    ...operationTable(results),
    ...deviceTable(results),
    ...sizeTable(results),
    coresTable(results),
    populationTable(results),
    ...agentTable(results),
    ...evolutionTable(results),
    ...conceptTable(results),
    ...designTable(results),
  ];
}
