import type { IKernelFunctionThis } from 'gpu.js';
import { dimensionFactor } from '../../../kernels/cost/cost.js';
import { TOPOLOGY } from '../../../kernels/network/network.js';
import { CosmicError } from '../../../psa/errors.js';
import { MAX_DIMENSIONS, SLOT, slotOf } from '../../../psa/parameters.js';
import type { CompiledSpace } from '../../../psa/space.js';

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

/**
 * Prices of a space's dimensions.
 *
 * @throws CosmicError BACKEND_LIMIT where they vary
 */
export function pricesOf({ tiers, fixed, genes }: CompiledSpace): Prices {
  const { linksUsdPerGBps, switchUsdPerGBps } = SLOT.prices;
  const own = [linksUsdPerGBps, switchUsdPerGBps].flatMap((slot) => [0, 1, 2, 3].map((d) => slot + d));
  if (genes.some(({ slots }) => slots.some((slot) => own.includes(slot)))) {
    throw new CosmicError('BACKEND_LIMIT', 'gpu.js cannot vary prices of the network', {
      remedy: 'use --backend webgpu or cpu, or give each price one value',
    });
  }
  const perDimension = (topology: number) =>
    Array.from({ length: MAX_DIMENSIONS }, (_, d) =>
      d < tiers.length ? dimensionFactor(fixed, d, topology, tiers[d]!) : 0,
    );
  return {
    link: perDimension(TOPOLOGY.ring),
    switched: perDimension(TOPOLOGY.switch),
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
