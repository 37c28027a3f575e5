import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compilePsa } from '../../psa/compile.js';
import { loadPsa } from '../../psa/load.js';
import { Checkpoints } from './checkpoints.js';
import { toCsv } from './csv.js';
import { fingerprint } from './fingerprint.js';
import { type Manifest, RUN_FORMAT } from './manifest.js';
import { RunFolder } from './runFolder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosmic-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = { file: 'a.yaml', text: 'a: 1\n' };

const search = {
  kind: 'search',
  agent: 'ga',
  evaluations: 10,
  population: 5,
  seed: 0,
  objective: 'time',
  top: 3,
} as const;

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
  settings: search,
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

  it('refuses a checkpoint that is of another run, or is not as it was written', () => {
    const file = join(folder, 'checkpoint.json');
    const refused = (code: string) =>
      expect(() => RunFolder.open(folder).readCheckpoint()).toThrow(expect.objectContaining({ code, file }));
    const run = RunFolder.create(folder, manifest);
    run.saveCheckpoint({ at: 3 });
    const text = readFileSync(file, 'utf8');
    for (const changed of [
      text.replace('3}}', '4}}'),
      text.slice(0, -5),
      text.replace('{', '{"more":1,'),
      '{"at":3}',
      '',
    ]) {
      writeFileSync(file, changed);
      refused('FILE_UNREADABLE');
    }
    writeFileSync(file, text);
    const others: Manifest[] = [
      { ...manifest, settings: { ...search, seed: 1 } },
      { ...manifest, settings: { ...search, objective: 'cost' } },
      { ...manifest, backend: { name: 'webgpu', description: 'GPU' } },
      { ...manifest, space: { ...manifest.space, fingerprint: 'g' } },
    ];
    for (const other of others) {
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(other));
      refused('RUN_MISMATCH');
    }
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, cosmic: '0.2.0' }));
    expect(RunFolder.open(folder).readCheckpoint()).toEqual({ at: 3 });
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

const sweepOf = (changed: object) => ({
  ...{
    kind: 'sweep',
    source: { kind: 'ordinals' },
    start: '0',
    count: '1',
    objectives: ['time'],
    top: 1,
    pareto: false,
  },
  ...changed,
});
const searchOf = (changed: object) => ({ ...search, ...changed });

describe('a manifest', () => {
  it.each([
    ...[0, -1, 1e9, 1.5, null, '1'].map((islands) => searchOf({ islands })),
    ...[1, 2 ** 21].map((population) => searchOf({ population })),
    ...[0, -5, 1e300, 2.5].map((evaluations) => searchOf({ evaluations })),
    ...[-1, 2 ** 32, 0.5].map((seed) => searchOf({ seed })),
    ...[0, 10_001].map((top) => searchOf({ top })),
    searchOf({ migration: -1 }),
    searchOf({ patience: 0 }),
    searchOf({ agent: 'toString' }),
    searchOf({ objective: 'speed' }),
    searchOf({ moreObjectives: ['cost'] }),
    searchOf({ constraints: ['memory < 3'] }),
    searchOf({ constraints: new Array(33).fill('memory <= 3') }),
    searchOf({ parameters: { toString: 1 } }),
    searchOf({ parameters: { elite: 2 } }),
    { kind: 'searches', searches: [search] },
    { kind: 'searches', searches: [search, searchOf({ seed: 1, objective: 'cost' })] },
    { kind: 'searches', searches: [search, searchOf({ seed: -1 })] },
    sweepOf({ objectives: [] }),
    sweepOf({ objectives: ['speed'] }),
    sweepOf({ pareto: true }),
    sweepOf({ count: '0' }),
    sweepOf({ count: '2' }),
    sweepOf({ start: '1' }),
    sweepOf({ count: '-1' }),
    sweepOf({ source: { kind: 'samples', seed: 2 ** 32 } }),
  ])('with the settings %j is refused', (settings) => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, settings }));
    expect(() => RunFolder.open(folder)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });

  it.each([
    sweepOf({}),
    sweepOf({ source: { kind: 'samples', seed: 1 }, count: '5' }),
    searchOf({ islands: 1 }),
  ])('with the settings %j is read', (settings) => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, settings }));
    expect(RunFolder.open(folder).manifest.settings).toEqual(settings);
  });
});

describe('Checkpoints', () => {
  it('are saved while the clock is put back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const run = RunFolder.create(folder, manifest);
    const checkpoints = new Checkpoints(run, undefined, { provenance: 'CPU (f64)' });
    vi.setSystemTime(Date.now() - 3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await checkpoints.offer(() => 'saved');
    vi.useRealTimers();
    expect(run.readCheckpoint()).toBe('saved');
  });

  it('are not saved before the manifest names who evaluated what is in them', () => {
    const backend = { name: 'webgpu', description: 'WebGPU (f32)' } as const;
    const run = RunFolder.create(folder, { ...manifest, backend });
    const evaluator = { provenance: 'WebGPU (f32)' };
    const described = (provenance: string) => {
      evaluator.provenance = provenance;
      new Checkpoints(run, undefined, evaluator).save('saved');
      return RunFolder.open(folder).manifest.backend.description;
    };
    const [a, b] = ['WebGPU on A (f32)', 'WebGPU on B (f32)'];
    expect(described('WebGPU (f32)')).toBe('WebGPU (f32)');
    expect(described(b)).toBe(b);
    expect(described('WebGPU (f32)')).toBe(b);
    expect(described(a)).toBe(`${a} + ${b}`);
    expect(described(b)).toBe(`${a} + ${b}`);
    expect(run.manifest).toEqual(RunFolder.open(folder).manifest);
    // The checkpoint is still of the run.
    expect(run.readCheckpoint()).toBe('saved');
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
