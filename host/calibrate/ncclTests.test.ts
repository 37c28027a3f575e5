import { describe, expect, it } from 'vitest';
import { temporaryFolder, writerIn } from '../../test/temporaryFolder.js';
import { readNcclTests } from './ncclTests.js';

const written = writerIn(temporaryFolder('nccl'));

const RANKS = Array.from(
  { length: 16 },
  (_, i) =>
    `#  Rank ${String(i).padStart(2)} Group  0 Pid ${4000 + i} on  gpu-${Math.floor(i / 8)} device  ${i % 8} [0x1b] NVIDIA H100 80GB HBM3`,
).join('\n');

/** As the program prints it. */
const PRINTED = `# nThread 1 nGpus 1 minBytes 65536 maxBytes 262144 step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1 validation: 1 graph: 0
#
# Using devices
${RANKS}
NCCL version 2.21.5+cuda12.4
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
           0             0     float     sum      -1     0.18    0.00    0.00      0     0.17    0.00    0.00      0
       65536         16384     float     sum      -1    41.27    1.59    2.98      0    40.92    1.60    3.00      0
      131072         32768     float     sum      -1    52.10    2.52    4.72    N/A    51.33    2.55    4.79    N/A
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 3.8732
`;

describe('readNcclTests', () => {
  it('reads what is printed: ranks, hosts, times out of place', () => {
    const file = written('all_reduce_perf.log', PRINTED);
    expect(readNcclTests(file)).toEqual({
      file,
      collective: 'allReduce',
      gpus: 16,
      nodes: 2,
      sizes: [
        { bytes: 65536, timeUs: 41.27, line: 26 },
        { bytes: 131072, timeUs: 52.1, line: 27 },
      ],
    });
  });

  it.each([
    ['all_gather_perf.txt', 'allGather'],
    ['reduce_scatter.txt', 'reduceScatter'],
    ['alltoall_perf.out', 'allToAll'],
  ])('takes the collective from the name %s', (name, collective) => {
    expect(readNcclTests(written(name, PRINTED)).collective).toBe(collective);
  });

  it('lets the argument name it', () => {
    expect(readNcclTests(`reduce_scatter=${written('run.txt', PRINTED)}`).collective).toBe('reduceScatter');
  });

  it.each([
    ['no name', 'run2.txt', PRINTED, 'nothing says which collective'],
    ['no ranks', 'all_reduce1.txt', PRINTED.replace(/# {2}Rank.*\n/g, ''), 'it lists no ranks'],
    ['no table', 'all_reduce2.txt', RANKS, 'no table of sizes'],
    ['a row cut short', 'all_reduce3.txt', PRINTED.replace('    2.52    4.72    N/A', ''), 'is not understood'],
  ])('says what is wrong: %s', (_, name, text, message) => {
    expect(() => readNcclTests(written(name, text))).toThrow(message);
  });
});
