/** Measures which tuning an adapter sweeps fastest with. */
import { DEFAULT_TUNING, type Tuning } from '../../kernels/entry/grid.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { emptyPart, mergeParts } from '../../kernels/reduce/reduce.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { SweepRequest } from '../evaluator.js';
import type { OpenDevice } from './device.js';
import { busyMs, recordPasses } from './passTimes.js';
import { createPipelines } from './pipelines.js';
import { acquireDevice, releaseDevice } from './session.js';
import { createSpaceBuffers, type SpaceBuffers } from './spaceBuffers.js';
import { createSweepRunner } from './sweeps.js';
import { keepTuning, shaderHash, type TuningRecord } from './tuning.js';

const WORKGROUP_SIZES = [32, 64, 128, 256];
const DESIGNS_PER_THREAD = [2, 4];

/** Of one chunk, as a sweep's chunks are. */
const ENOUGH_MS = 20;
const FIRST_DESIGNS = 4096;
const MAX_DESIGNS = 2 ** 22;
/** The fastest counts: whatever else runs on the machine only slows a chunk. */
const RUNS = 4;
/** The default stays unless another is that much faster. */
const WORTHWHILE = 1.02;

type Candidate = TuningRecord['candidates'][number];

/** What the candidates are measured on. */
interface Bench {
  readonly open: OpenDevice;
  readonly space: CompiledSpace;
  readonly shared: SpaceBuffers;
}

/** Random designs, of which there is no end: the same for all candidates. */
const REQUEST: SweepRequest = {
  source: { kind: 'samples', seed: 1 },
  start: 0n,
  count: 2n ** 40n,
  objectives: [parseObjective('time')],
  top: 10,
  pareto: false,
};

/** The device, used with other pipelines. */
export function withPipelines(open: OpenDevice, pipelines: OpenDevice['pipelines']): OpenDevice {
  return Object.create(open, { pipelines: { value: pipelines } }) as OpenDevice;
}

/** Runs chunks of `designs` and gives the time of the fastest, after one to warm up; of the device alone where it has a clock. */
async function fastestMs({ open, space, shared }: Bench, designs: number): Promise<number> {
  const runner = await createSweepRunner(open, space, shared, REQUEST);
  try {
    let finished = emptyPart(0n);
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= RUNS; run++) {
      const recorder = recordPasses(open.device);
      const began = performance.now();
      const part = await runner.run(finished.evaluated, designs, finished);
      const wallMs = performance.now() - began;
      const passes = await recorder?.stop();
      const ms = passes === undefined ? wallMs : busyMs(passes);
      if (run > 0) fastest = Math.min(fastest, ms);
      finished = mergeParts(finished, part, REQUEST.top);
    }
    return fastest;
  } finally {
    runner.destroy();
  }
}

/** As many designs as the device works on for a while. */
async function enoughDesigns(bench: Bench): Promise<number> {
  let designs = FIRST_DESIGNS;
  while (designs < MAX_DESIGNS && (await fastestMs(bench, designs)) < ENOUGH_MS) designs *= 2;
  return designs;
}

async function measure(bench: Bench, tuning: Tuning, designs: number): Promise<Candidate> {
  const pipelines = await createPipelines(bench.open.device, tuning);
  await bench.open.whileAlive(pipelines.pipeline('sweep'));
  const ms = await fastestMs({ ...bench, open: withPipelines(bench.open, pipelines) }, designs);
  return { ...tuning, designsPerSecond: Math.round((1000 * designs) / ms) };
}

/** The best of candidates, the first of which is the default. */
function fastest(candidates: readonly Candidate[]): Candidate {
  const first = candidates[0]!;
  const best = candidates.reduce((a, b) => (b.designsPerSecond > a.designsPerSecond ? b : a));
  return best.designsPerSecond > WORTHWHILE * first.designsPerSecond ? best : first;
}

/** Workgroup sizes first, then designs per thread with the best of them. */
async function measureAll(bench: Bench, onCandidate: (candidate: Candidate) => void): Promise<Candidate[]> {
  const designs = await enoughDesigns(bench);
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = bench.open.device.limits;
  const limit = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const candidates = [await measure(bench, DEFAULT_TUNING, designs)];
  onCandidate(candidates[0]!);
  // A driver may refuse a size that is within its limits, for want of registers: then it is no candidate.
  const add = async (tuning: Tuning): Promise<void> => {
    try {
      const candidate = await measure(bench, tuning, designs);
      candidates.push(candidate);
      onCandidate(candidate);
    } catch (error) {
      if (bench.open.isLost) throw error;
    }
  };
  for (const workgroupSize of WORKGROUP_SIZES.filter((size) => size <= limit)) {
    if (workgroupSize !== DEFAULT_TUNING.workgroupSize) await add({ workgroupSize, designsPerThread: 1 });
  }
  const { workgroupSize } = fastest(candidates);
  for (const designsPerThread of DESIGNS_PER_THREAD) await add({ workgroupSize, designsPerThread });
  return candidates;
}

/**
 * Measures tunings on the fastest adapter and keeps the best for all later evaluators on it. Takes the time to compile the sweep
 * six times, a minute on a software adapter.
 *
 * @param onCandidate called after each measurement
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT, DISK_WRITE
 * @example
 * const { chosen, candidates } = await tuneAdapter();
 */
export async function tuneAdapter(
  onCandidate: (candidate: Candidate) => void = () => undefined,
): Promise<TuningRecord> {
  const open = await acquireDevice();
  const space = compilePsa(loadPsa('cosmic-full'));
  const shared = createSpaceBuffers(open.device, space);
  try {
    const candidates = await measureAll({ open, space, shared }, onCandidate);
    const { workgroupSize, designsPerThread } = fastest(candidates);
    const record = {
      adapter: open.adapter.name,
      driver: open.adapter.driver,
      shader: shaderHash(),
      date: new Date().toISOString().slice(0, 10),
      chosen: { workgroupSize, designsPerThread },
      candidates,
    };
    keepTuning(open.adapter, record);
    return record;
  } finally {
    shared.destroy();
    releaseDevice(open);
  }
}
