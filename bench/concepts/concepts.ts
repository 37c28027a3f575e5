/**
 * Single concepts of the simulator for inputs that a number stands for, in f64 and, written once more, for gpu.js. Twin of
 * concepts.wgsl, which calls the kernels' own modules.
 */

import type { IKernelFunctionThis } from 'gpu.js';
import { INPUTS, networkKernel, packInputs, pricesOf } from '../../host/backends/gpujs/networkKernel.js';
import { ceilLog2 } from '../../kernels/bits.js';
import { collectiveUs, openChannels } from '../../kernels/collective/collective.js';
import { reductionUsPerMB } from '../../kernels/collective/phase.js';
import { costUsd, readPrices } from '../../kernels/cost/cost.js';
import { DECODE_MODE, decodeDesign, decodeDigits } from '../../kernels/decode/decode.js';
import { packGenes } from '../../kernels/decode/genes.js';
import { bandwidthPerNpuGBps, endpointUs, layAxes, readNetwork } from '../../kernels/network/network.js';
import { boundaryUs, timePipeline } from '../../kernels/schedule/pipeline.js';
import { modelChunks } from '../../kernels/schedule/split.js';
import { stageLayers, timeStages } from '../../kernels/schedule/stage.js';
import { simulateGraph } from '../../kernels/simulate.js';
import { createState, type State } from '../../kernels/state.js';
import { CHANNEL_GROUPS, COLLECTIVE, GROUP } from '../../kernels/workload/operation.js';
import { SECTION } from '../../kernels/workload/transformer.js';
import { type CompiledSpace, compileDesign, compilePsa, loadDefault, loadPsa, SLOT_COUNT } from '../../psa/index.js';
import { MAX_DIMENSIONS, SLOT } from '../../psa/parameters.js';

type Constants = Readonly<Record<string, number | number[]>>;

/** A concept for gpu.js: the function that it translates, and what that reads. */
export interface GpujsConcept {
  readonly kernel: (this: IKernelFunctionThis<never>, ...inputs: never[]) => number | number[];
  readonly constants: Constants;
  /** Inputs of the first `count` numbers, for kernels that do not compute them. */
  readonly inputs?: (count: number) => Float32Array;
  /** The concept's value from what the kernel gives. */
  readonly read: (row: number | ArrayLike<number>) => number;
}

export interface Concept {
  readonly name: string;
  /** In concepts.wgsl. */
  readonly entry: string;
  /** Whose genes are decoded, or whose fixed design is worked on. */
  readonly space: CompiledSpace;
  /** Value of the input with this number, below 2^24. */
  readonly evaluate: (index: number) => number;
  readonly gpujs: GpujsConcept;
}

const SLOT_BANDWIDTH_GBPS = SLOT.network.bandwidthGBps;

/** As in concepts.wgsl. */
function inputScale(index: number): number {
  return 1 + (index % 8) / 8;
}

/** A state whose network is read and whose axes are laid. */
function stateOf(space: CompiledSpace): State {
  const state = createState(space.workload, space.tiers);
  state.design = space.fixed.slice();
  readNetwork(state);
  layAxes(state);
  return state;
}

interface DecodeConstants extends Constants {
  readonly genes: number;
  readonly fixedSum: number;
  readonly strides: number[];
  readonly sizes: number[];
  readonly starts: number[];
  readonly sums: number[];
}

/** Ordinals below 2^24 are exact in f32, and gpu.js has nothing else: digits by division and floor, and their tuples' sums. */
function decodeKernel(this: IKernelFunctionThis<DecodeConstants>): number {
  let sum = this.constants.fixedSum;
  for (let gene = 0; gene < this.constants.genes; gene++) {
    const quotient = Math.floor((this.thread.x + 0.5) / this.constants.strides[gene]!);
    const size = this.constants.sizes[gene]!;
    const digit = quotient - size * Math.floor((quotient + 0.5) / size);
    sum += this.constants.sums[this.constants.starts[gene]! + digit]!;
  }
  return sum;
}

