/** Whole steps of the astra-sim profile: random designs of cosmic-full a second of each backend, in turns. */
import { createEvaluator, type Evaluator, parseObjective } from '../host/index.js';
import { compilePsa, loadPsa } from '../psa/index.js';
import { type Contender, closeContenders, openContenders } from './contenders.js';
import { measureInTurns, type ThroughputResult, type Turns } from './throughput.js';

export interface StepsResult {
  readonly rates: readonly ThroughputResult[];
  /** Until WebGPU's first results, its kernels compiled, ms; undefined without an adapter. */
  readonly compileMs?: number;
}

/** With the warm-up some twenty seconds. */
const TURNS: Turns = { runs: 5, seconds: 1, firstDesigns: 2048, everyOutput: false };

/**
 * A driver that has not compiled the kernels by then is told of, and other stages go on. llvmpipe with nothing in Mesa's cache takes a
 * minute of two cores.
 */
const COMPILE_LIMIT_MS = 180_000;

/** Some have collectives that a hardware adapter follows by their events, which is a kernel of its own. */
const FIRST_DESIGNS = 512n;

async function timeFirst(evaluator: Evaluator): Promise<number> {
  const began = performance.now();
  const objectives = [parseObjective('time')];
  const source = { kind: 'samples', seed: 1 } as const;
  const first = evaluator.sweep({ source, start: 0n, count: FIRST_DESIGNS, objectives, top: 10, pareto: false });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const seconds = COMPILE_LIMIT_MS / 1000;
    timer = setTimeout(() => reject(new Error(`no first results on WebGPU within ${seconds} s`)), COMPILE_LIMIT_MS);
  });
  try {
    await Promise.race([first, late]);
  } finally {
    clearTimeout(timer);
    // It may fail when nobody waits any more.
    first.catch(() => undefined);
  }
  return performance.now() - began;
}

/** @throws Error where WebGPU has no results within three minutes */
export async function measureSteps(cores: number, hasAdapter: boolean): Promise<StepsResult> {
  const space = compilePsa(loadPsa('cosmic-full', { profile: 'astra-sim' }));
  // By itself at first: where it is late nobody has to wait for it.
  const webgpu = hasAdapter ? await createEvaluator(space, { backend: 'webgpu' }) : undefined;
  let compileMs: number | undefined;
  try {
    compileMs = webgpu && Math.round(await timeFirst(webgpu));
  } catch (error) {
    // It closes once its kernels are compiled, for which other stages need not wait.
    webgpu?.close().catch(() => undefined);
    throw error;
  }
  const contenders: Contender[] = webgpu === undefined ? [] : [{ backend: 'webgpu', evaluator: webgpu }];
  try {
    contenders.unshift(...(await openContenders(space, cores, false)));
    const rates = await measureInTurns(
      contenders.map((contender) => ({ ...contender, objective: 'time' })),
      TURNS,
    );
    return { rates, ...(compileMs !== undefined && { compileMs }) };
  } finally {
    await closeContenders(contenders);
  }
}
