import type { IKernelFunctionThis } from 'gpu.js';
import { LINK_PRICE, NIC_PRICE, SWITCH_PRICE } from '../../../kernels/cost/cost.js';
import { TOPOLOGY } from '../../../kernels/network/network.js';
import { MAX_DIMENSIONS, slotOf } from '../../../psa/parameters.js';

/** What the kernel reads of a design: bandwidth, topology and NPUs of each dimension, in this order. */
export const INPUTS = 3 * MAX_DIMENSIONS;

const SLOTS = ['network.bandwidthGBps', 'network.topology', 'network.npus'].map(slotOf);

/** Copies the kernel's inputs out of a design. */
export function packInputs(design: Float64Array, inputs: Float32Array, row: number): void {
  SLOTS.forEach((slot, i) => {
    inputs.set(design.subarray(slot, slot + MAX_DIMENSIONS), row * INPUTS + i * MAX_DIMENSIONS);
  });
}

/** $ per GB/s of an NPU's bandwidth in each dimension, with and without a switch; 0: no price. See kernels/cost. */
export interface Prices {
  readonly [constant: string]: number[] | number;
  readonly link: number[];
  readonly switched: number[];
  readonly switchTopology: number;
}

/** Prices of dimensions in these tiers. */
export function pricesOf(tiers: readonly number[]): Prices {
  const perDimension = (price: (tier: number) => number) =>
    Array.from({ length: MAX_DIMENSIONS }, (_, d) => (d < tiers.length ? price(tiers[d]!) : 0));
  return {
    link: perDimension((tier) => LINK_PRICE[tier]!),
    switched: perDimension((tier) =>
      SWITCH_PRICE[tier] === 0 ? 0 : 2 * LINK_PRICE[tier]! + SWITCH_PRICE[tier]! + NIC_PRICE[tier]!,
    ),
    switchTopology: TOPOLOGY.switch,
  };
}

/**
 * Bandwidth per NPU (GB/s), price of the network ($) and whether it has none (1), as gpu.js translates it: hence one
 * function, plain numbers, and nothing from outside but the constants.
 */
export function networkKernel(this: IKernelFunctionThis<Prices>, inputs: number[]): number[] {
  let bandwidth = 0;
  let perNpu = 0;
  let npus = 1;
  let unpriced = 0;
  for (let d = 0; d < 4; d++) {
    const at = this.thread.x * 12 + d;
    const size = inputs[at + 8]!;
    npus *= size;
    if (size > 1) {
      let price = this.constants.link[d]!;
      if (inputs[at + 4]! === this.constants.switchTopology) {
        price = this.constants.switched[d]!;
      }
      if (price === 0) {
        unpriced = 1;
      }
      bandwidth += inputs[at]!;
      perNpu += price * inputs[at]!;
    }
  }
  return [bandwidth, npus * perNpu * (1 - unpriced), unpriced];
}
