import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { CosmicError } from '../../psa/errors.js';
import type { Workload } from '../../psa/space.js';
import { rulesOf } from '../profiles/profiles.js';
import { type Job, type Plan, planJob } from './plan.js';
import { areOf, keptRates, type Rates, stepRates } from './rates.js';
import { type AdapterSummary, findAdapter, summarize } from './webgpu/adapters.js';

/** What `auto` takes, and why, in one line. */
export interface Choice {
  readonly backend: 'webgpu' | 'cpu';
  /** Designs that the CPU evaluates before WebGPU; 0 unless given. */
  readonly cpuFirst?: bigint;
  readonly reason: string;
}

/** Without one of these, Linux has no hardware adapter, and Vulkan need not be asked: its loader would complain aloud. */
const DEVICE_FILES = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg', '/dev/kgsl-3d0', '/dev/mali0'];

/** May this machine have a hardware GPU? */
export function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || DEVICE_FILES.some((file) => existsSync(file));
}

/** Without measured rates: WebGPU on a hardware adapter, else the CPU, as a software adapter may be slower. */
export function chooseFrom(adapter: AdapterSummary | undefined): Choice {
  if (adapter === undefined) return { backend: 'cpu', reason: 'WebGPU finds no adapter' };
  if (adapter.type === 'software')
    return { backend: 'cpu', reason: `the only WebGPU adapter is software: ${adapter.name}` };
  return { backend: 'webgpu', reason: `WebGPU has a hardware adapter: ${adapter.name}` };
}

function secondsText(seconds: number): string {
  return seconds < 1 ? 'less than a second' : `about ${Math.round(seconds).toLocaleString('en-US')} s`;
}

/** What a plan comes to, in one line. */
function planned({ backend, cpuFirst, seconds, cpuSeconds }: Plan, { date }: Rates): Choice {
  const onCpu = `the CPU takes ${secondsText(cpuSeconds)} for the job`;
  const reason = backend === 'cpu' ? onCpu : `${onCpu}, WebGPU ${secondsText(seconds)}`;
  return { backend, ...(cpuFirst > 0n && { cpuFirst }), reason: `${reason} by the rates of ${date}` };
}

async function fastestAdapter(): Promise<AdapterSummary | undefined> {
  const adapter = await findAdapter();
  return adapter && summarize(adapter);
}

/** By the rates, where they are of this machine's adapter; a job that the CPU does best asks for no adapter. */
async function chooseByRates(
  job: Job,
  rates: Rates,
  threads: number,
  otherwise: (adapter: AdapterSummary | undefined) => Choice,
): Promise<Choice> {
  const plan = planJob(job, rates, threads);
  if (plan.backend === 'cpu') return planned(plan, rates);
  const adapter = await fastestAdapter();
  return adapter !== undefined && areOf(rates, adapter) ? planned(plan, rates) : otherwise(adapter);
}

/** In a profile that says what `auto` takes where it was not measured. */
async function chooseUnlessMeasured(only: Choice, job: Job | undefined, threads: number): Promise<Choice> {
  const rates = job && stepRates(keptRates());
  if (job === undefined || rates === undefined) return only;
  return chooseByRates({ ...job, handsOver: false }, rates, threads, () => only);
}

async function chooseOnMachine(job: Job | undefined, threads: number): Promise<Choice> {
  const rates = job && keptRates();
  if (job !== undefined && rates !== undefined) return chooseByRates(job, rates, threads, chooseFrom);
  if (!mayHaveGpu()) return { backend: 'cpu', reason: 'this machine has no GPU device' };
  return chooseFrom(await fastestAdapter());
}

/**
 * Decides for `auto`: by what was measured of the machine, where a job is known and rates are kept, else by its adapter.
 *
 * @param threads of the CPU; all cores unless given
 */
export async function chooseBackend(
  workload?: Workload,
  job?: Job,
  threads: number = availableParallelism(),
): Promise<Choice> {
  const only = workload && rulesOf(workload).autoBackend;
  try {
    if (only === undefined) return await chooseOnMachine(job, threads);
    return await chooseUnlessMeasured({ backend: only.name, reason: only.reason }, job, threads);
  } catch (error) {
    if (!(error instanceof CosmicError)) throw error;
    return { backend: 'cpu', reason: error.message };
  }
}
