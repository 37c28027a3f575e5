import { decodeDesign, decodeDigits, type Source } from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { brokenLimits } from '../../../kernels/objective/fitness.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { OUTPUT, OUTPUT_COUNT, type OutputName, STATUS } from '../../../kernels/outputs.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import { chunkPart, Reducer } from '../../../kernels/reduce/reducer.js';
import { Selection } from '../../../kernels/reduce/selection.js';
import { CosmicError } from '../../../psa/errors.js';
import { SLOT_COUNT } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { sweepChunks } from '../chunks.js';
import type { Evaluator, Results, SweepRequest } from '../evaluator.js';
import { checkBatch, checkSweep } from '../requests.js';
import { batchSource, ordinalOf, sweepSource } from '../source.js';
import { INPUTS, packInputs, pricesOf } from './networkKernel.js';
import { createGpujsRunner } from './runner.js';

const COVERED: readonly OutputName[] = ['bandwidthGBps', 'costUsd'];

function checkGoal({ objectives, limits = [] }: SweepRequest): void {
  const bad =
    objectives.find(({ terms }) => terms.some(({ output }) => !COVERED.includes(output))) ??
    limits.find(({ output }) => !COVERED.some((covered) => OUTPUT[covered] === output));
  if (bad === undefined) return;
  throw new CosmicError('BACKEND_LIMIT', `gpu.js cannot compute '${bad.label}': it covers bandwidth and cost`, {
    remedy: 'use --backend webgpu or cpu, or objectives and limits of bandwidth and cost',
  });
}

/**
 * Evaluates the network's bandwidth and price with gpu.js, for comparison. gpu.js has no u32 decoding and no indexed local
 * arrays, so designs are decoded on the host, and of the statuses it tells PRICE alone.
 *
 * @throws CosmicError BACKEND_LIMIT from `sweep`, for objectives of time or memory
 */
export async function createGpujsEvaluator(space: CompiledSpace): Promise<Evaluator> {
  const packed = packGenes(space);
  const runner = await createGpujsRunner(pricesOf(space));
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);

  const evaluateSource = async (source: Source, count: number): Promise<Results> => {
    const outputs = new Float64Array(count * OUTPUT_COUNT);
    const status = new Uint32Array(count);
    if (count === 0) return { count, outputs, status };
    const inputs = new Float32Array(count * INPUTS);
    for (let i = 0; i < count; i++) {
      decodeDigits(packed, source, i, digits);
      decodeDesign(packed, digits, design);
      packInputs(design, inputs, i);
    }
    const rows = await runner.run(inputs, count);
    for (let i = 0; i < count; i++) {
      const [bandwidth, cost, unpriced] = [rows[i]![0]!, rows[i]![1]!, rows[i]![2]!];
      outputs[i * OUTPUT_COUNT + OUTPUT.bandwidthGBps] = bandwidth;
      outputs[i * OUTPUT_COUNT + OUTPUT.costUsd] = cost;
      status[i] = unpriced === 0 ? 0 : STATUS.PRICE;
    }
    return { count, outputs, status };
  };

  const sweepChunk = async (request: SweepRequest, start: bigint, count: number): Promise<SweepPart> => {
    const { objectives, top, pareto, limits = [] } = request;
    const source = sweepSource(space, request, start);
    const { outputs, status } = await evaluateSource(source, count);
    const selection = new Selection({ objectiveCount: objectives.length, top, pareto });
    const goal = new Goal(space, objectives, limits);
    const reducer = new Reducer(selection, goal);
    const values = new Float64Array(objectives.length);
    for (let i = 0; i < count; i++) {
      goal.writeValues(values, 0, outputs, i * OUTPUT_COUNT);
      reducer.reduceDesign(i, status[i]!, brokenLimits(limits, outputs, i * OUTPUT_COUNT), values);
    }
    return chunkPart(start, count, limits.length, reducer.counters, selection, ordinalOf(space, packed, source, start));
  };

  const description = `gpu.js in ${runner.mode} mode (f32; bandwidth and cost only)`;
  return {
    backend: 'gpujs',
    description,
    provenance: description,
    space,
    covers: COVERED,

    async evaluate(batch) {
      checkBatch(space, batch);
      return evaluateSource(batchSource(space, batch), batch.count);
    },

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      checkGoal(request);
      const chunks = {
        lanes: 1,
        targetMs: 100,
        firstSize: 1024,
        maxSize: 2 ** 18,
        run: (start: bigint, count: number) => sweepChunk(request, start, count),
      };
      return sweepChunks(request, chunks, control, resumeFrom);
    },

    close: () => runner.destroy(),
  };
}
