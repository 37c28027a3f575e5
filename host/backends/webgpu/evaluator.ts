import { boundMargin } from '../../../kernels/bound/margin.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { OUTPUTS } from '../../../kernels/outputs.js';
import { createDeriver } from '../../../kernels/quantities/derive.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { sweepChunks } from '../chunks.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import type { Evaluator } from '../evaluator.js';
import { checkBatch, checkSweep } from '../requests.js';
import { pickBoxes, placeValues, valueBoxes } from './boxBounds.js';
import { createPersistentResidence } from './persistent.js';
import { createDeviceIslands } from './residentIslands.js';
import { createSweepRunner } from './sweeps.js';
import { createTurns } from './turns.js';

/**
 * Evaluates in WGSL on the fastest adapter, hardware or software. All evaluators of a process share its device; close
 * each, and its buffers are free.
 *
 * Everything is in f32: in a sweep, designs whose objectives differ by less than about 1e-6 may count as ties, of which the
 * first is kept. The result is the same for any chunk size and timing; `refine` gives its values in f64.
 *
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function createWebgpuEvaluator(space: CompiledSpace): Promise<Evaluator> {
  const residence = await createPersistentResidence(space);
  const batchInTurn = createTurns();
  const boxesInTurn = createTurns();
  const margin = boundMargin(space.workload);
  let exact: Evaluator | undefined;

  return {
    backend: 'webgpu',
    description: residence.description,
    provenance: residence.provenance,
    space,
    covers: OUTPUTS.map(({ name }) => name),

    async evaluate(batch) {
      checkBatch(space, batch);
      return batchInTurn(() => residence.use(async ({ batches }) => (await batches()).run(batch)));
    },

    async bound(request) {
      exact ??= createCpuEvaluator(space);
      // Bounds of derived outputs are arithmetic of intervals, which the device does not do.
      const derives = createDeriver(space, new Goal(space, request.objectives, request.limits).outputs) !== undefined;
      if (request.both || derives) return exact.bound!(request);
      const bounds = await boxesInTurn(() => residence.use(async ({ boxes }) => (await boxes()).run(request)));
      const { values, unsure } = valueBoxes(bounds, request, margin);
      if (unsure.length > 0) placeValues(values, unsure, await exact.bound!(pickBoxes(request, unsure)));
      return values;
    },

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      let finished = resumeFrom;
      const onChunk = async (part: SweepPart): Promise<void> => {
        finished = part;
        await control?.onChunk?.(part);
      };
      return residence.use(
        async ({ open, shared }) => {
          const runner = await createSweepRunner(open, space, shared, request);
          try {
            return await sweepChunks(request, runner, { ...control, onChunk }, finished);
          } finally {
            runner.destroy();
          }
        },
        () => finished?.evaluated ?? 0n,
      );
    },

    async evolve(request, work, progress) {
      return residence.use(async ({ open, shared }) => {
        const islands = await createDeviceIslands(open, space, shared, request);
        try {
          return await work(islands);
        } finally {
          islands.destroy();
        }
      }, progress);
    },

    async close() {
      await exact?.close();
      await residence.close();
    },
  };
}
