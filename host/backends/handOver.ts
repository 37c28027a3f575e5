/** A sweep that the CPU begins and WebGPU ends. */
import { availableParallelism } from 'node:os';
import { insertIntoFront } from '../../kernels/reduce/front.js';
import { type Candidate, compareCandidates, type SweepPart } from '../../kernels/reduce/reduce.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createCpuEvaluator } from './cpu/evaluator.js';
import type { Evaluator, SweepControl, SweepRequest } from './evaluator.js';
import { threadsBesideCompiler } from './plan.js';
import { checkSweep } from './requests.js';

/**
 * Kept designs with the objectives that WebGPU's sweep has of them, so that what ties there ties here. Each is a sweep of its own
 * design: batches would need kernels that nothing else of the sweep does.
 */
async function valuedBy(
  webgpu: Evaluator,
  request: SweepRequest,
  candidates: Iterable<Candidate>,
): Promise<Map<bigint, Candidate>> {
  const valued = new Map<bigint, Candidate>();
  for (const candidate of candidates) {
    const { position } = candidate;
    if (valued.has(position)) continue;
    const { top } = await webgpu.sweep({ ...request, start: position, count: 1n });
    // Feasible by a hair: it stays as the CPU has it.
    valued.set(position, top[0] ?? candidate);
  }
  return valued;
}

/** A part of the CPU's as WebGPU goes on from it; its counts stay. */
async function handedOver(part: SweepPart, request: SweepRequest, webgpu: Evaluator): Promise<SweepPart> {
  const valued = await valuedBy(webgpu, request, [...part.top, ...part.pareto]);
  const again = (candidates: readonly Candidate[]) => candidates.map(({ position }) => valued.get(position)!);
  const pareto: Candidate[] = [];
  for (const candidate of again(part.pareto)) insertIntoFront(pareto, candidate);
  return { ...part, top: again(part.top).sort(compareCandidates), pareto };
}

/** Compiles what the rest of a sweep needs, by its first design. */
async function warmUp(evaluator: Evaluator, request: SweepRequest, start: bigint): Promise<void> {
  await evaluator.sweep({ ...request, start, count: 1n });
}

/**
 * Evaluates the first designs of each sweep on the CPU, while the kernels for all others are compiled. Where it changes is said
 * beforehand and not by a clock, so that a sweep which is ended and goes on comes to what one in one go would. All but sweeps is
 * WebGPU's.
 *
 * @param cpuFirst designs of a sweep that are the CPU's
 * @param threads of the CPU, one of which is the compiler's if there are several; all cores unless given
 * @throws CosmicError NO_ADAPTER, SHADER, BACKEND_LIMIT, VALUE_OUT_OF_RANGE
 */
export async function createHandOver(
  space: CompiledSpace,
  cpuFirst: bigint,
  threads: number = availableParallelism(),
): Promise<Evaluator> {
  const { createWebgpuEvaluator } = await import('./webgpu/evaluator.js');
  const cpu = createCpuEvaluator(space, threadsBesideCompiler(threads));
  const webgpu = await createWebgpuEvaluator(space);

  /** The CPU's part of a sweep; less of it where the signal ended it. */
  const begin = (request: SweepRequest, control: SweepControl | undefined, resumeFrom: SweepPart | undefined) => {
    const count = request.count < cpuFirst ? request.count : cpuFirst;
    return cpu.sweep({ ...request, count }, control, resumeFrom);
  };

  return {
    ...webgpu,
    cpuFirst,
    description: `${webgpu.description}; the first ${cpuFirst.toLocaleString('en-US')} designs of a sweep on the ${cpu.description}`,
    provenance: `${webgpu.provenance}; the first ${cpuFirst.toLocaleString('en-US')} designs of a sweep on the ${cpu.provenance}`,

    async sweep(request, control, resumeFrom) {
      checkSweep(space, request);
      if (resumeFrom !== undefined && resumeFrom.evaluated > cpuFirst) {
        return webgpu.sweep(request, control, resumeFrom);
      }
      if (request.count <= cpuFirst) return begin(request, control, resumeFrom);
      const compiled = warmUp(webgpu, request, request.start + cpuFirst);
      // A failure is met when its turn comes; until then it must not count as unhandled.
      compiled.catch(() => undefined);
      const part = await begin(request, control, resumeFrom);
      await compiled;
      if (part.evaluated < cpuFirst) return part;
      return webgpu.sweep(request, control, await handedOver(part, request, webgpu));
    },

    async close() {
      await Promise.all([cpu.close(), webgpu.close()]);
    },
  };
}
