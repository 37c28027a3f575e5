/**
 * A certificate: what was proved, and boxes that cover the space, each with the reason for which none of its designs is better.
 * Lines of JSON (docs/proof.md has the format): a header, a line per box, and the claim.
 */
import { z } from 'zod';
import type { Box } from '../../kernels/bound/box.js';
import { STATUSES } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import { parsedJson } from '../../psa/plainData.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { ClosedBox, Reason } from './proofState.js';

export const CERTIFICATE_FORMAT = 'cosmic-proof-1';

const wholeNumber = z.string().regex(/^\d{1,400}$/);

/** What is to be proved. */
export const headerSchema = z.strictObject({
  certificate: z.literal(CERTIFICATE_FORMAT),
  cosmic: z.string(),
  space: z.unknown(),
  objective: z.string(),
  constraints: z.array(z.string()),
  gap: z.number().min(0).max(1),
  /** In the order of a box's digits. */
  genes: z.array(z.strictObject({ name: z.string(), size: z.int().min(1) })),
});

/** What the boxes prove. */
export const claimSchema = z.strictObject({
  claim: z.strictObject({
    /** Null where no design is feasible. */
    best: z.strictObject({ ordinal: wholeNumber, value: z.number() }).nullable(),
    /** Designs with that objective; at least so many where not all were counted. */
    optimal: wholeNumber,
    atLeast: z.boolean(),
    designs: wholeNumber,
    boxes: z.int().min(0),
  }),
});

const statusNames = STATUSES.map(({ name }) => name) as [string, ...string[]];

const boxSchema = z.union([
  z.strictObject({ box: z.string(), infeasible: z.array(z.enum(statusNames)).min(1) }),
  z.strictObject({ box: z.string(), limits: z.array(z.int().min(0).max(31)).min(1) }),
  z.strictObject({ box: z.string(), bound: z.number() }),
  z.strictObject({ box: z.string(), evaluated: z.number().nullable() }),
  z.strictObject({ box: z.string(), optimal: z.number() }),
]);

export type CertificateHeader = z.infer<typeof headerSchema>;
export type Claim = z.infer<typeof claimSchema>['claim'];

/** `3 0-1 *`: a digit, a range, or all digits of each gene. */
export function boxText({ genes }: CompiledSpace, { first, last }: Box): string {
  const range = (low: number, high: number, size: number): string => {
    if (low === high) return String(low);
    return low === 0 && high === size - 1 ? '*' : `${low}-${high}`;
  };
  return genes.map(({ size }, g) => range(first[g]!, last[g]!, size)).join(' ');
}

function bitNumbers(bits: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bits >>> bit) & 1);
}

const bitsOf = (numbers: readonly number[]): number => numbers.reduce((bits, bit) => (bits | (1 << bit)) >>> 0, 0);

function reasonFields(reason: Reason): object {
  switch (reason.kind) {
    case 'infeasible':
      return { infeasible: bitNumbers(reason.status).map((bit) => STATUSES[bit]!.name) };
    case 'limits':
      return { limits: bitNumbers(reason.broken) };
    case 'evaluated':
      return { evaluated: Number.isFinite(reason.value) ? reason.value : null };
    default:
      return { [reason.kind]: reason.value };
  }
}

/** The line of a closed box. */
export function boxLine(space: CompiledSpace, box: ClosedBox): string {
  return `${JSON.stringify({ box: boxText(space, box), ...reasonFields(box.reason) })}\n`;
}

/** The box of such a text; undefined where it is none of the space. */
export function parseBox({ genes }: CompiledSpace, text: string): Box | undefined {
  const parts = text.split(' ');
  const first = new Uint32Array(genes.length);
  const last = new Uint32Array(genes.length);
  if (parts.length !== genes.length) return undefined;
  for (const [g, part] of parts.entries()) {
    const { size } = genes[g]!;
    const [low, high] = part === '*' ? [0, size - 1] : (/^(\d+)(?:-(\d+))?$/.exec(part)?.slice(1).map(Number) ?? []);
    const end = Number.isNaN(high) ? low : high;
    if (low === undefined || end === undefined || low > end || end >= size) return undefined;
    first[g] = low;
    last[g] = end;
  }
  return { first, last };
}

function parseReason(line: z.infer<typeof boxSchema>): Reason {
  if ('infeasible' in line) {
    return { kind: 'infeasible', status: bitsOf(line.infeasible.map((name) => statusNames.indexOf(name))) };
  }
  if ('limits' in line) return { kind: 'limits', broken: bitsOf(line.limits) };
  if ('bound' in line) return { kind: 'bound', value: line.bound };
  if ('optimal' in line) return { kind: 'optimal', value: line.optimal };
  return { kind: 'evaluated', value: line.evaluated ?? Number.POSITIVE_INFINITY };
}

/**
 * Reads the line of a box.
 *
 * @throws CosmicError FILE_UNREADABLE, with file and line
 */
export function parseBoxLine(space: CompiledSpace, text: string, file: string, lineNumber: number): ClosedBox {
  const line = boxSchema.safeParse(parseLine(text, file, lineNumber));
  const box = line.success ? parseBox(space, line.data.box) : undefined;
  if (line.success && box !== undefined) return { ...box, reason: parseReason(line.data) };
  throw unreadable('the line is no box of the space with a reason', file, lineNumber);
}

/** @throws CosmicError FILE_UNREADABLE */
export function parseLine(text: string, file: string, lineNumber: number): unknown {
  const plain = parsedJson(text);
  if (plain === undefined) throw unreadable('the line is not JSON', file, lineNumber);
  return plain;
}

export function unreadable(message: string, file: string, line: number): CosmicError {
  return new CosmicError('FILE_UNREADABLE', message, { file, line, remedy: 'prove it again: cosmic prove' });
}