/** Sums of each gene's tuples, less what the fixed design has in their slots; the last gene varies fastest. */
function decodeConstants(space: CompiledSpace): DecodeConstants {
  const packed = packGenes(space);
  const strides: number[] = new Array<number>(packed.count).fill(1);
  for (let gene = packed.count - 2; gene >= 0; gene--) strides[gene] = strides[gene + 1]! * space.genes[gene + 1]!.size;
  const starts: number[] = [];
  const sums: number[] = [];
  for (const { size, slots, table } of space.genes) {
    starts.push(sums.length);
    for (let digit = 0; digit < size; digit++) {
      const parts = slots.map((slot, i) => (table[digit * slots.length + i]! - space.fixed[slot]!) / (slot + 1));
      sums.push(parts.reduce((sum, part) => sum + part, 0));
    }
  }
  const fixedSum = space.fixed.reduce((sum, value, slot) => sum + value / (slot + 1), 0);
  return { genes: packed.count, fixedSum, strides, sizes: space.genes.map(({ size }) => size), starts, sums };
}

function decodeConcept(): Concept {
  const space = compilePsa(loadPsa('cosmic-network'));
  const packed = packGenes(space);
  const digits = new Uint32Array(packed.count);
  const design = new Float64Array(SLOT_COUNT);
  const first = {
    mode: DECODE_MODE.ordinals,
    digits: new Uint32Array(packed.count),
    seed: 0,
    startLow: 0,
    startHigh: 0,
  };
  return {
    name: 'decode an ordinal of cosmic-network',
    entry: 'bench_decode',
    space,
    evaluate(index) {
      decodeDigits(packed, first, index, digits);
      decodeDesign(packed, digits, design);
      let sum = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot++) sum += design[slot]! / (slot + 1);
      return sum;
    },
    gpujs: { kernel: decodeKernel, constants: decodeConstants(space), read: Number },
  };
}

/** Sets the bandwidths of an input. */
function setBandwidths(design: Float64Array, index: number): void {
  for (let d = 0; d < MAX_DIMENSIONS; d++) design[SLOT_BANDWIDTH_GBPS + d] = 50 + 25 * ((index >>> (4 * d)) & 15);
}

function networkConcept(): Concept {
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b'));
  const s = stateOf(space);
  return {
    name: 'price and bandwidth of a network of cosmic-1024',
    entry: 'bench_network',
    space,
    evaluate(index) {
      setBandwidths(s.design, index);
      readNetwork(s);
      readPrices(s);
      return costUsd(s) + bandwidthPerNpuGBps(s);
    },
    gpujs: {
      kernel: networkKernel,
      constants: pricesOf(space),
      inputs(count) {
        const inputs = new Float32Array(count * INPUTS);
        const design = space.fixed.slice();
        for (let i = 0; i < count; i++) {
          setBandwidths(design, i);
          packInputs(design, inputs, i);
        }
        return inputs;
      },
      read: (row) => (row as ArrayLike<number>)[0]! + (row as ArrayLike<number>)[1]!,
    },
  };
}

interface AllReduceConstants extends Constants {
  readonly factors: number[];
  readonly strides: number[];
  readonly lanes: number[];
  readonly linkUsPerMB: number[];
  readonly hopUs: number[];
  readonly endpointUs: number;
  readonly reductionUsPerMB: number;
  readonly chunks: number;
  readonly startUs: number;
}

