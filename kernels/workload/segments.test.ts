import { describe, expect, test } from 'vitest';
import { listPresets, loadModel } from '../../psa/index.js';
import { type Lowering, lower, rowsOf } from './lowering.js';
import { FLAG, type Flag, GROUP, isCollective, JOIN, type Operation } from './operation.js';
import { type Conditions, type Segment, segmentsOf } from './segments.js';
import { SECTIONS, type Section } from './transformer.js';

const phases = listPresets('models').flatMap((model) => loadModel(model).phases);

const GROUP_BITS = [GROUP.tp, GROUP.sp, GROUP.ep].reduce<number>((bits, group) => bits | (1 << group), 0);

const CONDITIONS: Conditions[] = Array.from({ length: 16 }, (_, flags) =>
  Array.from({ length: GROUP_BITS + 1 }, (_, several) =>
    [false, true].map((overlaps): Conditions => ({ flags, several, overlaps })),
  ),
).flat(2);

/** What a row's own words say, in place of masks. */
function happens({ when, kind, group }: Operation, { flags, several }: Conditions): boolean {
  const asked = Object.entries(when) as [Flag, boolean][];
  const runs = asked.every(([flag, wanted]) => ((flags & FLAG[flag]) !== 0) === wanted);
  return runs && (kind !== 'collective' || (several & (1 << GROUP[group])) !== 0);
}

/** Compute rows and calls of a section, in words: what happens of its rows. */
function expected({ steps, calls }: Lowering, section: Section, conditions: Conditions): string {
  const rows = steps[section].flatMap(rowsOf).filter((row) => happens(row, conditions));
  const callOf = (row: Operation): number => calls.find(([, own]) => own.includes(row))![0];
  const collectives = rows.filter(isCollective).map(callOf);
  return [...rows.filter((row) => !isCollective(row)).map(({ name }) => name), ...collectives].join();
}

/** The same of its segments. */
function found(segments: readonly Segment[]): string {
  const collectives = segments.flatMap(({ call }) => (call > 0 ? [call - 1] : []));
  return [...segments.flatMap(({ rows }) => rows.map(({ name }) => name)), ...collectives].join();
}

describe.each(phases.map((phase) => [`${phase.model} ${phase.phase}`, phase] as const))('%s', (_, phase) => {
  const lowering = lower(phase);

  test('all rows that happen are there, in their order, and no others', () => {
    for (const conditions of CONDITIONS) {
      for (const section of SECTIONS) {
        const segments = segmentsOf(lowering.steps[section], conditions);
        expect(found(segments)).toBe(expected(lowering, section, conditions));
      }
    }
  });

  test('every collective is waited for', () => {
    for (const conditions of CONDITIONS) {
      for (const section of SECTIONS) {
        const segments = segmentsOf(lowering.steps[section], conditions);
        const last = segments.findLastIndex(({ call }) => call > 0);
        const waits = segments.slice(last).some(({ join }) => join === JOIN.last);
        expect(last < 0 || waits).toBe(true);
      }
    }
  });

  test('compute begins none beside collectives where it may not', () => {
    for (const conditions of CONDITIONS.filter(({ overlaps }) => !overlaps)) {
      for (const section of SECTIONS) {
        const beside = segmentsOf(lowering.steps[section], conditions).filter(
          ({ call, join, rows }) => call > 0 && join !== JOIN.last && rows.length > 0,
        );
        expect(beside).toEqual([]);
      }
    }
  });
});
