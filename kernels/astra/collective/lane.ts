/** Who runs a phase of a collective together in ASTRA-sim, and what a message among them takes. */
import { type Dimension, hopsOf, messageNs, type System } from './message.js';

/** NPUs that run a phase together: a dimension, or a group inside the only one. */
export interface Lane {
  readonly system: System;
  readonly dimension: Dimension;
  readonly npus: number;
  /** NPU numbers from one member to the next, inside the dimension. */
  readonly stride: number;
  readonly endpointNs: number;
  /** Groups reduce in the second round of a direct all-reduce too. */
  readonly group: boolean;
}

/** Time of a message to the member `distance` further, ns. */
export function laneMessageNs({ dimension, stride }: Lane, distance: number, bytes: number): number {
  return messageNs(dimension, hopsOf(dimension, distance * stride), bytes);
}