/** The all-reduce of kernels/collective for Rings with the ring algorithm, dimension by dimension, us. */
function allReduceKernel(this: IKernelFunctionThis<AllReduceConstants>): number {
  const index = this.thread.x;
  const scale = 1 + (index - 8 * Math.floor((index + 0.5) / 8)) / 8;
  const chunkMB = (1 + index / 1024) / this.constants.chunks;
  let sumUs = 0;
  let longestUs = 0;
  for (let d = 0; d < 4; d++) {
    const n = this.constants.factors[d]!;
    if (n > 1) {
      const stride = this.constants.strides[d]!;
      const alphaUs = 2 * (n - 1) * (this.constants.hopUs[d]! * scale * stride + this.constants.endpointUs);
      const laneUsPerMB = (this.constants.linkUsPerMB[d]! * scale * stride) / this.constants.lanes[d]!;
      const betaUsPerMB = ((n - 1) / n) * (2 * laneUsPerMB + this.constants.reductionUsPerMB);
      const stationUs = alphaUs + betaUsPerMB * chunkMB;
      sumUs += stationUs;
      longestUs = Math.max(longestUs, stationUs);
    }
  }
  return sumUs + (this.constants.chunks - 1) * longestUs + this.constants.startUs;
}

function perDimension(value: (d: number) => number): number[] {
  return Array.from({ length: MAX_DIMENSIONS }, (_, d) => value(d));
}

function allReduceConstants(s: State): AllReduceConstants {
  const factor = (d: number): number => s.groupFactor[GROUP.data * MAX_DIMENSIONS + d]!;
  const span = (d: number): number => s.groupSpan[GROUP.data * MAX_DIMENSIONS + d]!;
  return {
    factors: perDimension(factor),
    strides: perDimension((d) => span(d) / factor(d)),
    lanes: perDimension((d) => (span(d) === s.npus[d] ? 2 : 1)),
    linkUsPerMB: [...s.linkUsPerMB],
    hopUs: [...s.hopUs],
    endpointUs: endpointUs(s),
    reductionUsPerMB: reductionUsPerMB(s),
    chunks: s.design[SLOT.collective.chunks]!,
    startUs: s.design[SLOT.network.collectiveOverheadUs]! * ceilLog2(s.groupSize[GROUP.data]!),
  };
}

function allReduceConcept(): Concept {
  const rings = [0, 1, 2, 3].map((d) => `network.topology[${d}]=Ring`);
  const plain = ['collective.multiDimensional=baseline', 'collective.algorithm=ring'];
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b', [...rings, ...plain]));
  const s = stateOf(space);
  const { linkUsPerMB, hopUs } = stateOf(space);
  const channel = COLLECTIVE.allReduce * CHANNEL_GROUPS + GROUP.data;
  const group = 1 << GROUP.data;
  return {
    name: 'ring all-reduce over dp × sp of cosmic-1024',
    entry: 'bench_all_reduce',
    space,
    evaluate(index) {
      const scale = inputScale(index);
      for (let d = 0; d < MAX_DIMENSIONS; d++) {
        s.linkUsPerMB[d] = linkUsPerMB[d]! * scale;
        s.hopUs[d] = hopUs[d]! * scale;
      }
      openChannels(s, 1 << channel, group, group);
      return collectiveUs(s, channel, 1 + index / 1024);
    },
    gpujs: { kernel: allReduceKernel, constants: allReduceConstants(s), read: Number },
  };
}

interface PipelineConstants extends Constants {
  /** Of the first, second, last but one and last stage. */
  readonly stages: number[];
  readonly layers: number[];
  readonly edgeForwardUs: number[];
  readonly edgeBackwardUs: number[];
  readonly hostForwardUs: number[];
  readonly hostBackwardUs: number[];
  readonly forwardPeriodUs: number;
  readonly backwardPeriodUs: number;
  readonly hostMicroBatchUs: number;
  readonly modelChunks: number;
  readonly crossings: number;
  readonly boundaryUs: number;
  readonly overlaps: number;
}

