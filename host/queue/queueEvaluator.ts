/** An evaluator whose designs are evaluated by workers on other machines. */
import { AGENTS } from '../../agents/agents.js';
import { OUTPUTS } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import {
  type BackendName,
  type Batch,
  type BoxesRequest,
  type BoxValues,
  CPU_PROVENANCE,
  type Evaluator,
  joinProvenances,
  type Results,
  WEBGPU_PROVENANCE,
} from '../backends/evaluator.js';
import { joinBoxValues, joinResults } from '../backends/joinSlices.js';
import { checkBatch, checkSweep } from '../backends/requests.js';
import { runFingerprint, sha256 } from '../runs/fingerprint.js';
import type { RunSettings } from '../runs/manifest.js';
import type { OpenSpace } from '../runs/openSpace.js';
import { type Answer, FailedPart, PartQueue } from './partQueue.js';
import { boundPart, boxesPerPart, boxValuesFrom, DESIGNS_PER_PART, evaluatePart, resultsFrom } from './parts.js';
import { Registry } from './registry.js';
import { connect, queueError, type ServerAddress, serverError } from './server.js';
import { sweepParts } from './sweepParts.js';

export interface QueueOptions {
  /** What workers evaluate on; `auto`: WebGPU where one of them has a hardware adapter, else the CPU. */
  readonly backend: 'auto' | BackendName;
  /** What the work is named after, beside its space and backend: two that differ in it have each a queue. */
  readonly settings?: RunSettings | undefined;
  /** Designs of a part of a sweep; what takes about half a second unless given. */
  readonly partSize?: number | undefined;
  /** Told when there are no workers at the beginning. */
  readonly onWait?: () => void;
}

const WAIT_MS = 500;

/** What parts are, for people. */
const GENERATION = 'a generation of a search';
const BOXES = 'boxes of a proof';

/**
 * The backend for `auto`: waits for a worker.
 *
 * @throws CosmicError QUEUE, BACKEND_LIMIT
 */
export async function backendOf(
  address: ServerAddress,
  { backend, onWait }: Pick<QueueOptions, 'backend' | 'onWait'>,
): Promise<'cpu' | 'webgpu'> {
  if (backend === 'gpujs') {
    throw new CosmicError('BACKEND_LIMIT', 'workers of a queue have no backend gpujs', { remedy: 'use cpu or webgpu' });
  }
  if (backend !== 'auto') return backend;
  const { redis, close } = await connect(address);
  try {
    const registry = new Registry(redis, address);
    for (let tries = 0; ; tries++) {
      const there = await registry.workers();
      if (there.includes('webgpu')) return 'webgpu';
      if (there.length > 0) return 'cpu';
      if (tries === 1) onWait?.();
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  } catch (error) {
    throw serverError(address, error);
  } finally {
    close();
  }
}

/** @throws CosmicError BACKEND_LIMIT where designs of the search would stay on one device, which a queue has not */
function checkAgent(settings: RunSettings | undefined, backend: BackendName): void {
  if (settings?.kind !== 'search' || AGENTS[settings.agent].resident === undefined || backend === 'cpu') return;
  throw new CosmicError('BACKEND_LIMIT', `the designs of the agent ${settings.agent} stay on one GPU`, {
    remedy: 'search without a queue, by another agent, or with --backend cpu',
  });
}

/**
 * Creates an evaluator that puts its work into a queue, from which `cosmic worker` takes it. Results are those of the backend that
 * workers evaluate on, whoever computed which part.
 *
 * @throws CosmicError QUEUE where the server cannot be used, BACKEND_LIMIT
 * @example
 * const evaluator = await createQueueEvaluator(openSpace('cosmic-network'), parseAddress('redis://head:6379'), { backend: 'cpu' });
 */
export async function createQueueEvaluator(
  { space, reference }: Pick<OpenSpace, 'space' | 'reference'>,
  address: ServerAddress,
  options: QueueOptions,
): Promise<Evaluator> {
  const backend = await backendOf(address, options);
  checkAgent(options.settings, backend);
  const { settings, partSize } = options;
  const unknown = backend === 'cpu' ? CPU_PROVENANCE : WEBGPU_PROVENANCE;
  const name =
    settings === undefined
      ? sha256(JSON.stringify([reference.fingerprint, backend]))
      : runFingerprint({ space: reference, backend: { name: backend }, settings });
  const queue = await PartQueue.open(address, name, { backend, work: { kind: 'space', space: reference } });
  if (queue.workers === 0) options.onWait?.();
  let keeps = false;

  /** What a part came to, read; the server may forget it. */
  const read = async <T>(answer: Promise<Answer>, from: (bytes: Buffer) => T | undefined): Promise<T> => {
    const { bytes, release } = await answer;
    release();
    const value = from(bytes);
    if (value !== undefined) return value;
    throw queueError(address, 'a result has another size than its part', 'see who else writes to the server');
  };

  const evaluateSlice = (batch: Batch & { kind: 'digits' }, from: number): Promise<Results> => {
    const count = Math.min(DESIGNS_PER_PART, batch.count - from);
    const width = space.genes.length;
    const digits = batch.digits.slice(from * width, (from + count) * width);
    return read(queue.run(evaluatePart(digits), GENERATION), (bytes) => resultsFrom(bytes, count));
  };

  const boundSlice = (request: BoxesRequest, from: number): Promise<BoxValues> => {
    const count = Math.min(boxesPerPart(space), request.count - from);
    const rows = (digits: Uint32Array) => digits.slice(from * space.genes.length, (from + count) * space.genes.length);
    const slice = { ...request, count, first: rows(request.first), last: rows(request.last) };
    return read(queue.run(boundPart(slice), BOXES), (bytes) => boxValuesFrom(bytes, count));
  };

  return {
    backend,
    description: `${unknown}, workers of a queue`,
    get provenance() {
      return joinProvenances(unknown, ...queue.provenances);
    },
    space,
    covers: OUTPUTS.map(({ name }) => name),
    workers: () => queue.workers,

    async evaluate(batch) {
      checkBatch(space, batch);
      if (batch.kind !== 'digits') {
        throw new CosmicError('BACKEND_LIMIT', 'workers of a queue evaluate rows of digits, and sweep ranges', {
          remedy: 'use --backend cpu',
        });
      }
      const slices = await Promise.all(starts(batch.count, DESIGNS_PER_PART).map((from) => evaluateSlice(batch, from)));
      return joinResults(slices, batch.count);
    },

    async bound(request) {
      const slices = starts(request.count, boxesPerPart(space)).map((from) => boundSlice(request, from));
      return joinBoxValues(await Promise.all(slices), request.count);
    },

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      try {
        return await sweepParts(queue, request, space.count, partSize, control, resumeFrom);
      } catch (error) {
        // Where somebody forges results, those that nobody took may be forged, too.
        keeps = error instanceof FailedPart;
        throw error;
      }
    },

    close: () => queue.close(keeps),
  };
}

function starts(count: number, size: number): number[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => i * size);
}
