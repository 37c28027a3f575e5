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
import { needsOf, type Pipelines } from './pipelines.js';
import {
  createRunBuffers,
  destroyAll,
  firstObjectiveOf,
  type RunBuffers,
  type SpaceBuffers,
  upload,
} from './spaceBuffers.js';
import type { StructView } from './structs.js';
import { createStaging, type Dispatch, readWork } from './submit.js';

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

/** The kernels of a generation, and how many threads the first of them has. */
interface GenerationKernels {
  readonly evolve: GPUComputePipeline;
  readonly elect: GPUComputePipeline;
  readonly grid: Dispatch['grid'];
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
  request: EvolutionRequest,
): Promise<DeviceIslands> {
  const pipelines = open.pipelines(space);
  const [evolve, elect] = await open.whileAlive(
    Promise.all([pipelines.pipeline('evolve', undefined, needsOf(request.goal)), pipelines.pipeline('elect')]),
  );
  const { islands, population } = request.breeding;
  const grid = pipelines.grid('evolve', islands * population);
  return new Islands(open, pipelines, shared, request, { evolve, elect, grid });
}

class Islands implements DeviceIslands {
  readonly epochGenerations: number;
  readonly #layout: RowLayout;
  readonly #slots: number;
  /** Words of one copy of the islands. */
  readonly #regionWords: number;
  /** Bytes from one generation's fields to the next one's. */
  readonly #stride: number;
  readonly #run: RunBuffers;
  readonly #population: GPUBuffer;
  readonly #objectives: GPUBuffer;
  readonly #evolution: GPUBuffer;
  readonly #ranked: GPUBindGroup;
  readonly #lanes: readonly EvolutionLane[];
  #generation = 0;
  #epoch = 0;

