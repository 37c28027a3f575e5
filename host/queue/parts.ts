/** Parts of the work: what they are as messages, and how an evaluator does them. */
import { z } from 'zod';
import type { PlainData } from '../../agents/agent.js';
import { type Limit, MAX_LIMITS, parseLimit } from '../../kernels/objective/limits.js';
import { type Objective, parseObjective } from '../../kernels/objective/objective.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { MAX_OBJECTIVES } from '../../kernels/reduce/layout.js';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { CosmicError } from '../../psa/errors.js';
import { parsedJson, readPlain } from '../../psa/plainData.js';
import type { CompiledSpace } from '../../psa/space.js';
import type { BoxesRequest, BoxValues, Evaluator, Results, SweepRequest } from '../backends/evaluator.js';
import { RANGES } from '../runs/ranges.js';
import { partReader, partToPlain } from '../runs/sweepCheckpoint.js';
import { wholeBelow } from '../runs/wholeText.js';
import { MOST_CHARACTERS } from './messages.js';

/** Bytes of a result that is sure to fit a message, whatever packing saves: base64 makes four characters of three bytes. */
const MOST_BYTES = Math.floor(MOST_CHARACTERS * 0.74);

const BYTES_PER_DESIGN = 8 * OUTPUT_COUNT + 4;

/** Designs of a batch that one part evaluates. */
export const DESIGNS_PER_PART = Math.floor(MOST_BYTES / BYTES_PER_DESIGN);

/** Boxes that one part bounds: their digits, 32 bits each and first and last, fit a message. */
export function boxesPerPart({ genes }: CompiledSpace): number {
  return Math.max(1, Math.min(512, Math.floor(MOST_BYTES / (8 * genes.length))));
}

const texts = <T>(read: (text: string) => T, most: number) =>
  z
    .array(
      z
        .string()
        .max(200)
        .transform((text, context) => {
          try {
            return read(text);
          } catch (error) {
            context.addIssue((error as Error).message);
            return z.NEVER;
          }
        }),
    )
    .max(most);

const objectives = texts(parseObjective, MAX_OBJECTIVES).min(1);
const limits = texts(parseLimit, MAX_LIMITS);
const digits = z.base64().max(4 * MOST_CHARACTERS);

/** What parts of a space's work may be. */
function partSchema(space: CompiledSpace) {
  const width = space.genes.length;
  const rows = (text: string) => wordsOf(text).length / width;
  const isWithin = (text: string) => wordsOf(text).every((digit, i) => digit < space.genes[i % width]!.size);
  const position = wholeBelow(2n ** 64n > space.count ? 2n ** 64n : space.count + 1n).transform(BigInt);
  return z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('sweep'),
      source: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('ordinals') }),
        z.strictObject({ kind: z.literal('samples'), seed: z.int().min(0).max(RANGES.seed[1]) }),
      ]),
      start: position,
      count: position,
      objectives,
      limits,
      top: z.int().min(0).max(RANGES.top[1]),
      pareto: z.boolean(),
    }),
    z
      .strictObject({ kind: z.literal('evaluate'), digits })
      .refine(({ digits }) => rows(digits) <= DESIGNS_PER_PART && Number.isInteger(rows(digits)))
      .refine(({ digits }) => isWithin(digits)),
    z
      .strictObject({
        kind: z.literal('bound'),
        objectives,
        limits,
        first: digits,
        last: digits,
        both: z.boolean(),
        /** None where there is no best design yet. */
        threshold: z.number().nullable(),
      })
      .refine(({ first, last }) => rows(first) === rows(last) && rows(first) <= boxesPerPart(space))
      .refine(({ first, last }) => Number.isInteger(rows(first)) && isWithin(last))
      .refine(({ first, last }) => isBelow(wordsOf(first), wordsOf(last))),
  ]);
}

function isBelow(first: Uint32Array, last: Uint32Array): boolean {
  return first.every((digit, i) => digit <= last[i]!);
}

/** A part, as its message has it: plain data. */
export type Part = z.input<ReturnType<typeof partSchema>>;

function wordsOf(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
}

function textOf(words: Uint32Array): string {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('base64');
}

const goalTexts = (objectives: readonly Objective[], limits: readonly Limit[]) => ({
  objectives: objectives.map(({ label }) => label),
  // Behind the number a label has the unit, which the text that is read has not.
  limits: limits.map(({ label }) => label.split(' ').slice(0, 3).join(' ')),
});

