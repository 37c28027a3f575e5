/**
 * What follows from a step and from facts of a job and its machines: days, energy, dollars, goodput. Each is one row, whose formula
 * both twins, the bounds and docs/outputs.md are made of; docs/money.md says what it stands for.
 */
import type { ParameterName } from '../../psa/parameters.js';

/** What a simulation tells for these formulas alone. */
export const SOURCE_ROWS = [
  {
    name: 'busyUs',
    unit: 'us',
    label: 'busy time per NPU',
    description: 'time of a step in which an NPU computes, in the mean of all NPUs',
    partOf: undefined,
    combine: 'sum',
    quiet: true,
  },
  {
    name: 'stepTokens',
    unit: 'tokens',
    label: 'tokens per step',
    description: 'tokens of the global batch; of phases of inference their weighted sum',
    partOf: undefined,
    combine: 'sum',
    quiet: true,
  },
  {
    name: 'checkpointMB',
    unit: 'MB',
    label: 'checkpoint',
    description: 'weights and optimiser state of the whole model: what training writes to storage',
    partOf: undefined,
    combine: 'most',
    quiet: true,
  },
] as const;

/** A derived output. */
export interface DerivedRow {
  readonly name: string;
  /** As objectives and limits name it, and which of two designs is the better one. */
  readonly quantity: string;
  readonly better: 'less' | 'more';
  readonly unit: string;
  readonly label: string;
  readonly description: string;
  readonly share?: true;
  /**
   * Arithmetic over outputs before it, facts and other parameters, `system.npus`, and the functions of functions.ts. Nothing in it
   * is below 0. No step on the way is much larger than the result: f32 would overflow where the result would not.
   */
  readonly formula: string;
  /** Facts without which it has no value; of several in one entry, joined by ` or `, one is enough. */
  readonly needs: readonly (ParameterName | `${ParameterName} or ${ParameterName}`)[];
  /** What it does as the step takes longer and all else stays. */
  readonly withTime: 'grows' | 'falls' | 'stays';
}

const SPARES = 'job.spareNodes * reliability.nodeNpus';
const NPUS = `(system.npus + ${SPARES})`;
/** Where nothing says what a waiting NPU draws, it draws as much as one that computes: published energies of runs count so. */
const IDLE_W = 'given(power.npuIdleW, power.npuBusyW)';
const WAITING_W = `(${IDLE_W} + power.hostW)`;
const COMPUTING_W = `excess(power.npuBusyW, ${IDLE_W})`;
const NETWORK_W = [0, 1, 2, 3]
  .map((d) => `power.networkWPerGBps[${d}] * network.bandwidthGBps[${d}] * several(network.npus[${d}])`)
  .join(' + ');
const FAILURES = 'reliability.npuMtbfHours or reliability.nodeMtbfHours';
const PRICE = 'prices.npuHourUsd or prices.npuUsd';
/** Of an hour's rent, and of what was bought: written off, kept up. */
const RENT_USD_PER_HOUR = `${NPUS} * prices.npuHourUsd`;
const OWN_USD_PER_HOUR = 'capitalUsd * (1 / prices.lifeYears + prices.upkeepShare) / 8766';
const US_PER_HOUR = '3.6e9';
/** A step whose compute waits for the slowest NPU. */
const STRAGGLING_US = 'reliability.speedSpread * largestOf(system.npus) * busyUs';
const STEP_US = `(timeUs + ${STRAGGLING_US})`;

