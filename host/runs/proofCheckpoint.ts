import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { digitsToOrdinal, ordinalToDigits } from '../../psa/ordinals.js';
import { readPlain } from '../../psa/plainData.js';
import type { CompiledSpace } from '../../psa/space.js';
import { boxText, parseBox } from '../proof/certificate.js';
import { type OpenBox, type ProofState, REASON_KINDS, type ReasonKind } from '../proof/proofState.js';
import { unreadable } from './unreadable.js';
import { wholeBelow } from './wholeText.js';

/** A proof as far as it is saved, and how long its certificate was then. */
export interface SavedProof {
  readonly state: ProofState;
  readonly certificateBytes: number;
}

/** What a state of a proof over so many designs is like. */
function stateSchema(designs: bigint) {
  const count = z.int().min(0);
  const boxes = z.array(z.tuple([z.string(), z.number()]));
  const big = wholeBelow(designs + 1n);
  return z.strictObject({
    certificateBytes: count,
    nextRoot: big,
    open: boxes,
    tied: boxes,
    incumbent: z.strictObject({ ordinal: wholeBelow(designs), value: z.number() }).nullable(),
    designs: z.strictObject(Object.fromEntries(REASON_KINDS.map((kind) => [kind, big]))),
    optimalAtLeast: z.boolean(),
    counted: count,
    course: z.array(z.tuple([count, z.number().nullable(), z.number().nullable()])),
    closed: count,
    bounded: count,
    evaluated: count,
    feasible: count,
  });
}

/** A proof's state as plain data. */
export function proofToPlain(space: CompiledSpace, { state, certificateBytes }: SavedProof): PlainData {
  const { incumbent, designs, nextRoot, optimalAtLeast, counted, course, closed, bounded, evaluated, feasible } = state;
  const boxes = (list: readonly OpenBox[]) => list.map((box) => [boxText(space, box), box.bound]);
  return {
    certificateBytes,
    nextRoot: nextRoot.toString(),
    open: boxes(state.open),
    tied: boxes(state.tied),
    incumbent:
      incumbent === undefined
        ? null
        : { ordinal: digitsToOrdinal(space, incumbent.digits).toString(), value: incumbent.value },
    designs: Object.fromEntries(REASON_KINDS.map((kind) => [kind, designs[kind].toString()])),
    optimalAtLeast,
    counted,
    course: course.map(({ boxes, best, bound }) => [boxes, best ?? null, Number.isFinite(bound) ? bound : null]),
    closed,
    bounded,
    evaluated,
    feasible,
  };
}

/** @throws CosmicError FILE_UNREADABLE where it is no state of a proof of the space */
export function proofFromPlain(plain: PlainData, space: CompiledSpace, file: string): SavedProof {
  const saved = readPlain(stateSchema(space.count), plain, (why) => unreadable('proof', why, file));
  const boxesOf = (list: readonly [string, number][]) =>
    list.map(([text, bound]): OpenBox => {
      const box = parseBox(space, text);
      if (box === undefined) throw unreadable('proof', `'${text}' is no box of the space`, file);
      return { ...box, bound };
    });
  const { certificateBytes, nextRoot, open, tied, incumbent, designs, course, ...counts } = saved;
  const state: ProofState = {
    ...counts,
    course: course.map(([boxes, best, bound]) => ({
      boxes,
      best: best ?? undefined,
      bound: bound ?? Number.POSITIVE_INFINITY,
    })),
    nextRoot: BigInt(nextRoot),
    open: boxesOf(open),
    tied: boxesOf(tied),
    incumbent:
      incumbent === null
        ? undefined
        : { digits: ordinalToDigits(space, BigInt(incumbent.ordinal)), value: incumbent.value },
    designs: Object.fromEntries(REASON_KINDS.map((kind) => [kind, BigInt(designs[kind]!)])) as Record<
      ReasonKind,
      bigint
    >,
  };
  return { state, certificateBytes };
}
