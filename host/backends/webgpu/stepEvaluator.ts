import type { System } from '../../../kernels/astra/collective/message.js';
import type { PackedStep } from '../../../kernels/astra/schedule/packedStep.js';
import { stagesAgree } from '../../../kernels/astra/schedule/rowTimes.js';
import { hasEvents, type PackedRows } from '../../../kernels/astra/schedule/rowTimesLayout.js';
import type { ReadDesign, StepJob, StepSimulator } from '../../../kernels/astra/simulate.js';
import { decodeDesign, decodeDigits, type Source } from '../../../kernels/decode/decode.js';
import { packGenes } from '../../../kernels/decode/genes.js';
import { brokenLimits } from '../../../kernels/objective/fitness.js';
import { Goal } from '../../../kernels/objective/goal.js';
import { OUTPUT_COUNT, OUTPUTS } from '../../../kernels/outputs.js';
import { createDeriver } from '../../../kernels/quantities/derive.js';
import type { SweepPart } from '../../../kernels/reduce/reduce.js';
import { chunkPart, Reducer } from '../../../kernels/reduce/reducer.js';
import { Selection } from '../../../kernels/reduce/selection.js';
import { SLOT_COUNT } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';
import { sweepChunks } from '../chunks.js';
import { createCpuEvaluator } from '../cpu/evaluator.js';
import type { Evaluator, Results, SweepRequest } from '../evaluator.js';
import { checkBatch, checkSweep } from '../requests.js';
import { batchSource, ordinalOf, sweepSource } from '../source.js';
import { createPersistentResidence } from './persistent.js';
import { type DeviceStep, STOPS } from './stepBatches.js';
import type { StepRunner } from './steps.js';
import { createTurns } from './turns.js';

/** Designs whose steps are run at a time: of a shape there are dozens then. */
const BLOCK = 4096;

/** Where the device has the step of a job, and whether its collectives are followed by their events. */
interface PackedJob {
  readonly packed: PackedStep;
  readonly rows: PackedRows;
  readonly events: boolean;
}

/** Jobs of one plan that the device does together, and their numbers. */
interface PlanJobs extends Omit<PackedJob, 'events'> {
  readonly endsAlone: boolean;
  readonly systems: System[];
  readonly numbers: number[];
}

/** Jobs for the device, those of one shape one after another. */
class DeviceJobs {
  /** By shapes, by rows, those whose collectives are followed by their events, and those without a time, by themselves. */
  private readonly shapes = new Map<PackedStep, Map<PackedRows, (PlanJobs | undefined)[]>>();

  /** @param isSoftware a software adapter takes a minute to compile what follows events */
  constructor(private readonly isSoftware: boolean) {}

  /**
   * Takes the jobs of a design, unless one is the CPU's: of several micro-batches, or with events on a software adapter.
   *
   * @param endsAlone nobody asks for its time
   */
  add(jobs: readonly StepJob[], { first, end }: ReadDesign, endsAlone: boolean): boolean {
    const own = jobs.slice(first, end);
    if (own.some((job) => !job.plan.isSingle || (this.isSoftware && this.packedOf(job).events))) return false;
    own.forEach((job, i) => {
      this.put(job.system, first + i, this.packedOf(job), endsAlone);
    });
    return true;
  }

  private packedOf({ plan, system }: StepJob): PackedJob {
    const agree = stagesAgree(system, plan.workload);
    const rows = plan.packedRows(agree);
    return { packed: plan.packed(agree), rows, events: hasEvents({ packed: rows, systems: [system] }) };
  }

  private put(system: System, number: number, { packed, rows, events }: PackedJob, endsAlone: boolean): void {
    const ofShape = this.shapes.get(packed) ?? new Map<PackedRows, (PlanJobs | undefined)[]>();
    this.shapes.set(packed, ofShape);
    const ofPlan = ofShape.get(rows) ?? [];
    ofShape.set(rows, ofPlan);
    const place = Number(events) + 2 * Number(endsAlone);
    const jobs = ofPlan[place] ?? { endsAlone, packed, rows, systems: [], numbers: [] };
    ofPlan[place] = jobs;
    jobs.systems.push(system);
    jobs.numbers.push(number);
  }

  /** Those of a shape that run share workgroups, so the others are behind them. */
  get all(): PlanJobs[] {
    return [...this.shapes.values()].flatMap((ofShape) => {
      const jobs = [...ofShape.values()].flat().filter((of) => of !== undefined);
      return [...jobs.filter(({ endsAlone }) => !endsAlone), ...jobs.filter(({ endsAlone }) => endsAlone)];
    });
  }
}

/** Steps that are the CPU's, as {@link DeviceJobs} and a thread's words have it. */
function leftToCpu(isSoftware: boolean): string {
  const events = isSoftware ? 'followed by their events' : 'of very many events';
  return `steps of several micro-batches, or with collectives ${events},`;
}

/** What jobs come to on the device, by their numbers. */
async function runJobs(onDevice: DeviceJobs, count: number, runner: StepRunner): Promise<DeviceStep[]> {
  const plans = onDevice.all;
  const found = await runner.run(
    plans.map(({ endsAlone, packed, rows, systems }) => ({ endsAlone, packed, rows: { packed: rows, systems } })),
  );
  const told = new Array<DeviceStep>(count).fill(undefined);
  plans
    .flatMap(({ numbers }) => numbers)
    .forEach((number, i) => {
      told[number] = found[i];
    });
  return told;
}