export const DERIVED_ROWS = [
  {
    name: 'mtbfHours',
    quantity: 'mtbf',
    better: 'more',
    unit: 'h',
    label: 'time between failures',
    description: 'mean time between failures that interrupt the job',
    formula: `inverse(system.npus * (inverse(reliability.npuMtbfHours) + inverse(reliability.nodeMtbfHours) / reliability.nodeNpus))`,
    needs: [FAILURES],
    withTime: 'stays',
  },
  {
    name: 'checkpointIntervalS',
    quantity: 'checkpointInterval',
    better: 'more',
    unit: 's',
    label: 'checkpoint interval',
    description: 'time between checkpoints that loses least, the writing left out (Daly 2006)',
    formula: 'dalyInterval(checkpointMB / 1000 / job.storageGBps, 3600 * mtbfHours)',
    needs: [FAILURES, 'job.storageGBps'],
    withTime: 'stays',
  },
  {
    name: 'goodput',
    quantity: 'goodput',
    better: 'more',
    unit: '',
    label: 'goodput',
    description:
      'share of the time in which the job gets ahead: not writing checkpoints, repeating steps, restarting, waiting for repairs',
    formula:
      'dalyGoodput(checkpointMB / 1000 / job.storageGBps, reliability.restartS, 3600 * mtbfHours) * available(job.spareNodes, reliability.repairHours / mtbfHours)',
    needs: [FAILURES, 'job.storageGBps'],
    withTime: 'stays',
    share: true,
  },
  {
    name: 'stragglersUs',
    quantity: 'stragglers',
    better: 'less',
    unit: 'us',
    label: 'wait for stragglers',
    description: 'time of a step in which all wait for the slowest NPU, beyond the step time',
    formula: STRAGGLING_US,
    needs: ['reliability.speedSpread'],
    withTime: 'stays',
  },
  {
    name: 'days',
    quantity: 'days',
    better: 'less',
    unit: 'days',
    label: 'job',
    description: 'days that the job takes; with failures where goodput has a value',
    formula: `job.tokens / stepTokens * (${STEP_US} / ${US_PER_HOUR} / 24) / given(goodput, 1)`,
    needs: ['job.tokens'],
    withTime: 'grows',
  },
  {
    name: 'npuHours',
    quantity: 'npuHours',
    better: 'less',
    unit: 'NPU-hours',
    label: 'NPU time of the job',
    description: 'hours of all NPUs, spares too',
    formula: `24 * days * ${NPUS}`,
    needs: ['job.tokens'],
    withTime: 'grows',
  },
  {
    name: 'powerKW',
    quantity: 'power',
    better: 'less',
    unit: 'kW',
    label: 'power',
    description: 'mean power of NPUs, hosts, network and spares, with the overhead of the data centre',
    formula: `power.overhead * (system.npus * (${WAITING_W} + ${COMPUTING_W} * busyUs / ${STEP_US} + ${NETWORK_W}) + ${SPARES} * ${WAITING_W}) / 1000`,
    needs: ['power.npuBusyW'],
    withTime: 'falls',
  },
  {
    name: 'stepEnergyKWh',
    quantity: 'stepEnergy',
    better: 'less',
    unit: 'kWh',
    label: 'energy of a step',
    description: 'energy of one step, with the overhead of the data centre',
    formula: `power.overhead * (system.npus * (${COMPUTING_W} * busyUs + (${WAITING_W} + ${NETWORK_W}) * ${STEP_US}) + ${SPARES} * ${WAITING_W} * ${STEP_US}) / 1000 / ${US_PER_HOUR}`,
    needs: ['power.npuBusyW'],
    withTime: 'grows',
  },
  {
    name: 'energyKWh',
    quantity: 'energy',
    better: 'less',
    unit: 'kWh',
    label: 'energy of the job',
    description: 'energy of the job; lost time draws as much as time that counts',
    formula: 'job.tokens / stepTokens * stepEnergyKWh / given(goodput, 1)',
    needs: ['job.tokens', 'power.npuBusyW'],
    withTime: 'grows',
  },
  {
    name: 'carbonTonnes',
    quantity: 'carbon',
    better: 'less',
    unit: 't',
    label: 'carbon dioxide of the job',
    description: "carbon dioxide (equivalent) of the job's energy",
    formula: 'energyKWh * (power.gridGramsPerKWh / 1e6)',
    needs: ['job.tokens', 'power.npuBusyW', 'power.gridGramsPerKWh'],
    withTime: 'grows',
  },
  {
    name: 'capitalUsd',
    quantity: 'capital',
    better: 'less',
    unit: '$',
    label: 'capital',
    description: 'price of all NPUs with their nodes, spares too, and of the network',
    formula: `${NPUS} * prices.npuUsd + costUsd`,
    needs: ['prices.npuUsd'],
    withTime: 'stays',
  },
  {
    name: 'runningUsd',
    quantity: 'running',
    better: 'less',
    unit: '$',
    label: 'running cost of the job',
    description: 'electricity of the job, and the upkeep of what was bought for as long',
    formula: 'energyKWh * prices.kWhUsd + capitalUsd * prices.upkeepShare * (days / 365.25)',
    needs: ['job.tokens', 'power.npuBusyW', 'prices.kWhUsd'],
    withTime: 'grows',
  },
  {
    name: 'stepUsd',
    quantity: 'stepDollars',
    better: 'less',
    unit: '$',
    label: 'price of a step',
    description:
      'rent of a step where an NPU-hour has a price; else what of the capital it wears off, upkeep and electricity',
    formula: `given(${RENT_USD_PER_HOUR} * ${STEP_US} / ${US_PER_HOUR}, ${OWN_USD_PER_HOUR} * ${STEP_US} / ${US_PER_HOUR} + stepEnergyKWh * prices.kWhUsd)`,
    needs: [PRICE],
    withTime: 'grows',
  },
  {
    name: 'usdPerMTokens',
    quantity: 'dollarsPerMTokens',
    better: 'less',
    unit: '$/Mtoken',
    label: 'price of a million tokens',
    description: 'the same for a million tokens; with failures where goodput has a value',
    formula: '1e6 / stepTokens * stepUsd / given(goodput, 1)',
    needs: [PRICE],
    withTime: 'grows',
  },
  {
    name: 'jobUsd',
    quantity: 'dollars',
    better: 'less',
    unit: '$',
    label: 'price of the job',
    description: 'the same for all tokens of the job',
    formula: 'job.tokens / 1e6 * usdPerMTokens',
    needs: ['job.tokens', PRICE],
    withTime: 'grows',
  },
] as const satisfies readonly DerivedRow[];

export type DerivedName = (typeof DERIVED_ROWS)[number]['name'];
