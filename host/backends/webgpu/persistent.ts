import { CosmicError } from '../../../psa/errors.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { type BatchRunner, createBatchRunner } from './batches.js';
import { type BoxRunner, createBoxRunner } from './boxes.js';
import { DeviceLost, type OpenDevice } from './device.js';
import { processDevice } from './session.js';
import { createSpaceBuffers, type SpaceBuffers } from './spaceBuffers.js';
import { createStepRunner, type StepRunner } from './steps.js';

/** What an evaluator has on a device; gone with the device. */
export interface Residence {
  readonly open: OpenDevice;
  readonly shared: SpaceBuffers;
  batches(): Promise<BatchRunner>;
  boxes(): Promise<BoxRunner>;
  steps(): Promise<StepRunner>;
  destroy(): Promise<void>;
}

/** @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT */
async function takeResidence(space: CompiledSpace): Promise<Residence> {
  const open = await processDevice();
  const shared = createSpaceBuffers(open.device, space);
  const runners: Promise<{ destroy(): void }>[] = [];
  /** Makes a runner when it is first asked for. */
  const kept = <Runner extends { destroy(): void }>(
    make: (open: OpenDevice, space: CompiledSpace, shared: SpaceBuffers) => Runner | Promise<Runner>,
  ) => {
    let runner: Promise<Runner> | undefined;
    return () => {
      if (runner === undefined) {
        runner = (async () => make(open, space, shared))();
        runners.push(runner);
      }
      return runner;
    };
  };
  return {
    open,
    shared,
    batches: kept(createBatchRunner),
    boxes: kept(createBoxRunner),
    steps: kept(createStepRunner),
    async destroy() {
      for (const runner of runners) (await runner.catch(() => undefined))?.destroy();
      shared.destroy();
    },
  };
}

function lostForGood({ message }: Error): CosmicError {
  return new CosmicError('DEVICE_LOST', `the GPU was lost, and lost again on a second try: ${message}`, {
    remedy: 'go on with --resume on the CPU (--backend cpu), or free the GPU from other work and resume',
  });
}

/** A residence that moves to a new device when its own is lost. */
export interface PersistentResidence {
  /**
   * Does work on the device; after a loss once more on a new one, and again as long as `progress` advances.
   *
   * @throws CosmicError DEVICE_LOST
   */
  use<T>(work: (residence: Residence) => Promise<T>, progress?: () => bigint): Promise<T>;
  readonly description: string;
  readonly provenance: string;
  readonly isSoftware: boolean;
  close(): Promise<void>;
}

/**
 * @param numbers that the evaluator's kernels are made of
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function createPersistentResidence(space: CompiledSpace, numbers = 'f32'): Promise<PersistentResidence> {
  let current = takeResidence(space);
  let closing: Promise<void> | undefined;
  const { adapter, tuning } = (await current).open;
  const ignored = tuning.note === undefined ? '' : `; tuning ${tuning.note}`;

  const moveFrom = async (lost: Residence): Promise<void> => {
    if ((await current) !== lost) return;
    current = takeResidence(space);
    await lost.destroy();
  };

  return {
    description: `WebGPU on ${adapter.name}, ${adapter.type} (${adapter.driver}; ${numbers}${ignored})`,
    provenance: `WebGPU on ${adapter.name}, ${adapter.type} (${adapter.driver}; ${numbers})`,
    isSoftware: adapter.type === 'software',
    async use(work, progress = () => 0n) {
      let reached = -1n;
      for (;;) {
        const residence = await current;
        try {
          return await work(residence);
        } catch (error) {
          if (!residence.open.isLost) throw error;
          if (progress() <= reached) throw lostForGood(error instanceof Error ? error : new DeviceLost(String(error)));
          reached = progress();
          await moveFrom(residence);
        }
      }
    },
    close() {
      closing ??= current.then((residence) => residence.destroy());
      return closing;
    },
  };
}
