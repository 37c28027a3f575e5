import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SweepPart } from '../../kernels/reduce/reduce.js';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { writeAtomically } from '../disk/files.js';
import { toCsv } from './csv.js';
import { fingerprint, type Manifest, RUN_FORMAT } from './manifest.js';
import { RunFolder } from './runFolder.js';
import { searchFromPlain, searchToPlain } from './searchCheckpoint.js';
import { partFromPlain, partToPlain } from './sweepCheckpoint.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = { file: 'a.yaml', text: 'a: 1\n' };

const manifest: Manifest = {
  format: RUN_FORMAT,
  cosmic: '0.1.0',
  created: '2026-01-02T03:04:05.678Z',
  command: 'search',
  space: {
    psa: 'cosmic-full',
    set: ['model.layers=4'],
    name: 'cosmic-full',
    count: '1',
    sources: { psa: source, system: source, model: [source] },
    fingerprint: 'f',
  },
  backend: { name: 'cpu', description: 'CPU' },
  settings: { kind: 'search', agent: 'ga', evaluations: 10, population: 5, seed: 0, objective: 'time', top: 3 },
};

describe('RunFolder', () => {
  it('gives back what was written', () => {
    const run = RunFolder.create(join(folder, 'deep', 'run'), manifest);
    expect(run.readCheckpoint()).toBeUndefined();
    run.saveCheckpoint({ at: 3 });
    const opened = RunFolder.open(run.path);
    expect(opened.manifest).toEqual(manifest);
    expect(opened.readCheckpoint()).toEqual({ at: 3 });
  });

  it('does not write over a run', () => {
    RunFolder.create(folder, manifest);
    expect(() => RunFolder.create(folder, manifest)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  });

  it.each([
    ['no folder', undefined, 'FILE_NOT_FOUND'],
    ['a broken file', '{', 'FILE_UNREADABLE'],
    ['another format', JSON.stringify({ ...manifest, format: RUN_FORMAT + 1 }), 'RUN_MISMATCH'],
    ['a field that lacks', JSON.stringify({ ...manifest, settings: {} }), 'FILE_UNREADABLE'],
    ['null', 'null', 'RUN_MISMATCH'],
  ])('refuses %s', (_, text, code) => {
    if (text !== undefined) writeFileSync(join(folder, 'manifest.json'), text);
    expect(() => RunFolder.open(folder)).toThrow(expect.objectContaining({ code }));
  });
});

describe('writeAtomically', () => {
  it('leaves the old file whole, and nothing else behind, where writing fails', () => {
    // The name is as long as names may be, so the temporary file beside it cannot be made.
    const path = join(folder, 'x'.repeat(255));
    writeFileSync(path, 'old');
    expect(() => writeAtomically(path, 'new')).toThrow(expect.objectContaining({ code: 'DISK_WRITE', file: path }));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

const big = fc.bigInt({ min: 0n, max: 2n ** 80n });
const candidate = fc.record({
  position: big,
  ordinal: big,
  objectives: fc.array(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0),
    { minLength: 1 },
  ),
});
const part: fc.Arbitrary<SweepPart> = fc.record({
  start: big,
  evaluated: big,
  feasible: big,
  byReason: fc.array(big),
  byLimit: fc.array(big),
  histogram: fc.array(big),
  top: fc.array(candidate),
  pareto: fc.array(candidate),
});

describe('checkpoints', () => {
  it('keep every part of a sweep through JSON', () => {
    fc.assert(
      fc.property(part, (finished) => {
        expect(partFromPlain(JSON.parse(JSON.stringify(partToPlain(finished))), 'run')).toEqual(finished);
      }),
    );
  });

  it('keep a search through JSON', () => {
    const state = {
      evaluations: 10,
      feasible: 4,
      byReason: [6, 0],
      byLimit: [2],
      front: [{ objectives: [0.1 + 0.2, 3], ordinal: '18977587199999' }],
      best: [{ objective: 0.1 + 0.2, ordinals: ['18977587199999'] }],
      history: [[2, 5.5] as const],
      agent: { drawn: 7 },
    };
    expect(searchFromPlain(JSON.parse(JSON.stringify(searchToPlain(state))), 'run')).toEqual(state);
  });

  it('refuse what is none', () => {
    expect(() => partFromPlain({ start: 3 }, 'run')).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(() => searchFromPlain([], 'run')).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });
});

describe('fingerprint', () => {
  const of = (...set: string[]) => fingerprint(compilePsa(loadPsa('cosmic-workload', { set })));

  it('changes with all that an ordinal or its score depends on', () => {
    const prints = [
      of(),
      of('model.layers=4'),
      of('workload.pp=1,2'),
      of('network.latencyNs[0]=21'),
      of('compute.peakTflops=11'),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(of()).toBe(prints[0]);
  });
});

it('quotes CSV cells where they need it', () => {
  expect(
    toCsv(
      ['a', 'b (GB/s)'],
      [
        ['x,y', 1.5],
        ['say "no"', 2n],
      ],
    ),
  ).toBe('a,b (GB/s)\n"x,y",1.5\n"say ""no""",2\n');
});
