/** Sweeps of neighbouring ordinals beside sweeps of random designs of the same space, in turns. */
import type { Evaluator, SweepRequest } from '../host/index.js';
import { median } from '../host/statistics/statistics.js';
import { type CompiledSpace, compilePsa, loadPsa } from '../psa/index.js';
import { openContenders } from './contenders.js';
import { nextSize, timeSweep } from './timedSweep.js';

export interface WalkResult {
  readonly space: string;
  readonly backend: string;
  /** The walk's first ordinal. */
  readonly start: string;
  /** Designs a second, medians. */
  readonly random: number;
  readonly walk: number;
  /** Median over turns. */
  readonly ratio: number;
  /** Share of the walk's designs that are feasible: for others no time is computed. */
  readonly feasibleShare: number;
}

const RUNS = 5;
/** Until runs have their size. */
const WARM_UPS = 4;
const RUN_SECONDS = 0.5;
const FIRST_DESIGNS = 20_000;

/** Where a stretch of cosmic-full begins in which all designs are feasible: elsewhere a walk does less. */
export const FEASIBLE_START = 12_000_000_000_000n;

const WALKS = [
  { name: 'cosmic-network', start: 0n },
  { name: 'cosmic-full', start: FEASIBLE_START },
];

type Source = SweepRequest['source'];

/** Sweeps, in runs of about the same time, each behind the one before. */
class Sweeper {
  private designs = FIRST_DESIGNS;
  private done = 0n;
  private feasible = 0n;

  constructor(
    private readonly evaluator: Evaluator,
    private readonly source: Source,
    private readonly start: bigint,
    private readonly available: bigint,
  ) {}

  get feasibleShare(): number {
    return Number(this.feasible) / Number(this.done);
  }

  /** Designs a second of one run; the first ones size it. */
  async run(): Promise<number> {
    const count = BigInt(Math.min(this.designs, Number(this.available)));
    const start = this.start + (this.done + count <= this.available ? this.done : 0n);
    const sweep = { evaluator: this.evaluator, source: this.source, objective: 'time' };
    const { seconds, feasible } = await timeSweep(sweep, start, Number(count));
    this.done += count;
    this.feasible += feasible;
    this.designs = nextSize(this.designs, seconds, RUN_SECONDS, 0.5);
    return Number(count) / seconds;
  }
}

async function measureWalk(space: CompiledSpace, start: bigint, backend: string, evaluator: Evaluator) {
  const available = space.count - start;
  const random = new Sweeper(evaluator, { kind: 'samples', seed: 1 }, 0n, available);
  const walk = new Sweeper(evaluator, { kind: 'ordinals' }, start, available);
  for (let i = 0; i < WARM_UPS; i++) {
    await random.run();
    await walk.run();
  }
  const rates: { random: number; walk: number }[] = [];
  for (let i = 0; i < RUNS; i++) rates.push({ random: await random.run(), walk: await walk.run() });
  return {
    space: space.name,
    backend,
    start: start.toString(),
    random: Math.round(median(rates.map((rate) => rate.random))),
    walk: Math.round(median(rates.map((rate) => rate.walk))),
    ratio: median(rates.map((rate) => rate.walk / rate.random)),
    feasibleShare: walk.feasibleShare,
  };
}

export async function measureWalks(cores: number, hasAdapter: boolean): Promise<WalkResult[]> {
  const results: WalkResult[] = [];
  for (const { name, start } of WALKS) {
    const space = compilePsa(loadPsa(name));
    for (const { backend, evaluator } of await openContenders(space, cores, hasAdapter)) {
      results.push(await measureWalk(space, start, backend, evaluator));
      await evaluator.close();
    }
  }
  return results;
}
