/**
 * Configurations of public runs and issues, their facts in the formats' own words, with what became of them: test/data/configurations.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../host/configurations/checkConfiguration.js';
import { openConfiguration } from '../host/configurations/frameworks.js';
import { readConfiguration } from '../host/configurations/readConfiguration.js';
import { OUTPUT } from '../kernels/outputs.js';
import { packageRoot } from '../psa/packageRoot.js';

interface Case {
  readonly file: string;
  readonly system: string;
  readonly npus?: number;
  readonly model?: string;
  readonly outcome: 'ran' | 'illegal' | 'out of memory';
  /** Of an illegal one the rule that is broken. */
  readonly rule?: string;
  /** Published time of a step. */
  readonly seconds?: number | null;
  /** Published memory that was reserved at most. */
  readonly reservedGiB?: number;
  /** Published memory of weights, gradients and optimiser. */
  readonly stateGB?: number;
  readonly source: string;
}

const folder = join(packageRoot, 'test', 'data', 'configurations');
const cases = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Case[];

function checked({ file, system, npus, model }: Case) {
  const opened = openConfiguration(join(folder, file));
  const beside = model?.endsWith('.yaml') === true ? join(folder, model) : model;
  return checkConfiguration(readConfiguration(opened.framework, opened.file, { system, npus, model: beside }));
}

it('there are at least forty, of every format, each with its source', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  expect(cases.filter(({ source }) => source.length < 20)).toEqual([]);
  const listed = new Set(cases.flatMap(({ file, model }) => [file, model]));
  expect(readdirSync(folder).filter((file) => file !== 'index.json' && !listed.has(file))).toEqual([]);
  for (const ending of ['.sh', '.args', '.toml', '.json', '.yaml']) {
    expect(cases.some(({ file }) => file.endsWith(ending))).toBe(true);
  }
});

describe.each(cases.filter(({ outcome }) => outcome === 'illegal'))('$file', (one) => {
  it(`is illegal by the rule of ${one.rule}`, () => {
    expect(checked(one).violations.map(({ rule }) => rule)).toContain(one.rule);
  });
});

describe.each(cases.filter(({ outcome }) => outcome === 'ran'))('$file', (one) => {
  it('ran, and is legal and fits', () => {
    const { configuration, violations, step } = checked(one);
    expect(violations).toEqual([]);
    expect(configuration.notUnderstood).toEqual([]);
    expect(step!.memory.verdict).not.toBe('does not fit');
  });
});

describe.each(cases.filter(({ outcome }) => outcome === 'out of memory'))('$file', (one) => {
  it('ran out of memory, and does not fit', () => {
    const { violations, step } = checked(one);
    expect(violations).toEqual([]);
    expect(step!.memory.verdict).toBe('does not fit');
  });
});

it('memory that torchtitan reserved is within 6 %', () => {
  const published = cases.filter(({ reservedGiB }) => reservedGiB !== undefined);
  expect(published.length).toBeGreaterThan(3);
  for (const one of published) {
    const reservedGiB = (checked(one).step!.evaluated.outputs[OUTPUT.reservedMB]! * 1e6) / 2 ** 30;
    expect(Math.abs(reservedGiB / one.reservedGiB! - 1), one.file).toBeLessThan(0.06);
  }
});

it('states of weights, gradients and optimiser are those of the ZeRO paper', () => {
  for (const one of cases.filter(({ stateGB }) => stateGB !== undefined)) {
    const { outputs } = checked(one).step!.evaluated;
    const stateGB = (outputs[OUTPUT.weightsMB]! + outputs[OUTPUT.gradientsMB]! + outputs[OUTPUT.optimizerMB]!) / 1000;
    // The paper keeps gradients in half precision, sums of several micro-batches here are in single precision: 2 bytes more of each
    // gradient that is kept. With its third stage the weights of a layer are there as they are used. Nor does it count the buffer of 1 GB.
    const stage = /stage-(\d)/.exec(one.file)![1];
    const extraGB = 1 + (stage === '3' ? 2 : (2 * 7.5) / (stage === '2' ? 64 : 1));
    expect(stateGB).toBeGreaterThan(0.9 * one.stateGB!);
    expect(stateGB).toBeLessThan(1.1 * one.stateGB! + extraGB);
  }
});

it('half of the times are within 20 % of what was published', () => {
  const errors = cases
    .filter(({ seconds }) => typeof seconds === 'number')
    .map((one) => Math.abs((checked(one).step!.evaluated.outputs[OUTPUT.timeUs]! * 1e-6) / one.seconds! - 1))
    .sort((a, b) => a - b);
  expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.2);
});