/** 1F1B over at least two stages as in kernels/schedule: m·M + (Σ − M)/v, and the sends that show, us. */
function pipelineKernel(this: IKernelFunctionThis<PipelineConstants>): number {
  const index = this.thread.x;
  const scale = 1 + (index - 8 * Math.floor((index + 0.5) / 8)) / 8;
  const microBatches = 1 + index - 512 * Math.floor((index + 0.5) / 512);
  let allUs = 0;
  let slowestUs = 0;
  for (let k = 0; k < 4; k++) {
    const layers = this.constants.layers[k]!;
    const forwardUs = layers * this.constants.forwardPeriodUs * scale + this.constants.edgeForwardUs[k]!;
    const backwardUs = layers * this.constants.backwardPeriodUs * scale + this.constants.edgeBackwardUs[k]!;
    const hostForwardUs = this.constants.hostForwardUs[k]!;
    const hostBackwardUs = this.constants.hostBackwardUs[k]!;
    const stageUs =
      Math.sqrt(forwardUs * forwardUs + hostForwardUs * hostForwardUs) +
      Math.sqrt(backwardUs * backwardUs + hostBackwardUs * hostBackwardUs) +
      2 * this.constants.hostMicroBatchUs;
    allUs += this.constants.stages[k]! * stageUs;
    slowestUs = Math.max(slowestUs, stageUs);
  }
  const sendsUs = 2 * this.constants.modelChunks * this.constants.boundaryUs;
  const shownUs = Math.max(sendsUs - this.constants.overlaps * slowestUs, 0);
  const fillUs = (allUs - slowestUs) / this.constants.modelChunks;
  const crossingUs = 2 * this.constants.crossings * this.constants.boundaryUs;
  return microBatches * slowestUs + fillUs + crossingUs + (microBatches - 1) * shownUs;
}

function pipelineConstants(s: State): PipelineConstants {
  const count = s.design[SLOT.workload.pp]!;
  const all = s.workload.phases[0]!.layers;
  const longerBetween = Math.max(all % count, 1) - 1;
  const of = (value: (stage: number) => number): number[] => [0, 1, count - 2, count - 1].map(value);
  const edges = (us: Float64Array, first: number, last: number) =>
    of((stage) => (stage === 0 ? us[first]! : 0) + (stage === count - 1 ? us[last]! : 0));
  const host = (layer: number, first: number, last: number): number[] => {
    const edge = edges(s.sectionHostUs, first, last);
    return of((stage) => stageLayers(s, stage) * s.sectionHostUs[layer]!).map((us, k) => us + edge[k]!);
  };
  return {
    stages: [1, longerBetween, count - 2 - longerBetween, 1],
    layers: of((stage) => stageLayers(s, stage)),
    edgeForwardUs: edges(s.sectionUs, SECTION.embedForward, SECTION.headForward),
    edgeBackwardUs: edges(s.sectionUs, SECTION.embedBackward, SECTION.headBackward),
    hostForwardUs: host(SECTION.layerForward, SECTION.embedForward, SECTION.headForward),
    hostBackwardUs: host(SECTION.layerBackward, SECTION.embedBackward, SECTION.headBackward),
    forwardPeriodUs: s.forwardPeriodUs,
    backwardPeriodUs: s.backwardPeriodUs,
    hostMicroBatchUs: s.design[SLOT.compute.hostMicroBatchUs]!,
    modelChunks: modelChunks(s),
    crossings: count - 1,
    boundaryUs: boundaryUs(s),
    overlaps: s.design[SLOT.workload.pipelineOverlap]!,
  };
}

function pipelineConcept(): Concept {
  const space = compileDesign(loadDefault('cosmic-1024', 'gpt3-175b'));
  const s = stateOf(space);
  simulateGraph(s, space.fixed);
  const { forwardPeriodUs, backwardPeriodUs } = s;
  return {
    name: 'pipeline schedule of GPT3-175B on cosmic-1024',
    entry: 'bench_pipeline',
    space,
    gpujs: { kernel: pipelineKernel, constants: pipelineConstants(s), read: Number },
    evaluate(index) {
      s.forwardPeriodUs = forwardPeriodUs * inputScale(index);
      s.backwardPeriodUs = backwardPeriodUs * inputScale(index);
      s.microBatches = 1 + (index % 512);
      s.staleStages = true;
      timeStages(s);
      timePipeline(s);
      return s.pipelineUs + s.sendsUs;
    },
  };
}

/** The concepts that are measured. */
export function concepts(): Concept[] {
  return [decodeConcept(), networkConcept(), allReduceConcept(), pipelineConcept()];
}
