import { CosmicError } from '../../../psa/errors.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { type AdapterSummary, requireAdapter, summarize } from './adapters.js';
import { restWhile } from './naps.js';
import { createPipelineCache, type Pipelines } from './pipelines.js';
import { loadStructs, type Structs } from './structs.js';
import { type TuningChoice, tuningOf } from './tuning.js';

/** The device went away (driver reset, sleep, a watchdog): all its buffers and pipelines are gone, a new one may work. */
export class DeviceLost extends Error {
  override readonly name = 'DeviceLost';
}

/** Whoever wants to know when passes ran. */
export interface PassRecording {
  /** Where the next pass leaves its times; undefined where there is no more room. */
  nextPass(): GPUComputePassTimestampWrites | undefined;
}

/** A device, and what makes pipelines on it. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterSummary;
  /** The pipelines for a space. */
  pipelines(space: CompiledSpace): Pipelines;
  /** What pipelines are made with. */
  readonly tuning: TuningChoice;
  /** The structs that kernels are handed. */
  readonly structs: Structs;
  /** The recording of passes that is under way, if any. */
  readonly passes: { recording: PassRecording | undefined };
  /** Runs GPU calls and rejects on any error that they cause, or that reached the device's handler before. */
  guard<T>(calls: () => T): Promise<T>;
  /** Waits for a promise of the device, but no longer than the device lives. */
  whileAlive<T>(promise: Promise<T>): Promise<T>;
  readonly isLost: boolean;
  destroy(): void;
}

function refused(message: string): CosmicError {
  return new CosmicError('BACKEND_LIMIT', `the WebGPU device refused: ${message}`, {
    remedy: 'use the CPU: --backend cpu',
  });
}

/** The adapter's own limits, where the defaults are low. */
function raisedLimits({ limits }: GPUAdapter): Record<string, number> {
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  };
}

/** Features that measurements use where the adapter has them. */
function wantedFeatures({ features }: GPUAdapter): GPUFeatureName[] {
  return (['timestamp-query'] as const).filter((feature) => features.has(feature));
}

/**
 * Opens a device on the fastest adapter. An adapter gives one device, so each call asks for a new adapter.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function openDevice(): Promise<OpenDevice> {
  const adapter = await requireAdapter();
  const device = await adapter.requestDevice({
    requiredLimits: raisedLimits(adapter),
    requiredFeatures: wantedFeatures(adapter),
  });
  const structs = await loadStructs();
  let lost = false;
  let failure: CosmicError | undefined;
  const loss = device.lost.then(({ message }) => {
    lost = true;
    throw new DeviceLost(message);
  });
  loss.catch(() => undefined);
  // Dawn only prints uncaptured errors, and the process would end with 0.
  device.onuncapturederror = ({ error }) => {
    failure ??= refused(error.message);
  };

  const whileAlive = <T>(promise: Promise<T>): Promise<T> => restWhile(Promise.race([promise, loss]));

  const guard = async <T>(calls: () => T): Promise<T> => {
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const result = calls();
    const errors = await whileAlive(Promise.all([device.popErrorScope(), device.popErrorScope()]));
    const error = errors.find((candidate) => candidate !== null);
    if (error) throw refused(error.message);
    const earlier = failure;
    failure = undefined;
    if (earlier) throw earlier;
    return result;
  };

  const destroy = (): void => {
    lost = true;
    device.destroy();
  };

  const summary = summarize(adapter);
  const tuning = tuningOf(summary);

  return {
    device,
    adapter: summary,
    pipelines: createPipelineCache(device, tuning.tuning),
    tuning,
    structs,
    passes: { recording: undefined },
    guard,
    whileAlive,
    get isLost() {
      return lost;
    },
    destroy,
  };
}