  constructor(
    readonly open: OpenDevice,
    readonly pipelines: Pipelines,
    shared: SpaceBuffers,
    readonly request: EvolutionRequest,
    readonly kernels: GenerationKernels,
  ) {
    const { device, structs } = open;
    const { breeding, goal } = request;
    this.#layout = rowLayout(breeding.sizes);
    this.#slots = breeding.islands * breeding.population;
    this.#regionWords = populationWords(this.#layout, this.#slots);
    this.#stride = device.limits.minUniformBufferOffsetAlignment;
    this.epochGenerations = Math.max(1, Math.min(MAX_EPOCH_GENERATIONS, Math.floor(EPOCH_DESIGNS / this.#slots)));
    const bytes = 4 * REGIONS * this.#regionWords;
    checkFits(device, bytes, this.#slots);
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    this.#run = createRunBuffers(open, pipelines, shared, 0);
    this.#population = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
    this.#objectives = upload(device, Float32Array.from(goal.packed), STORAGE);
    const evolution = structs.view('Evolution');
    evolution.write(evolutionFields(breeding, this.#tallyWords));
    this.#evolution = upload(device, new Uint32Array(evolution.memory), UNIFORM);
    this.#ranked = device.createBindGroup({
      layout: pipelines.taskLayouts.evolve,
      entries: [{ binding: 2, resource: { buffer: this.#objectives } }],
    });
    this.#lanes = Array.from({ length: LANES }, () => this.#createLane());
  }

  /** Words of the tallies of an epoch, behind which workgroups leave their elites. */
  get #tallyWords(): number {
    return this.epochGenerations * TALLY_WORDS;
  }

  #createLane(): EvolutionLane {
    const { device, structs } = this.open;
    const { grid } = this.kernels;
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const memory = new ArrayBuffer(this.epochGenerations * this.#stride);
    const views = Array.from({ length: this.epochGenerations }, (_, i) =>
      structs.view('Generation', memory, i * this.#stride),
    );
    const generations = upload(device, new Uint32Array(memory), UNIFORM);
    const tallies = device.createBuffer({
      size: 4 * (this.#tallyWords + grid.columns * grid.rows),
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    const staging = createStaging(device, 4 * this.#tallyWords);
    const bound = [
      { buffer: this.#population },
      { buffer: tallies },
      { buffer: this.#evolution },
      { buffer: generations, size: structs.sizeOf('Generation') },
    ];
    const group = device.createBindGroup({
      layout: this.pipelines.evolutionLayout,
      entries: bound.map((resource, binding) => ({ binding, resource })),
    });
    return { views, generations, tallies, staging, group };
  }

  /** Where the i-th of some generations of the present epoch leaves its designs; −1 is what it begins with. */
  #regionOf(i: number, count: number): number {
    if (i < 0) return this.#epoch % 2;
    return (count - 1 - i) % 2 === 0 ? (this.#epoch + 1) % 2 : BETWEEN;
  }

  #writeGenerations({ views, generations }: EvolutionLane, children: readonly number[]): void {
    children.forEach((count, i) => {
      views[i]!.write({
        number: this.#generation + i,
        count,
        parents: this.#regionOf(i - 1, children.length) * this.#regionWords,
        children: this.#regionOf(i, children.length) * this.#regionWords,
        tally: i * TALLY_WORDS,
      });
    });
    this.open.device.queue.writeBuffer(generations, 0, views[0]!.memory, 0, children.length * this.#stride);
  }

  /** Runs generations, and copies their tallies. */
  #runGenerations(lane: EvolutionLane, children: readonly number[]): Promise<Uint32Array<ArrayBuffer>> {
    const { evolve, elect, grid } = this.kernels;
    const bytes = 4 * this.#tallyWords;
    const prepare = (encoder: GPUCommandEncoder): void => {
      this.#writeGenerations(lane, children);
      encoder.clearBuffer(lane.tallies, 0, bytes);
    };
    const dispatches = children.flatMap((_, i) => {
      const moving = { group: lane.group, at: i * this.#stride };
      return [
        { pipeline: evolve, grid, moving },
        { pipeline: elect, grid: { columns: 1, rows: 1 }, moving },
      ];
    });
    return readWork(
      this.open,
      { prepare, groups: [this.#run.group, this.#ranked], dispatches },
      {
        parts: [{ buffer: lane.tallies, bytes }],
        staging: lane.staging,
        take: (read) => new Uint32Array(read).slice(),
      },
    );
  }

  #readRegion(region: number, at: number): Promise<IslandsState> {
    const bytes = 4 * this.#regionWords;
    const parts = [{ buffer: this.#population, at: region * bytes, bytes }];
    const take = (read: ArrayBuffer) => ({ generation: at, ...unpackRows(this.#layout, read) });
    return readWork(this.open, {}, { parts, take });
  }

  populate(from: IslandsState): void {
    this.#generation = from.generation;
    this.#epoch = 0;
    this.open.device.queue.writeBuffer(this.#population, 0, packRows(this.#layout, from, NO_DESIGN_F32));
    const source = { mode: DECODE_MODE.digits, digits: new Uint32Array(0), seed: 0, startLow: 0, startHigh: 0 };
    this.#run.write(source, this.#slots, firstObjectiveOf(this.request.goal));
  }

  async advance(children: readonly number[]): Promise<Epoch> {
    const lane = this.#lanes[this.#epoch % LANES]!;
    const reading = this.#runGenerations(lane, children);
    this.#generation += children.length;
    this.#epoch++;
    const [region, reached] = [this.#epoch % 2, this.#generation];
    const words = await reading;
    const limitCount = this.request.goal.limits.length;
    const tallies = children.map((count, i) => unpackTally(words, i * TALLY_WORDS, count, limitCount, this.#layout));
    return { tallies, read: () => this.#readRegion(region, reached) };
  }

  destroy(): void {
    this.#run.destroy();
    const own = this.#lanes.flatMap(({ generations, tallies, staging }) => [generations, tallies, staging]);
    destroyAll([this.#population, this.#objectives, this.#evolution, ...own]);
  }
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
