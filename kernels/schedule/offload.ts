/**
 * What lies in the memory of the host, over a link that both directions have apart: a share of the optimiser's state, which the
 * host updates (ZeRO-Offload, arXiv 2101.06840, section 4), and what some layers, or some modules or tensors of every layer, keep for the
 * backward pass.
 */
import { SLOT } from '../../psa/parameters.js';
import { stageOffloadedMB, stageOwnMB, stageSavedMB } from '../memory/kept.js';
import type { State } from '../state.js';
import { isTraining } from './layer.js';
import { mainGradientBytes, optimizerTrafficBytes, WEIGHT_BYTES } from './sharding.js';

const SLOT_OPTIMIZER_OFFLOAD = SLOT.workload.optimizerOffload;
const SLOT_OFFLOADED_LAYERS = SLOT.workload.offloadedLayers;
const SLOT_HOST_LINK_GBPS = SLOT.compute.hostLinkGBps;
const SLOT_HOST_MEMORY_GBPS = SLOT.compute.hostMemoryGBps;
const SLOT_HOST_MEMORY_EFFICIENCY = SLOT.compute.hostMemoryEfficiency;

/** Layers whose activations are on the NPU at a time though they are offloaded: of one that runs and one under way. */
export const OFFLOAD_BUFFERS = 2;

/** 1 GB/s in MB/us. */
export const MB_PER_US = 1e-3;

/** Share of the optimiser's state that the NPU has. */
export function ownShare(s: State): number {
  return 1 - s.design[SLOT_OPTIMIZER_OFFLOAD]!;
}

/** Layers of a stage, of so many, whose activations leave for the host. */
function offloadedLayers(s: State, layers: number): number {
  return Math.min(s.design[SLOT_OFFLOADED_LAYERS]!, layers);
}

/** How often memory has what so many layers keep of a micro-batch, of which some lie on the host; else as many as are in flight. */
function timesInMemory(offloaded: number, layers: number, inFlight: number): number {
  if (offloaded === 0) return inFlight;
  const buffered = Math.min(offloaded, OFFLOAD_BUFFERS) / layers;
  return Math.min(inFlight * (1 - offloaded / layers) + buffered, inFlight);
}

/** Does what layers keep lie on the host in part: that of modules, or single tensors? */
function offloadsParts(s: State): boolean {
  return s.offloadedMB > 0 || s.tensorsOnHostMB > 0;
}

/** What the layers of a stage keep but for those on the host, MB. */
function stageOtherMB(s: State, layers: number): number {
  return offloadsParts(s) ? stageOwnMB(s, layers) : stageSavedMB(s, layers);
}

/** What the layers of a stage keep on the NPU, MB: modules and tensors on the host are those of all its layers. */
export function stageInMemoryMB(s: State, layers: number, inFlight: number): number {
  const inMemoryMB = timesInMemory(offloadedLayers(s, layers), layers, inFlight) * stageOtherMB(s, layers);
  if (!offloadsParts(s)) return inMemoryMB;
  return inMemoryMB + timesInMemory(layers, layers, inFlight) * stageOffloadedMB(s, layers);
}

/** Time of what the layers of a stage send the host, or get back, of a micro-batch, us. */
function offloadUs(s: State, layers: number): number {
  const offloaded = offloadedLayers(s, layers);
  const awayMB = stageOffloadedMB(s, layers);
  if (offloaded === 0 && awayMB === 0) return 0;
  const sentMB = (offloaded / layers) * stageOtherMB(s, layers) + awayMB;
  return sentMB / (MB_PER_US * s.design[SLOT_HOST_LINK_GBPS]!);
}

/** Do whole layers, or modules or tensors of all layers, keep on the host what they need for the backward pass? */
export function offloadsActivations(s: State): boolean {
  return s.design[SLOT_OFFLOADED_LAYERS]! > 0 || offloadsParts(s);
}

/** The longer of a stage's layers and what they send the host, which travels beside them, us. */
export function besideOffloadUs(s: State, layers: number, layersUs: number): number {
  return offloadsActivations(s) && isTraining(s) ? Math.max(layersUs, offloadUs(s, layers)) : layersUs;
}

/** Time that the host takes for its share of so many parameters (millions), one after the other: gradients, Adam, weights, us. */
export function hostOptimizerUs(s: State, ownM: number): number {
  const hostM = s.design[SLOT_OPTIMIZER_OFFLOAD]! * ownM;
  const linkMB = (mainGradientBytes(s) + WEIGHT_BYTES) * hostM;
  const memoryMB = optimizerTrafficBytes(s) * hostM;
  const memoryGBps = s.design[SLOT_HOST_MEMORY_EFFICIENCY]! * s.design[SLOT_HOST_MEMORY_GBPS]!;
  return linkMB / (MB_PER_US * s.design[SLOT_HOST_LINK_GBPS]!) + memoryMB / (MB_PER_US * memoryGBps);
}
