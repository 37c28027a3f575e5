import type { IslandsState } from '../../../agents/algorithms/islandGa/islandsState.js';
import { DECODE_MODE } from '../../../kernels/decode/decode.js';
import {
  evolutionFields,
  type GenerationFields,
  INFEASIBLE_F32,
  NO_DESIGN_F32,
  TALLY,
  TALLY_WORDS,
} from '../../../kernels/evolution/layout.js';
import {
  packRows,
  populationWords,
  type RowLayout,
  rowLayout,
  unpackRow,
  unpackRows,
} from '../../../kernels/evolution/rows.js';
import { STATUSES } from '../../../kernels/outputs.js';
import { CosmicError } from '../../../psa/errors.js';
import type { CompiledSpace } from '../../../psa/space.js';
import type { Epoch, EvolutionRequest, GenerationTally, ResidentIslands } from '../residentIslands.js';
import type { OpenDevice } from './device.js';
import { needsOf } from './pipelines.js';
import { createRunBuffers, destroyAll, firstObjectiveOf, type SpaceBuffers, upload } from './spaceBuffers.js';
import type { StructView } from './structs.js';
import { createStaging, readWork } from './submit.js';

/** Designs of an epoch, if its generations are smaller: some milliseconds on a fast GPU, half a second on a CPU. */
const EPOCH_DESIGNS = 2 ** 17;
const MAX_EPOCH_GENERATIONS = 64;

/** Epochs in flight: the GPU works on one while the host reads of the other. */
const LANES = 2;

/** Copies of the islands: two that epochs begin and end with in turns, and one for the generations between. */
const BETWEEN = 2;
const REGIONS = 3;

/** What an epoch in flight has for itself. */
interface EvolutionLane {
  /** One for each generation, in the memory of `generations`. */
  readonly views: readonly StructView<GenerationFields>[];
  readonly generations: GPUBuffer;
  readonly tallies: GPUBuffer;
  readonly staging: GPUBuffer;
  readonly group: GPUBindGroup;
}

/** Islands, and the buffers to free after the evolution. */
export interface DeviceIslands extends ResidentIslands {
  destroy(): void;
}

/**
 * Makes islands on a device. A generation is two dispatches: one that fills all slots anew, a small one that finds the best.
 * What comes back of it is its tally.
 *
 * @throws CosmicError BACKEND_LIMIT where the islands do not fit
 */
