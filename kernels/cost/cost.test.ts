import { describe, expect, test } from 'vitest';
import { compileDesign, loadDefault } from '../../psa/index.js';
import { type ParameterName, slotOf } from '../../psa/parameters.js';
import { readNetwork, TOPOLOGY } from '../network/network.js';
import { OUTPUT, OUTPUT_COUNT, STATUS } from '../outputs.js';
import { createSimulator } from '../simulate.js';
import { createState } from '../state.js';
import { costUsd, readPrices } from './cost.js';

const CHIPLET = 0;
const PACKAGE = 1;
const NODE = 2;
const POD = 3;

type Dimension = [topology: number, npus: number, bandwidthGBps: number, ownUsd?: number];

function price(dimensions: Dimension[], tiers: number[]) {
  const s = createState({ name: 'none', phases: [] }, tiers);
  s.design.fill(1);
  const put = (name: ParameterName, d: number, value: number) => {
    s.design[slotOf(name) + d] = value;
  };
  for (let d = 0; d < 4; d++) {
    const [topology, npus, bandwidthGBps, ownUsd = 0] = dimensions[d] ?? [TOPOLOGY.ring, 1, 1];
    put('prices.linksUsdPerGBps', d, topology === TOPOLOGY.switch ? 0 : ownUsd);
    put('prices.switchUsdPerGBps', d, topology === TOPOLOGY.switch ? ownUsd : 0);
    put('network.topology', d, topology);
    put('network.npus', d, npus);
    put('network.bandwidthGBps', d, bandwidthGBps);
  }
  readNetwork(s);
  readPrices(s);
  return { usd: costUsd(s), status: s.status };
}

const { ring: R, switch: S, fullyConnected: FC } = TOPOLOGY;
const FOUR = [CHIPLET, PACKAGE, NODE, POD];

describe("the network's price, as COSMIC's public code computes it", () => {
  test('two networks of 1,024 NPUs, to the dollar', () => {
    // Bandwidth per NPU is that of a link times 2 on a Ring, n − 1 on FullyConnected.
    const first = price(
      [
        [R, 8, 100],
        [S, 4, 100],
        [R, 4, 100],
        [S, 8, 100],
      ],
      FOUR,
    );
    expect(Math.round(first.usd)).toBe(9_441_280);
    const second = price(
      [
        [R, 4, 100],
        [FC, 16, 100],
        [R, 4, 100],
        [FC, 4, 100],
      ],
      FOUR,
    );
    expect(Math.round(second.usd)).toBe(1_822_720);
  });

  test.each([
    ['cosmic-1024', 8_775_680],
    ['cosmic-2048', 8_596_479],
    ['cosmic-512', 2_693_120],
  ])('%s, to the dollar', (name, usd) => {
    const space = compileDesign(loadDefault(name, 'gpt3-175b'));
    const outputs = new Float64Array(OUTPUT_COUNT);
    createSimulator(space.workload, space.tiers)(space.fixed, outputs, 0);
    expect(Math.round(outputs[OUTPUT.costUsd]!)).toBe(usd);
  });

  test('a switch in the chiplet tier has no price', () => {
    const { usd, status } = price(
      [
        [S, 4, 100],
        [R, 4, 100],
        [R, 4, 100],
        [R, 4, 100],
      ],
      FOUR,
    );
    expect(usd).toBe(0);
    expect(status).toBe(STATUS.PRICE);
  });

  test('prices of its own go before those of a tier, and give a switch of chiplets one', () => {
    // 64 NPUs: 25 $ for each of 100 GB/s of a switch, LIBRA's 4 $ of 50 GB/s of a ring in a package, and 10 $ of 20 GB/s.
    const { usd, status } = price(
      [
        [S, 4, 100, 25],
        [R, 4, 50],
        [FC, 4, 20, 10],
      ],
      FOUR,
    );
    expect(usd).toBe(64 * (25 * 100 + 4 * 50 + 10 * 20));
    expect(status).toBe(0);
  });
});
