import { describe, expect, it } from 'vitest';
import { addTimes, clearGraphs, clearTimes, combineProgram, keepFuller, setGraph, sumMemoryMB } from './combine.js';
import { definitionOf, OUTPUT, OUTPUT_COUNT, OUTPUTS, partsOf, QUANTITIES } from './outputs.js';
import { constantName } from './wgslText.js';

/** A row in which each output is its place, and one. */
const ROW = Float64Array.from(OUTPUTS, (_, place) => place + 1);

function namesWhere(row: Float64Array, test: (value: number, place: number) => boolean): string[] {
  return OUTPUTS.filter((_, place) => test(row[place]!, place)).map(({ name }) => name);
}

describe('the catalogue', () => {
  it('has parts that are like their whole', () => {
    for (const { unit, combine, partOf } of OUTPUTS) {
      if (partOf !== undefined) expect(definitionOf(partOf)).toMatchObject({ unit, combine, partOf: undefined });
    }
    expect(partsOf('timeUs')).toContain('optimizerUs');
    expect(partsOf('mfu')).toEqual([]);
  });

  it('names each quantity once', () => {
    expect(new Set(QUANTITIES.map(({ name }) => name)).size).toBe(QUANTITIES.length);
    expect(new Set(QUANTITIES.map(({ output }) => output)).size).toBe(QUANTITIES.length);
  });
});

describe('parts', () => {
  const sums = ['timeUs', ...partsOf('timeUs'), 'busyUs', 'stepTokens'];
  const fullest = ['memoryMB', ...partsOf('memoryMB')];
  const memory = [...fullest, 'reservedMB', 'checkpointMB'];

  it('that are sums add up with a weight', () => {
    const parts = ROW.slice();
    const row = ROW.slice();
    addTimes(row, 0, parts, 2);
    expect(namesWhere(row, (value, place) => value === 3 * (place + 1))).toEqual(sums);
    clearTimes(parts);
    expect(namesWhere(parts, (value) => value === 0)).toEqual(sums);
  });

  it('that are memory are those of the fuller one, all together', () => {
    const row = new Float64Array(OUTPUT_COUNT);
    keepFuller(row, 0, ROW);
    expect(namesWhere(row, (value) => value !== 0)).toEqual(memory);
    keepFuller(
      row,
      0,
      ROW.map((value) => value / 2),
    );
    expect(namesWhere(row, (value, place) => value === place + 1)).toEqual(memory);
    expect(sumMemoryMB(new Float64Array(OUTPUT_COUNT).fill(1))).toBe(fullest.length - 1);
  });

  it('that are memory sum up where another stage is as full to rounding', () => {
    const first = ROW.slice();
    first[OUTPUT.memoryMB] = sumMemoryMB(first);
    const [weights, cache] = [OUTPUT.weightsMB, OUTPUT.kvCacheMB];
    const second = first.slice();
    second[weights]! -= first[weights]! / 2;
    second[cache]! += first[weights]! / 2 + first[OUTPUT.memoryMB]! * 5e-6;
    second[OUTPUT.memoryMB] = sumMemoryMB(second);
    const row = first.slice();
    keepFuller(row, 0, second);
    expect(row[OUTPUT.memoryMB]).toBe(second[OUTPUT.memoryMB]);
    expect(sumMemoryMB(row) / row[OUTPUT.memoryMB]!).toBeCloseTo(1, 12);
    expect(row[weights]! / first[weights]!).toBeCloseTo(1, 4);
  });

  it('that no graph has are left alone', () => {
    const row = ROW.slice();
    clearGraphs(row, 0);
    expect(namesWhere(row, (value) => value !== 0)).toEqual(
      OUTPUTS.filter(({ combine }) => combine === 'once' || combine === 'derived').map(({ name }) => name),
    );
  });

  it('of the only graph are those that clearing and adding it leaves', () => {
    const [set, added] = [ROW.slice(), ROW.slice()];
    const parts = ROW.map((value) => 2 * value);
    setGraph(set, 0, parts, 3);
    clearGraphs(added, 0);
    addTimes(added, 0, parts, 3);
    keepFuller(added, 0, parts);
    const isRate = (place: number): boolean => OUTPUTS[place]?.combine === 'rate';
    expect(set.filter((_, place) => !isRate(place))).toEqual(added.filter((_, place) => !isRate(place)));
  });

  it('are the same in WGSL', () => {
    const added = [...combineProgram().matchAll(/outputs\[OUTPUT_(\w+)\] \+= weight/g)].map(([, name]) => name);
    const kept = new Set([...combineProgram().matchAll(/outputs\[OUTPUT_(\w+)\] = parts/g)].map(([, name]) => name));
    expect(added).toEqual(sums.map(constantName));
    expect([...kept]).toEqual(fullest.map(constantName));
  });
});