/**
 * Evaluates designs whose steps a kernel schedules, to the nanosecond as the CPU does, so that all figures are the CPU's. What decodes
 * designs is the host's; steps of several micro-batches and bounds are the CPU's, whose threads run beside the device.
 *
 * @param threads of what is the CPU's; all cores unless given
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT
 */
export async function createStepEvaluator(
  space: CompiledSpace,
  simulator: StepSimulator,
  threads?: number,
): Promise<Evaluator> {
  const residence = await createPersistentResidence(space, 'whole ns');
  const exact = createCpuEvaluator(space, threads);
  const packed = packGenes(space);
  const deriveAll = createDeriver(space);
  const inTurn = createTurns();
  const digits = new Uint32Array(packed.count);

  const readDesign = (source: Source, index: number, design: Float64Array): void => {
    decodeDigits(packed, source, index, digits);
    decodeDesign(packed, digits, design);
  };

  /** Some designs of a block on the CPU. */
  const evaluateExactly = async (source: Source, indices: readonly number[], { outputs, status }: Results) => {
    if (indices.length === 0) return;
    const rows = new Uint32Array(indices.length * packed.count);
    indices.forEach((index, i) => {
      decodeDigits(packed, source, index, digits);
      rows.set(digits, i * packed.count);
    });
    const found = await exact.evaluate({ kind: 'digits', digits: rows, count: indices.length });
    indices.forEach((index, i) => {
      outputs.set(found.outputs.subarray(i * OUTPUT_COUNT, (i + 1) * OUTPUT_COUNT), index * OUTPUT_COUNT);
      status[index] = found.status[i]!;
    });
  };

  /** Designs of a block; where a status of `skip` is, no time. */
  const evaluateBlock = async (source: Source, first: number, results: Results, skip: number): Promise<void> => {
    const { outputs, status } = results;
    const count = Math.min(BLOCK, results.count - first);
    const values = new Float64Array(count * SLOT_COUNT);
    const jobs: StepJob[] = [];
    const onDevice = new DeviceJobs(residence.isSoftware);
    const taken: { readonly read: ReadDesign; readonly index: number }[] = [];
    const left: number[] = [];
    for (let i = 0; i < count; i++) {
      const design = values.subarray(i * SLOT_COUNT, (i + 1) * SLOT_COUNT);
      const index = first + i;
      readDesign(source, index, design);
      const read = simulator.read(design, jobs, outputs, index * OUTPUT_COUNT);
      if (onDevice.add(jobs, read, (read.status & skip) !== 0)) taken.push({ read, index });
      else left.push(index);
    }
    // Threads evaluate what is left to the CPU beside the device.
    const leftDone = evaluateExactly(source, left, results);
    const onDeviceDone = inTurn(() => residence.use(async (its) => runJobs(onDevice, jobs.length, await its.steps())));
    const [steps] = await Promise.all([onDeviceDone, leftDone]);
    const times = steps.map((of) => (of === STOPS ? undefined : of));
    const untold: number[] = [];
    for (const { read, index } of taken) {
      if (steps.slice(read.first, read.end).includes(undefined)) {
        untold.push(index);
        continue;
      }
      const row = index * OUTPUT_COUNT;
      status[index] = simulator.write(read, { jobs, times }, outputs, row, skip);
      if ((status[index]! & skip) === 0) deriveAll?.(read.design, outputs, row);
    }
    await evaluateExactly(source, untold, results);
  };

  const evaluateSource = async (source: Source, count: number, skip: number): Promise<Results> => {
    const results = { count, outputs: new Float64Array(count * OUTPUT_COUNT), status: new Uint32Array(count) };
    for (let first = 0; first < count; first += BLOCK) await evaluateBlock(source, first, results, skip);
    return results;
  };

  const sweepChunk = async (request: SweepRequest, start: bigint, count: number): Promise<SweepPart> => {
    const { objectives, top, pareto, limits = [] } = request;
    const source = sweepSource(space, request, start);
    const goal = new Goal(space, objectives, limits);
    const { mask } = goal;
    const { outputs, status } = await evaluateSource(
      source,
      count,
      request.everyOutput || limits.length > 0 ? 0 : mask,
    );
    const selection = new Selection({ objectiveCount: objectives.length, top, pareto });
    const reducer = new Reducer(selection, goal);
    const values = new Float64Array(objectives.length);
    for (let i = 0; i < count; i++) {
      if ((status[i]! & mask) === 0) goal.writeValues(values, 0, outputs, i * OUTPUT_COUNT);
      reducer.reduceDesign(i, status[i]!, brokenLimits(limits, outputs, i * OUTPUT_COUNT), values);
    }
    return chunkPart(start, count, limits.length, reducer.counters, selection, ordinalOf(space, packed, source, start));
  };

  return {
    backend: 'webgpu',
    description: `${residence.description}; ${leftToCpu(residence.isSoftware)} on the CPU`,
    provenance: residence.provenance,
    space,
    covers: OUTPUTS.map(({ name }) => name),
    ...(exact.bounds !== undefined && { bounds: exact.bounds }),
    bound: exact.bound!,

    async evaluate(batch) {
      checkBatch(space, batch);
      return evaluateSource(batchSource(space, batch), batch.count, 0);
    },

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      const chunks = {
        // The host reads and writes the designs of one while the device runs those of the other.
        lanes: 2,
        targetMs: 500,
        firstSize: 1024,
        maxSize: 2 ** 15,
        run: (start: bigint, count: number) => sweepChunk(request, start, count),
      };
      return sweepChunks(request, chunks, control, resumeFrom);
    },

    async close() {
      await exact.close();
      await residence.close();
    },
  };
}
