import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { loadSystem } from '../../psa/system.js';
import { temporaryFolder, writerIn } from '../../test/temporaryFolder.js';
import { KernelBench } from '../validate/kernels/bench.js';
import { validateKernels } from '../validate/kernels/kernels.js';
import { validateMeasured } from '../validate/measured/measured.js';
import { calibrate } from './calibrate.js';
import { systemWith } from './machine.js';
import { machineFileText } from './machineFile.js';

const written = writerIn(temporaryFolder('calibrate'));

const example = (name: string): string => join(packageRoot, 'examples', 'calibrate', name);
const OPTIONS = { resamples: 20, seed: 1 } as const;

const SIZES = [64, 256, 1024, 4096, 16384];

/** Products of a machine whose constants are known. */
function productsOf(constants: ReadonlyMap<string, number>): string {
  const bench = new KernelBench(systemWith(loadSystem('h100-sxm'), constants));
  const rows = SIZES.flatMap((m) =>
    SIZES.slice(1).flatMap((n) =>
      SIZES.slice(1).map(
        (k) => `bf16,${m},${n},${k},${bench.productUs({ m, n, k, precision: 'bf16', quantizes: true })}`,
      ),
    ),
  );
  return `precision,m,n,k,time_us\n${rows.join('\n')}\n`;
}

describe('calibrate', () => {
  it('finds the constants of a machine again', () => {
    const known = new Map([
      ['compute.gemmEfficiency', 0.6],
      ['compute.kernelOverheadUs', 5],
      ['compute.gemmHalfDepth', 200],
      ['compute.gemmMemoryEfficiency', 0.7],
    ]);
    const { calibrations } = calibrate({
      machine: 'h100-sxm',
      kernels: [written('known.csv', productsOf(known))],
      ...OPTIONS,
    });
    const [{ constants, fitted }] = calibrations as [(typeof calibrations)[0]];
    expect(fitted.medianRelError).toBeLessThan(0.002);
    for (const [name, value] of known) {
      const found = constants.find((one) => one.name === name)!;
      expect(Math.abs(found.value / value - 1), name).toBeLessThan(0.02);
    }
  });

  it('predicts what it did not see, of measured products and collectives', () => {
    const { calibrations, system, assumed } = calibrate({
      machine: 'h100-sxm',
      kernels: [example('products.csv')],
      collectives: ['all_reduce-1x8.txt', 'all_gather-1x8.txt', 'all_reduce-10x8.txt', 'all_gather-10x8.txt'].map(
        example,
      ),
      ...OPTIONS,
    });
    const leftOut = Object.fromEntries(calibrations.map((one) => [one.evidence, one.leftOut!.medianRelError]));
    expect(leftOut.products).toBeLessThan(0.05);
    expect(leftOut['eight-bit products']).toBeLessThan(0.05);
    expect(leftOut['collectives inside a node']).toBeLessThan(0.03);
    expect(leftOut['collectives between nodes']).toBeLessThan(0.1);
    expect(calibrations.flatMap(({ constants }) => constants)).toSatisfy((all: (typeof calibrations)[0]['constants']) =>
      all.every(({ interval: [low, high] }) => low > 0 && low < high),
    );
    // Of networks without tables of attention, attention is as before.
    expect(assumed.map(({ name }) => name)).toContain('compute.fusedAttentionHalfDim');
    expect(system.defaults.get('network.efficiency')![1]).toBeLessThan(0.9);
  });

  it('is the same again, and other seeds alter intervals alone', () => {
    const run = (seed: number) =>
      calibrate({ machine: 'h100-sxm', kernels: [example('products.csv')], resamples: 10, seed }).calibrations;
    expect(run(1)).toEqual(run(1));
    expect(run(2).map(({ fitted }) => fitted)).toEqual(run(1).map(({ fitted }) => fitted));
    expect(run(2)).not.toEqual(run(1));
  });

  it('writes a file that predicts as it was calibrated, framework included', () => {
    const request = { machine: 'h100-sxm', software: 'megatron-core', steps: [example('steps.csv')] };
    const result = calibrate({ ...request, resamples: 10, seed: 1 });
    const [{ fitted, leftOut, before }] = result.calibrations as [(typeof result.calibrations)[0]];
    const text = machineFileText(result, { name: 'mine', ...request });
    const { medianRelError, meanAbsRelError } = validateMeasured({
      file: example('steps.csv'),
      system: written('mine.yaml', text),
    });
    expect(meanAbsRelError).toBeCloseTo(fitted.meanAbsRelError, 3);
    expect(medianRelError).toBeCloseTo(fitted.medianRelError, 3);
    expect(fitted.meanAbsRelError).toBeLessThan(before.meanAbsRelError);
    expect(leftOut!.meanAbsRelError).toBeLessThan(0.08);
    expect(text).toMatch(/sustainedClock: 0\.\d+ # 0\.\d+ to 0\.\d+; calibrated on 12 rows: steps \(steps\.csv\)/);
    expect(text).toContain('attention: fused');
  });

  it('leaves what the machine knows where rows say nothing of it', () => {
    const few = readFileSync(example('products.csv'), 'utf8').split('\n').slice(0, 6).join('\n');
    const { calibrations, assumed } = calibrate({
      machine: 'h100-sxm',
      kernels: [written('few.csv', few)],
      ...OPTIONS,
    });
    expect(calibrations.map(({ constants }) => constants.map(({ name }) => name))).toEqual([
      ['compute.gemmEfficiency'],
    ]);
    expect(assumed).toContainEqual({ name: 'compute.kernelOverheadUs', value: 2.9 });
  });

  it.each([
    [
      'several machines in a table',
      { kernels: [join(packageRoot, 'test', 'data', 'kernels', 'gemm.csv')] },
      'several GPUs',
    ],
    ['nothing at all', {}, 'too few rows'],
    ['a heading of no table', { kernels: [written('odd.csv', 'a,b\n1,2\n')] }, 'the heading is that of no table'],
    [
      'ranks that fill no node',
      { collectives: [written('all_reduce.txt', output('all_reduce', 3, 2))] },
      'whole nodes',
    ],
  ])('says what is wrong: %s', (_, request, message) => {
    expect(() => calibrate({ machine: 'h100-sxm', ...request, ...OPTIONS })).toThrow(message);
  });

  it('takes a table of one machine as validate does', () => {
    expect(validateKernels({ file: example('products.csv'), system: 'h100-sxm' }).medianRelError).toBeLessThan(0.05);
  });
});

function output(program: string, ranks: number, hosts: number): string {
  const lines = Array.from(
    { length: ranks },
    (_, i) => `#  Rank  ${i} Group  0 Pid  1 on  host${i % hosts} device  ${i}`,
  );
  return [`# ${program}_perf`, ...lines, '#  size count type redop root time', '65536 16384 float sum -1 20.1'].join(
    '\n',
  );
}