/** The part of a sweep from a position on. */
export function sweepPart(request: SweepRequest, start: bigint, count: bigint): Part {
  const { source, objectives, limits = [], top, pareto } = request;
  const range = { start: start.toString(), count: count.toString() };
  return { kind: 'sweep', source, ...range, ...goalTexts(objectives, limits), top, pareto };
}

/** A part that evaluates rows of digits. */
export function evaluatePart(digits: Uint32Array): Part {
  return { kind: 'evaluate', digits: textOf(digits) };
}

/** A part that bounds boxes. */
export function boundPart({ objectives, limits, first, last, both, threshold }: BoxesRequest): Part {
  return {
    kind: 'bound',
    ...goalTexts(objectives, limits),
    first: textOf(first),
    last: textOf(last),
    both,
    threshold: Number.isFinite(threshold) ? threshold : null,
  };
}

/** @throws CosmicError QUEUE where the text is no part as the schema has it */
export function readPart<T>(schema: z.ZodType<T>, text: string): T {
  const remedy = 'see who else writes to the server';
  return readPlain(
    schema,
    parsedJson(text),
    (why) => new CosmicError('QUEUE', `the message is no part of the run's work: ${why}`, { remedy }),
  );
}

/** What a part came to, and how many designs, boxes or searches it was about. */
export interface PartResult {
  readonly bytes: string | Uint8Array;
  readonly count: number;
}

/**
 * Does parts of a space's work.
 *
 * @returns reads a part and does it
 * @throws CosmicError QUEUE where the text is no part of the space's work, and what the evaluator throws
 */
export function partRunner(evaluator: Evaluator): (text: string) => Promise<PartResult> {
  const { space } = evaluator;
  const schema = partSchema(space);
  return async (text) => {
    const part = readPart(schema, text);
    if (part.kind === 'sweep') {
      return { bytes: JSON.stringify(partToPlain(await evaluator.sweep(part))), count: Number(part.count) };
    }
    const width = space.genes.length;
    if (part.kind === 'evaluate') {
      const digits = wordsOf(part.digits);
      const count = digits.length / width;
      const { outputs, status } = await evaluator.evaluate({ kind: 'digits', digits, count });
      return { bytes: joined(outputs, status), count };
    }
    if (evaluator.bound === undefined) {
      throw new CosmicError('BACKEND_LIMIT', `${evaluator.backend} has no bounds`, { remedy: 'use --backend cpu' });
    }
    const [first, last] = [wordsOf(part.first), wordsOf(part.last)];
    const count = first.length / width;
    const threshold = part.threshold ?? Number.POSITIVE_INFINITY;
    const { best, worst, status, broken } = await evaluator.bound({ ...part, first, last, count, threshold });
    return { bytes: joined(best, worst, status, broken), count };
  };
}

function joined(...arrays: readonly (Float64Array | Uint32Array)[]): Uint8Array {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

/**
 * Reads what parts of a sweep came to.
 *
 * @param designs of the space
 * @returns throws CosmicError FILE_UNREADABLE where the bytes are not of the designs
 */
export function sweepReader(request: SweepRequest, designs: bigint, place: string) {
  const read = partReader(request, designs, place);
  return (bytes: Buffer, start: bigint, count: bigint): SweepPart | undefined => {
    const part = read(parsedJson(bytes.toString()) as PlainData | undefined, { start, count });
    return part.evaluated === count ? part : undefined;
  };
}

/** @returns undefined where the bytes are not of so many designs */
export function resultsFrom(bytes: Buffer, count: number): Results | undefined {
  if (bytes.length !== count * BYTES_PER_DESIGN) return undefined;
  const [outputs, status] = [floats(bytes, 0, count * OUTPUT_COUNT), words(bytes, 8 * count * OUTPUT_COUNT, count)];
  return { count, outputs, status };
}

/** @returns undefined where the bytes are not of so many boxes */
export function boxValuesFrom(bytes: Buffer, count: number): BoxValues | undefined {
  if (bytes.length !== 24 * count) return undefined;
  return {
    best: floats(bytes, 0, count),
    worst: floats(bytes, 8 * count, count),
    status: words(bytes, 16 * count, count),
    broken: words(bytes, 20 * count, count),
  };
}

function floats(bytes: Buffer, from: number, count: number): Float64Array {
  return new Float64Array(copied(bytes, from, 8 * count));
}

function words(bytes: Buffer, from: number, count: number): Uint32Array {
  return new Uint32Array(copied(bytes, from, 4 * count));
}

function copied({ buffer, byteOffset }: Buffer, from: number, length: number): ArrayBuffer {
  return buffer.slice(byteOffset + from, byteOffset + from + length) as ArrayBuffer;
}
