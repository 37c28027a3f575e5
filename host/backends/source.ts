import { DECODE_MODE, decodeDigits, type Source } from '../../kernels/decode/decode.js';
import type { PackedGenes } from '../../kernels/decode/genes.js';
import { digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { Batch, SweepRequest } from './evaluator.js';

const NO_DIGITS = new Uint32Array(0);

function ordinalsFrom(space: CompiledSpace, start: bigint): Source {
  // The end of the space is no ordinal: an empty run there needs no digits.
  const digits = start < space.count ? ordinalToDigits(space, start) : new Uint32Array(space.genes.length);
  return { mode: DECODE_MODE.ordinals, digits, seed: 0, startLow: 0, startHigh: 0 };
}

function samplesFrom(seed: number, start: bigint): Source {
  return {
    mode: DECODE_MODE.samples,
    digits: NO_DIGITS,
    seed,
    startLow: Number(start & 0xffffffffn),
    startHigh: Number(start >> 32n),
  };
}

/** The designs of a batch, as the kernels decode them. */
export function batchSource(space: CompiledSpace, batch: Batch): Source {
  if (batch.kind === 'ordinals') return ordinalsFrom(space, batch.start);
  if (batch.kind === 'samples') return samplesFrom(batch.seed, batch.start);
  return { mode: DECODE_MODE.digits, digits: batch.digits, seed: 0, startLow: 0, startHigh: 0 };
}

/** The designs `count` of a batch from design `from` on. */
export function sliceBatch(space: CompiledSpace, batch: Batch, from: number, count: number): Batch {
  if (batch.kind !== 'digits') return { ...batch, start: batch.start + BigInt(from), count };
  const genes = space.genes.length;
  return { kind: 'digits', digits: batch.digits.slice(from * genes, (from + count) * genes), count };
}

/** The designs of a sweep from position `start` on. */
export function sweepSource(space: CompiledSpace, request: SweepRequest, start: bigint): Source {
  return request.source.kind === 'ordinals' ? ordinalsFrom(space, start) : samplesFrom(request.source.seed, start);
}

/** Tells the ordinal of the design at an index behind `start`. */
export function ordinalOf(
  space: CompiledSpace,
  packed: PackedGenes,
  source: Source,
  start: bigint,
): (index: number) => bigint {
  if (source.mode === DECODE_MODE.ordinals) return (index) => start + BigInt(index);
  const digits = new Uint32Array(packed.count);
  return (index) => {
    decodeDigits(packed, source, index, digits);
    return digitsToOrdinal(space, digits);
  };
}
