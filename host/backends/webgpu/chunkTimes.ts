/** Times chunks of a sweep of random designs, as a sweep submits them: for the tuner and for benchmarks. */
import { parseObjective } from '../../../kernels/objective/objective.js';
import { emptyPart, mergeParts } from '../../../kernels/reduce/reduce.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { SweepRequest } from '../evaluator.js';
import type { OpenDevice } from './device.js';
import { busyMs, recordPasses } from './passTimes.js';
import type { SpaceBuffers } from './spaceBuffers.js';
import { createSweepRunner } from './sweeps.js';

/** What chunks are timed on. */
export interface ChunkBench {
  readonly open: OpenDevice;
  readonly space: CompiledSpace;
  readonly shared: SpaceBuffers;
}

/** Of each chunk, ms. */
export interface ChunkTimes {
  /** From the request to the merged part. */
  readonly wallMs: readonly number[];
  /** Of the device alone; undefined where it has no clock. */
  readonly deviceMs: readonly number[] | undefined;
}

/** As a sweep's chunks are. */
const ENOUGH_MS = 20;
const FIRST_DESIGNS = 4096;
const MAX_DESIGNS = 2 ** 22;

/** Random designs, of which there is no end; all outputs, for all operations of the kernel count. */
const REQUEST: SweepRequest = {
  source: { kind: 'samples', seed: 1 },
  start: 0n,
  count: 2n ** 40n,
  objectives: [parseObjective('time')],
  top: 10,
  pareto: false,
  everyOutput: true,
};

/** Times chunks of `designs`, one at a time, after a small one that finds the first candidates, and one to warm up. */
export async function chunkTimes(
  { open, space, shared }: ChunkBench,
  designs: number,
  runs: number,
): Promise<ChunkTimes> {
  const runner = await createSweepRunner(open, space, shared, REQUEST);
  const wallMs: number[] = [];
  const deviceMs: number[] = [];
  try {
    let finished = emptyPart(REQUEST.start);
    for (let run = -1; run <= runs; run++) {
      const count = run === -1 ? FIRST_DESIGNS : designs;
      const recorder = recordPasses(open);
      const began = performance.now();
      finished = mergeParts(finished, await runner.run(finished.evaluated, count, finished), REQUEST.top);
      const ms = performance.now() - began;
      const passes = await recorder?.stop();
      if (run <= 0) continue;
      wallMs.push(ms);
      if (passes !== undefined) deviceMs.push(busyMs(passes));
    }
    return { wallMs, deviceMs: deviceMs.length === 0 ? undefined : deviceMs };
  } finally {
    runner.destroy();
  }
}

/** The size of a chunk that the device works on for a while. */
export async function enoughDesigns(bench: ChunkBench): Promise<number> {
  for (let designs = FIRST_DESIGNS; designs < MAX_DESIGNS; designs *= 2) {
    const { wallMs, deviceMs = wallMs } = await chunkTimes(bench, designs, 2);
    if (Math.min(...deviceMs) >= ENOUGH_MS) return designs;
  }
  return MAX_DESIGNS;
}
