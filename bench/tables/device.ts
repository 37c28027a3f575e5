/** What a design needs, and what the device makes of it. */
import type { OperationCount } from '../operations.js';
import type { BenchmarkResults, DeviceResult } from '../results.js';
import { digits, type ResultTable, table, whole } from './table.js';

/** Operations of a design that vary with it. */
function varying({ f32, f32Divisions, integer }: OperationCount): number {
  return f32 + f32Divisions + integer;
}

export function operationTable({ operations, walkOperations: walk }: BenchmarkResults): ResultTable[] {
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
      ...(walk === undefined
        ? []
        : [['all of these: so many times fewer', '1', digits(varying(operations) / varying(walk))]]),
      // Older files have neither, and count constants above.
      ...(operations.folded === undefined
        ? []
        : [
            ['of constants, which compilers fold', ...counts(({ folded }) => folded)],
            ['bytes of private variables', ...counts(({ privateBytes }) => privateBytes)],
          ]),
    ],
  );
  return [one];
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

export function deviceTable(results: BenchmarkResults): ResultTable[] {
  if (results.device === undefined) return [];
  return [table('The kernel and its ceilings', ['quantity', 'value'], deviceRows(results, results.device))];
}
