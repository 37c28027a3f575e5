import { describe, expect, it } from 'vitest';
import { listPresets, loadModel } from '../../psa/index.js';
import { lower } from './lowering.js';
import { FLAG, RATE, SCALE, type Term } from './operation.js';
import { segmentsOf } from './segments.js';
import { StepTables, TERM, TERM_COUNT } from './stepTable.js';
import { SECTIONS } from './transformer.js';

const conditions = { flags: 0, several: 31, overlaps: true };
const phases = listPresets('models').flatMap((model) => loadModel(model).phases);

describe.each(phases.map((phase) => [`${phase.model} ${phase.phase}`, phase] as const))('%s', (_, phase) => {
  const lowering = lower(phase);
  const { rowWork, workRate, workResult, workTerms } = new StepTables(lowering).under(conditions);
  const textOf = (rate: number, result: number, terms: readonly (readonly [number, number])[]): string =>
    [rate, result, ...terms.flat()].join();
  const works = Array.from(workRate, (rate, work) => {
    const places = Array.from({ length: TERM_COUNT }, (_, term) => work * TERM_COUNT + term);
    return textOf(
      rate,
      workResult[work]!,
      places.map((at) => [workTerms.size[at]!, workTerms.scale[at]!] as const),
    );
  });

  it('has for each row that runs a work of its rate and terms', () => {
    const rows = SECTIONS.flatMap((section) => segmentsOf(lowering.steps[section], conditions)).flatMap(
      (segment) => segment.rows,
    );
    const termOf = ([size, scale]: Term) => [size * 1e-6, SCALE[scale]] as const;
    const own = rows.map(({ rate, result, flops, input, output, weight, quantized }) =>
      textOf(RATE[rate], TERM[result], [flops, input, output, weight, quantized].map(termOf)),
    );
    expect(Array.from(rowWork, (work) => works[work])).toEqual(own);
  });

  it('has each work once', () => {
    expect(new Set(works).size).toBe(works.length);
    expect(works.length).toBeLessThan(rowWork.length);
  });
});

it('knows flags as different bits, of which none is a sign', () => {
  const bits = Object.values(FLAG);
  expect(bits.reduce((all, bit) => all | bit, 0)).toBe(bits.reduce((sum, bit) => sum + bit, 0));
});

it('has a table of its own for each flag, the highest bits too', () => {
  const tables = new StepTables(lower(loadModel('mixtral-8x7b').phases[0]!));
  const sets = [0, ...Object.values(FLAG)].flatMap((flags) =>
    [0, 255].flatMap((several) => [false, true].map((overlaps) => ({ flags, several, overlaps }))),
  );
  expect(new Set(sets.map((one) => tables.under(one))).size).toBe(sets.length);
});
