/**
 * Sweeps whose goal is of days, dollars and joules beside sweeps of the same designs for time, in turns and by the processor's time:
 * what the answers cost where facts are known.
 */
import { createEvaluator, type Evaluator } from '../host/index.js';
import { median } from '../host/statistics/statistics.js';
import { compilePsa, loadPsa } from '../psa/index.js';
import { processorClock, type TimedSweep, timeSweep, warmUp } from './timedSweep.js';

export interface MoneyResult {
  readonly backend: string;
  readonly designs: 'random' | 'neighbours';
  readonly objective: string;
  /** Rate over that of the space without facts for time: median, least and most of the turns. */
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
}

const SPACE = 'cosmic-full';
/** Every fact of a job, of bought machines: the longest formulas. */
export const FACTS = [
  ...['job.tokens=2e12', 'job.storageGBps=200', 'job.spareNodes=2'],
  ...['power.npuBusyW=700', 'power.npuIdleW=100', 'power.hostW=350', 'power.overhead=1.2', 'power.gridGramsPerKWh=400'],
  ...['prices.npuUsd=30000', 'prices.kWhUsd=0.1', 'prices.lifeYears=5', 'prices.upkeepShare=0.1'],
  ...['reliability.npuMtbfHours=86300', 'reliability.nodeMtbfHours=15300', 'reliability.nodeNpus=8'],
  ...['reliability.restartS=600', 'reliability.repairHours=24', 'reliability.speedSpread=0.01'],
];
const OBJECTIVES = ['time', 'days', 'dollars', 'energy', 'dollars*energy'];

/** The first of many ordinals that are feasible and whose networks have a price: elsewhere nothing is derived from a time. */
export const PRICED_START = 13_000_000_000_000n;

const SOURCES = [
  { designs: 'random', source: { kind: 'samples', seed: 1 }, start: 0n, most: Number.POSITIVE_INFINITY },
  { designs: 'neighbours', source: { kind: 'ordinals' }, start: PRICED_START, most: 500_000 },
] as const;

/** Many and short: what else a machine does is then much the same in neighbouring runs. */
const RUNS = 61;
const RUN_SECONDS = 0.15;
const FIRST_DESIGNS = 2048;

interface Contender extends TimedSweep {
  /** Of the processor, of each run. */
  readonly seconds: number[];
}

/** Compiles all shaders; the designs of a run of about {@link RUN_SECONDS}. */
async function sizeRuns(contenders: readonly Contender[], start: bigint): Promise<number> {
  for (const contender of contenders) await timeSweep(contender, start, FIRST_DESIGNS);
  const swept = async (designs: number) => (await timeSweep(contenders[0]!, start, designs, processorClock)).seconds;
  return warmUp(swept, { seconds: RUN_SECONDS, firstDesigns: FIRST_DESIGNS });
}

/** Takes turns, forth and back. */
async function takeTurns(contenders: readonly Contender[], start: bigint, most: number): Promise<void> {
  const designs = Math.min(await sizeRuns(contenders, start), most);
  for (let run = 0; run < RUNS; run++) {
    // Neighbours are the same each time: a stretch of priced networks ends.
    const from = contenders[0]!.source.kind === 'samples' ? start + BigInt(run) * BigInt(designs) : start;
    for (const contender of run % 2 === 0 ? contenders : [...contenders].reverse()) {
      contender.seconds.push((await timeSweep(contender, from, designs, processorClock)).seconds);
    }
  }
}

export async function measureMoney(hasAdapter: boolean): Promise<MoneyResult[]> {
  const spaces = [[], FACTS].map((set) => compilePsa(loadPsa(SPACE, { set })));
  const results: MoneyResult[] = [];
  for (const backend of hasAdapter ? (['webgpu', 'cpu'] as const) : (['cpu'] as const)) {
    const evaluators = await Promise.all(spaces.map((space) => createEvaluator(space, { backend, threads: 1 })));
    const [without, withFacts] = evaluators as [Evaluator, Evaluator];
    for (const { designs, source, start, most } of SOURCES) {
      const base: Contender = { evaluator: without, source, objective: 'time', seconds: [] };
      const others = OBJECTIVES.map(
        (objective): Contender => ({ evaluator: withFacts, source, objective, seconds: [] }),
      );
      await takeTurns([base, ...others], start, most);
      for (const { objective, seconds } of others) {
        const ratios = seconds.map((own, run) => base.seconds[run]! / own);
        const ends = { least: Math.min(...ratios), most: Math.max(...ratios) };
        results.push({ backend, designs, objective, ratio: median(ratios), ...ends });
      }
    }
    for (const evaluator of evaluators) await evaluator.close();
  }
  return results;
}
