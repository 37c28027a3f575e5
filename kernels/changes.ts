/**
 * What a part of a simulation depends on, so that a design that differs in few genes from the one before costs little: a gene
 * knows which of these its slots change. The same numbers in WGSL.
 */
import { MAX_DIMENSIONS, PARAMETERS } from '../psa/parameters.js';

/** Bits. The first MAX_DIMENSIONS: the rate of the links of a dimension; as many more: all else of a dimension. */
export const CHANGED = {
  links: 1,
  dimension: 1 << MAX_DIMENSIONS,
  /** How the axes lie over the dimensions. */
  layout: 1 << (2 * MAX_DIMENSIONS),
  /** How collectives run in all dimensions. */
  channels: 2 << (2 * MAX_DIMENSIONS),
  /** The plan of the step: all other slots. */
  plan: 4 << (2 * MAX_DIMENSIONS),
} as const;

/** The bits of `links`, or shifted by MAX_DIMENSIONS of `dimension`. */
export const ALL_DIMENSIONS = (1 << MAX_DIMENSIONS) - 1;

/** A design that has nothing to do with the one before. */
export const CHANGED_ALL = (8 << (2 * MAX_DIMENSIONS)) - 1;

const LINKS = ['network.bandwidthGBps', 'network.efficiency'];
const LAYOUT = ['network.npus', 'workload.axisOrder'];
const CHANNELS = [
  'collective.chunks',
  'collective.multiDimensional',
  'network.endpointDelayNs',
  'network.collectiveOverheadUs',
];

/** What changes with a slot of a design. */
export function changesOfSlot(slot: number): number {
  const { name, slot: first, perDimension } = PARAMETERS.findLast((parameter) => parameter.slot <= slot)!;
  if (LINKS.includes(name)) return CHANGED.links << (slot - first);
  if (LAYOUT.includes(name)) return CHANGED.layout;
  if (CHANNELS.includes(name)) return CHANGED.channels;
  return perDimension ? CHANGED.dimension << (slot - first) : CHANGED.plan;
}
