import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CompiledSpace, compilePsa, loadPsa } from '../../psa/index.js';
import { designOf, digitsToDesign } from '../../psa/ordinals.js';
import { findParameter, type ParameterName } from '../../psa/parameters.js';
import { numberOf } from '../../psa/specs.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { legalJobs } from './combinations.js';
import type { Facts } from './facts.js';
import { factsOfDesign } from './legality.js';
import type { Switch, SwitchValue } from './switches.js';

const folder = temporaryFolder('combinations');
const REPLICAS = [32, 64, 128, 256, 512, 1024];
const SPACE = `version: 1
name: own
system: dgx-h100
model: llama3-8b
workload:
  tp: { values: [1, 2, 4, 8] }
  pp: { values: [1, 2] }
  sp: { values: [1, 2] }
  dp: { values: [${REPLICAS.join(', ')}] }
  recomputation: { values: [none, full] }
  microBatch: { values: [1, 2] }
`;

function openSpace(): CompiledSpace {
  const file = join(folder, 'own.yaml');
  writeFileSync(file, SPACE);
  return compilePsa(loadPsa(file));
}

const space = openSpace();
const of = (name: ParameterName, ...values: readonly (number | string)[]): Switch => ({
  name,
  values: values.map((value) => ({ [name]: value })),
});
const SWITCHES = [
  of('workload.tp', 2, 4, 8, 16),
  of('workload.pp', 2),
  of('workload.sp', 2),
  of('workload.recomputation', 'full'),
  of('workload.microBatch', 2),
];

/** What depends on several switches, on one only where another is as it is, and on none. */
function isLegal({ number, text }: Facts): boolean {
  if (number('workload.pp') === 2) return text('workload.recomputation') === 'full';
  return number('workload.tp') * number('workload.microBatch') !== 8;
}

/** The number of a design's parameter. */
const valueIn = (design: Float64Array, name: ParameterName): number => design[findParameter(name)!.slot]!;

function expected(own: Float64Array, changes: readonly SwitchValue[]): Map<ParameterName, number> {
  const names: ParameterName[] = [
    'workload.tp',
    'workload.pp',
    'workload.sp',
    'workload.recomputation',
    'workload.microBatch',
  ];
  const changed: SwitchValue = Object.assign({}, ...changes);
  return new Map(
    names.map((name) => [
      name,
      changed[name] === undefined ? valueIn(own, name) : numberOf(findParameter(name)!, changed[name]),
    ]),
  );
}

describe('legalJobs', () => {
  it('has the combinations of so many switches that are legal and in the space, with the digits of their designs', () => {
    const own = designOf(space, 0n);
    const facts = factsOfDesign(space, own);
    const jobs = legalJobs(space, { facts, isLegal }, SWITCHES);
    const counts = [0, 0, 0];
    for (const count of [1, 2, 3]) {
      for (const { changed, switches, digits } of jobs(count)) {
        counts[count - 1]!++;
        const design = digitsToDesign(space, digits);
        expect(switches).toEqual(Object.keys(changed));
        const values = expected(own, [changed]);
        for (const [name, value] of values) expect(valueIn(design, name)).toBe(value);
        expect(isLegal(factsOfDesign(space, design))).toBe(true);
        const degrees = ['workload.tp', 'workload.pp', 'workload.sp', 'workload.dp'] as const;
        expect(degrees.reduce((product, name) => product * valueIn(design, name), 1)).toBe(space.npus);
      }
    }
    expect(counts).toEqual(bruteForce(own));
  });
});

/** How many of one, two and three switches there are, each job looked at by itself. */
function bruteForce(own: Float64Array): number[] {
  const counts = [0, 0, 0];
  const look = (from: number, changes: readonly SwitchValue[]): void => {
    const values = expected(own, changes);
    const number = (name: ParameterName): number => values.get(name)!;
    const text = (name: ParameterName): string =>
      values.get(name) === numberOf(findParameter(name)!, 'full') ? 'full' : '';
    const degrees = number('workload.tp') * number('workload.pp') * number('workload.sp');
    const known = number('workload.tp') <= 8 && REPLICAS.includes(space.npus / degrees);
    if (changes.length > 0 && known && isLegal({ number, text } as unknown as Facts)) counts[changes.length - 1]!++;
    if (changes.length === 3) return;
    for (const [place, { values: some }] of SWITCHES.entries())
      if (place >= from) for (const change of some) look(place + 1, [...changes, change]);
  };
  look(0, []);
  return counts;
}
