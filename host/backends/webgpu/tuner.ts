/** Measures which tuning an adapter sweeps fastest with. */
import { DEFAULT_TUNING, type Tuning } from '../../../kernels/entry/grid.js';
import { type ChunkBench, chunkTimes, enoughDesigns } from './chunkTimes.js';
import type { OpenDevice } from './device.js';
import { createPipelines, type Pipelines } from './pipelines.js';
import { processDevice } from './session.js';
import { loadShader } from './shader.js';
import { createSpaceBuffers } from './spaceBuffers.js';
import { keepTuning, shaderHash, type TuningRecord, tunedSpace } from './tuning.js';

const WORKGROUP_SIZES = [32, 64, 128, 256];
const DESIGNS_PER_THREAD = [2, 4];

const RUNS = 12;
/** No further candidate is measured after that long: some drivers compile slowly. */
const LONGEST_MS = 90_000;
/** The default stays unless another is that much faster. */
const WORTHWHILE = 1.02;

type Candidate = TuningRecord['candidates'][number];

/** The device, used with other pipelines. */
export function withPipelines(open: OpenDevice, pipelines: Pipelines): OpenDevice {
  return Object.create(open, { pipelines: { value: () => pipelines } }) as OpenDevice;
}

/** The fastest chunk counts: whatever else runs on the machine only slows one. */
async function measure(bench: ChunkBench, tuning: Tuning, designs: number): Promise<Candidate> {
  const open = withPipelines(bench.open, createPipelines(bench.open.device, loadShader(bench.space), tuning));
  const { wallMs, deviceMs = wallMs } = await chunkTimes({ ...bench, open }, designs, RUNS);
  return { ...tuning, designsPerSecond: Math.round((1000 * designs) / Math.min(...deviceMs)) };
}

/** The best of candidates, the first of which is the default. */
function fastest(candidates: readonly Candidate[]): Candidate {
  const first = candidates[0]!;
  const best = candidates.reduce((a, b) => (b.designsPerSecond > a.designsPerSecond ? b : a));
  return best.designsPerSecond > WORTHWHILE * first.designsPerSecond ? best : first;
}

/** Workgroup sizes first, then designs per thread with the best of them. */
async function measureAll(bench: ChunkBench, onCandidate: (candidate: Candidate) => void): Promise<Candidate[]> {
  const began = performance.now();
  const designs = await enoughDesigns(bench);
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = bench.open.device.limits;
  const limit = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const candidates = [await measure(bench, DEFAULT_TUNING, designs)];
  onCandidate(candidates[0]!);
  // A driver may refuse a size that is within its limits, for want of registers: then it is no candidate.
  const add = async (tuning: Tuning): Promise<void> => {
    if (performance.now() - began > LONGEST_MS) return;
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
 * six times, a minute on a software adapter; fewer are measured where that takes longer than a minute and a half.
 *
 * @param onCandidate called after each measurement
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT, DISK_WRITE
 * @example
 * const { chosen, candidates } = await tuneAdapter();
 */
export async function tuneAdapter(
  onCandidate: (candidate: Candidate) => void = () => undefined,
): Promise<TuningRecord> {
  const open = await processDevice();
  const space = tunedSpace();
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
  }
}