export async function createDeviceIslands(
  open: OpenDevice,
  space: CompiledSpace,
  shared: SpaceBuffers,
  { breeding, goal }: EvolutionRequest,
): Promise<DeviceIslands> {
  const { device, structs } = open;
  const { limits } = goal;
  const pipelines = open.pipelines(space);
  const [evolve, elect] = await open.whileAlive(
    Promise.all([pipelines.pipeline('evolve', undefined, needsOf(goal)), pipelines.pipeline('elect')]),
  );
  const layout = rowLayout(breeding.sizes);
  const slots = breeding.islands * breeding.population;
  const regionWords = populationWords(layout, slots);
  checkFits(device, 4 * REGIONS * regionWords, slots);
  const epochGenerations = Math.max(1, Math.min(MAX_EPOCH_GENERATIONS, Math.floor(EPOCH_DESIGNS / slots)));
  const grid = pipelines.grid('evolve', slots);
  const elites = epochGenerations * TALLY_WORDS;
  const stride = device.limits.minUniformBufferOffsetAlignment;
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;

  const run = createRunBuffers(open, pipelines, shared, 0);
  const population = device.createBuffer({ size: 4 * REGIONS * regionWords, usage: STORAGE | COPY_SRC | COPY_DST });
  const objectives = upload(device, Float32Array.from(goal.packed), STORAGE);
  const evolutionView = structs.view('Evolution');
  evolutionView.write(evolutionFields(breeding, elites));
  const evolution = upload(device, new Uint32Array(evolutionView.memory), UNIFORM);
  const ranked = device.createBindGroup({
    layout: pipelines.taskLayouts.evolve,
    entries: [{ binding: 2, resource: { buffer: objectives } }],
  });
  const lanes = Array.from({ length: LANES }, createLane);
  let generation = 0;
  let epoch = 0;

  function createLane(): EvolutionLane {
    const memory = new ArrayBuffer(epochGenerations * stride);
    const views = Array.from({ length: epochGenerations }, (_, i) => structs.view('Generation', memory, i * stride));
    const generations = upload(device, new Uint32Array(memory), UNIFORM);
    const tallies = device.createBuffer({
      size: 4 * (elites + grid.columns * grid.rows),
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    const staging = createStaging(device, 4 * elites);
    const bound = [
      { buffer: population },
      { buffer: tallies },
      { buffer: evolution },
      { buffer: generations, size: structs.sizeOf('Generation') },
    ];
    const group = device.createBindGroup({
      layout: pipelines.evolutionLayout,
      entries: bound.map((resource, binding) => ({ binding, resource })),
    });
    return { views, generations, tallies, staging, group };
  }

  /** Where the i-th of some generations of the present epoch leaves its designs; −1 is what it begins with. */
  function regionOf(i: number, count: number): number {
    if (i < 0) return epoch % 2;
    return (count - 1 - i) % 2 === 0 ? (epoch + 1) % 2 : BETWEEN;
  }

  function writeGenerations({ views, generations }: EvolutionLane, children: readonly number[]): void {
    children.forEach((count, i) => {
      views[i]!.write({
        number: generation + i,
        count,
        parents: regionOf(i - 1, children.length) * regionWords,
        children: regionOf(i, children.length) * regionWords,
        tally: i * TALLY_WORDS,
      });
    });
    device.queue.writeBuffer(generations, 0, views[0]!.memory, 0, children.length * stride);
  }

  /** Runs generations, and copies their tallies. */
  function runGenerations(lane: EvolutionLane, children: readonly number[]): Promise<Uint32Array<ArrayBuffer>> {
    const prepare = (encoder: GPUCommandEncoder): void => {
      writeGenerations(lane, children);
      encoder.clearBuffer(lane.tallies, 0, 4 * elites);
    };
    const dispatches = children.flatMap((_, i) => {
      const moving = { group: lane.group, at: i * stride };
      return [
        { pipeline: evolve, grid, moving },
        { pipeline: elect, grid: { columns: 1, rows: 1 }, moving },
      ];
    });
    return readWork(
      open,
      { prepare, groups: [run.group, ranked], dispatches },
      {
        parts: [{ buffer: lane.tallies, bytes: 4 * elites }],
        staging: lane.staging,
        take: (bytes) => new Uint32Array(bytes).slice(),
      },
    );
  }

  function readRegion(region: number, at: number): Promise<IslandsState> {
    const bytes = 4 * regionWords;
    const parts = [{ buffer: population, at: region * bytes, bytes }];
    return readWork(open, {}, { parts, take: (read) => ({ generation: at, ...unpackRows(layout, read) }) });
  }

  return {
    epochGenerations,
    populate(from) {
      generation = from.generation;
      epoch = 0;
      device.queue.writeBuffer(population, 0, packRows(layout, from, NO_DESIGN_F32));
      const source = { mode: DECODE_MODE.digits, digits: new Uint32Array(0), seed: 0, startLow: 0, startHigh: 0 };
      run.write(source, slots, firstObjectiveOf(goal));
    },
    async advance(children) {
      const lane = lanes[epoch % LANES]!;
      const reading = runGenerations(lane, children);
      generation += children.length;
      epoch++;
      const [region, reached] = [epoch % 2, generation];
      const words = await reading;
      const tallies = children.map((count, i) => unpackTally(words, i * TALLY_WORDS, count, limits.length, layout));
      return { tallies, read: () => readRegion(region, reached) } satisfies Epoch;
    },
    destroy() {
      run.destroy();
      const own = lanes.flatMap(({ generations, tallies, staging }) => [generations, tallies, staging]);
      destroyAll([population, objectives, evolution, ...own]);
    },
  };
}

/** @throws CosmicError BACKEND_LIMIT */
function checkFits({ limits }: GPUDevice, bytes: number, slots: number): void {
  const available = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (bytes <= available) return;
  throw new CosmicError(
    'BACKEND_LIMIT',
    `${slots} designs on islands take ${bytes} bytes, the adapter has ${available}`,
    {
      remedy: 'use fewer islands or a smaller population',
    },
  );
}

function unpackTally(
  words: Uint32Array<ArrayBuffer>,
  at: number,
  children: number,
  limitCount: number,
  layout: RowLayout,
): GenerationTally {
  const part = (place: number, length: number) => words.subarray(at + place, at + place + length);
  const best = new Float32Array(words.buffer, 4 * (at + TALLY.fitness), 1)[0]!;
  return {
    children,
    feasible: children - words[at + TALLY.infeasible]!,
    byReason: [...part(TALLY.reasons, STATUSES.length)],
    byLimit: [...part(TALLY.limits, limitCount)],
    objective: best < INFEASIBLE_F32 ? best : undefined,
    digits: unpackRow(layout, words, at + TALLY.row),
  };
}
