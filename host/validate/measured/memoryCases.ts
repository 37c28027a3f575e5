/** Memory of runs: how much of it was predicted, and whether the run was said to fit. */
import { type Case, type CaseFailure, type CaseGroup, errorsOf, type StopCount, summarize } from '../cases.js';
import type { Errors } from '../statistics.js';

const MB_PER_GIB = 2 ** 30 / 1e6;

export function mbToGib(mb: number): number {
  return mb / MB_PER_GIB;
}

/** A run, or a stage of it, and what the simulator says of it; GiB. */
export interface MemoryCase {
  readonly id: string;
  readonly source: string;
  readonly model: string;
  /** Undefined where nobody published it. */
  readonly allocated: number | undefined;
  readonly reserved: number | undefined;
  /** Did the run fit? Undefined where it failed for another reason, or where another stage tells. */
  readonly fits: boolean | undefined;
  readonly predicted: { readonly allocated: number; readonly reserved: number; readonly fits: boolean };
  /** What may not be filled, and all, of the memory that a step ran in; where they are known. */
  readonly room?: { readonly reserve: number; readonly capacity: number };
}

/** What was said of runs whose outcome is known. */
export interface Verdicts {
  readonly cases: number;
  readonly right: number;
  /** Said to fit, but ran out of memory. */
  readonly falseFits: number;
  /** Said not to fit, but ran. */
  readonly falseAlarms: number;
}

export interface MemoryGroup extends CaseGroup {
  readonly verdicts: Verdicts;
  /** Errors of reserved memory. */
  readonly reserved: Errors;
}

/** Errors are those of allocated memory. */
export interface MemoryResults extends Errors {
  readonly verdicts: Verdicts;
  readonly reserved: Errors;
  readonly failures: readonly CaseFailure[];
  /** By source, then by source and model. */
  readonly groups: readonly MemoryGroup[];
  readonly stops: readonly StopCount[];
}

function verdictsOf(cases: readonly MemoryCase[]): Verdicts {
  const known = cases.filter(({ fits }) => fits !== undefined);
  const falseFits = known.filter(({ fits, predicted }) => predicted.fits && fits === false).length;
  const falseAlarms = known.filter(({ fits, predicted }) => !predicted.fits && fits === true).length;
  return { cases: known.length, right: known.length - falseFits - falseAlarms, falseFits, falseAlarms };
}

/** The values of one kind that are published, beside those that are predicted. */
function valuesOf(cases: readonly MemoryCase[], kind: 'allocated' | 'reserved'): Case[] {
  return cases
    .filter((one) => one[kind] !== undefined)
    .map((one) => ({ id: one.id, group: one.source, expected: one[kind], got: one.predicted[kind] }));
}

function groupOf(group: string, cases: readonly MemoryCase[]): MemoryGroup {
  return {
    group,
    ...errorsOf(valuesOf(cases, 'allocated')),
    reserved: errorsOf(valuesOf(cases, 'reserved')),
    verdicts: verdictsOf(cases),
  };
}

/** Statistics of memory and verdicts, of all cases and by source and model. */
export function summarizeMemory(cases: readonly MemoryCase[]): MemoryResults {
  const { groups: _, ...all } = summarize(valuesOf(cases, 'allocated'));
  const sources = [...new Set(cases.map(({ source }) => source))].sort();
  const groups = sources.flatMap((source) => {
    const own = cases.filter((one) => one.source === source);
    const models = [...new Set(own.map(({ model }) => model))].sort();
    const byModel = models.map((model) =>
      groupOf(
        `${source}, ${model}`,
        own.filter((one) => one.model === model),
      ),
    );
    return [groupOf(source, own), ...(models.length > 1 ? byModel : [])];
  });
  return { ...all, reserved: errorsOf(valuesOf(cases, 'reserved')), verdicts: verdictsOf(cases), groups };
}
