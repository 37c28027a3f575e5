import type { Objective } from '../../kernels/objective/objective.js';
import { requireFacts } from '../../kernels/quantities/facts.js';
import { MAX_OBJECTIVES } from '../../kernels/reduce/layout.js';
import { CosmicError } from '../../psa/errors.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Batch, SweepRequest } from './evaluator.js';

/** Samples are numbered with 64 bits. */
const SAMPLES = 2n ** 64n;

/** Indices within a batch have 32 bits on the GPU; larger batches would not fit in memory anyway. */
const MAX_BATCH = 2 ** 24;

function outOfRange(message: string, remedy: string): CosmicError {
  return new CosmicError('VALUE_OUT_OF_RANGE', message, { remedy });
}

function checkRange(start: bigint, count: bigint, available: bigint, what: string): void {
  if (start >= 0n && count >= 0n && start + count <= available) return;
  throw outOfRange(
    `${what} ${start} … ${start + count - 1n} are not all in the space, which has ${what} 0 … ${available - 1n}`,
    'choose a smaller start or count',
  );
}

function checkSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return;
  throw outOfRange(`seed ${seed} is not a whole number from 0 to ${2 ** 32 - 1}`, 'choose such a seed');
}

function checkDigits(space: CompiledSpace, digits: Uint32Array, count: number): void {
  const { genes } = space;
  if (digits.length !== count * genes.length) {
    throw outOfRange(
      `${digits.length} digits are not ${count} rows of ${genes.length} genes`,
      'give one digit per gene and design',
    );
  }
  const bad = digits.findIndex((digit, i) => digit >= genes[i % genes.length]!.size);
  if (bad < 0) return;
  const gene = genes[bad % genes.length]!;
  throw outOfRange(`digit ${digits[bad]} of gene '${gene.name}' is not below its size ${gene.size}`, 'lower it');
}

/** @throws CosmicError VALUE_OUT_OF_RANGE where the batch leaves the space */
export function checkBatch(space: CompiledSpace, batch: Batch): void {
  if (!Number.isInteger(batch.count) || batch.count < 0 || batch.count > MAX_BATCH) {
    throw outOfRange(`a batch of ${batch.count} designs is not from 0 to ${MAX_BATCH}`, 'split it, or sweep');
  }
  if (batch.kind === 'digits') {
    checkDigits(space, batch.digits, batch.count);
  } else if (batch.kind === 'ordinals') {
    checkRange(batch.start, BigInt(batch.count), space.count, 'ordinals');
  } else {
    checkSeed(batch.seed);
    checkRange(batch.start, BigInt(batch.count), SAMPLES, 'samples');
  }
}

/** @throws CosmicError VALUE_OUT_OF_RANGE; ARGUMENT where an objective or limit has no value, BACKEND_LIMIT for too many objectives */
export function checkSweep(space: CompiledSpace, request: SweepRequest): void {
  if (request.source.kind === 'samples') {
    checkSeed(request.source.seed);
    checkRange(request.start, request.count, SAMPLES, 'samples');
  } else {
    checkRange(request.start, request.count, space.count, 'ordinals');
  }
  requireFacts(space, { objectives: request.objectives, limits: request.limits ?? [] });
  if (!Number.isInteger(request.top) || request.top < 0) {
    throw outOfRange(`a sweep cannot keep the best ${request.top}`, 'use a whole number of at least 0');
  }
  if (request.objectives.length < 1 || request.objectives.length > MAX_OBJECTIVES) {
    throw new CosmicError(
      'BACKEND_LIMIT',
      `a sweep has 1 to ${MAX_OBJECTIVES} objectives, not ${request.objectives.length}`,
      {
        remedy: 'join some in one product, such as time*cost',
      },
    );
  }
}

/** A sweep of all designs of a space that keeps the best one, and with several objectives their front. */
export function wholeSweep(space: CompiledSpace, objectives: readonly Objective[]): SweepRequest {
  return {
    source: { kind: 'ordinals' },
    start: 0n,
    count: space.count,
    objectives,
    top: 1,
    pareto: objectives.length > 1,
  };
}
