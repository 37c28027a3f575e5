import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../psa/packageRoot.js';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { readCollectiveRuns, readWorkloadRuns } from '../astraRuns/runFiles.js';
import { NO_OUTCOME, summarize } from './cases.js';
import { validateCollectives } from './collectives.js';
import { validateWorkloads } from './workloads.js';

const folder = temporaryFolder('astra');

type Json = Record<string, unknown>;

function firstRun(name: string): Json {
  const text = readFileSync(join(packageRoot, 'test/data/astra-sim', name), 'utf8');
  return (JSON.parse(text) as Json[])[0]!;
}

function write(...runs: Json[]): string {
  const path = join(folder, 'runs.json');
  writeFileSync(path, JSON.stringify(runs, null, 2));
  return path;
}

describe('a bad file is one error with its place', () => {
  const collective = firstRun('collectives.json');
  const workload = firstRun('workloads.json');
  const network = collective.network as Json;
  const degrees = workload.workload as Json;

  test.each<[string, Json, string]>([
    ['an unknown topology', { network: { ...network, topology: ['Torus'] } }, 'SCHEMA'],
    ['lists of different lengths', { network: { ...network, latency_ns: [1, 2] } }, 'VALUE_OUT_OF_RANGE'],
    ['NPUs that do not multiply', { total_npus: 3 }, 'VALUE_OUT_OF_RANGE'],
    ['a stranger in a group', { groups: { 1: [0, 2] } }, 'VALUE_OUT_OF_RANGE'],
    ['no bytes', { comm_size_bytes: 0 }, 'VALUE_OUT_OF_RANGE'],
  ])('collectives: %s', (_, change, code) => {
    const path = write(collective, { ...collective, ...change });
    expect(() => readCollectiveRuns(path)).toThrow(
      expect.objectContaining({ code, file: path, line: expect.any(Number), remedy: expect.any(String) }),
    );
  });

  test.each<[string, Json, string]>([
    ['degrees that do not multiply to the NPUs', { dp: 3 }, 'VALUE_OUT_OF_RANGE'],
    ['a micro-batch that does not divide the batch', { micro_batch: 7 }, 'VALUE_OUT_OF_RANGE'],
    ['no layers', { num_stacks: 0 }, 'VALUE_OUT_OF_RANGE'],
  ])('workloads: %s', (_, change, code) => {
    const path = write({ ...workload, workload: { ...degrees, ...change } });
    expect(() => readWorkloadRuns(path)).toThrow(expect.objectContaining({ code, file: path }));
  });

  test('which is not there, or no list', () => {
    expect(() => readWorkloadRuns('nowhere.json')).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
    writeFileSync(join(folder, 'object.json'), '{}');
    expect(() => readWorkloadRuns(join(folder, 'object.json'))).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
  });
});

describe('runs without an outcome', () => {
  test('an all-to-all by halving-doubling has none, and agrees with a null in the file', () => {
    const run = firstRun('collectives.json');
    const impl = { ...(run.impl as Json), 'all-to-all': ['halvingDoubling'] };
    const exchange = { ...run, collective: 'all_to_all', impl };
    const agreed = validateCollectives(write({ ...exchange, time_ns: null }));
    expect(agreed).toMatchObject({ cases: 1, exact: 1, maxRelError: 0, failures: [] });
    const { failures, maxRelError } = validateCollectives(write(exchange));
    expect(failures).toEqual([{ id: run.id, expected: run.time_ns, got: NO_OUTCOME, relError: 1 }]);
    expect(maxRelError).toBe(1);
  });

  test('more stages than layers are asserted away', () => {
    const run = firstRun('workloads.json');
    const workload = { ...(run.workload as Json), dp: 1, tp: 2, pp: 8, num_stacks: 4 };
    const { per_npu: _, stg_vram_by_stage: __, ...rest } = run;
    expect(validateWorkloads(write({ ...rest, workload, time_ns: null }))).toMatchObject({ cases: 1, exact: 1 });
  });
});

test('summaries count per group, and list what is not exact from the worst on', () => {
  const cases = [
    { id: 'a', group: 'one', expected: 100, got: 100 },
    { id: 'b', group: 'two', expected: 100, got: 101 },
    { id: 'c', group: 'two', expected: 100, got: 90 },
  ];
  const { groups, failures, ...total } = summarize(cases);
  expect(total).toMatchObject({ cases: 3, exact: 1, maxRelError: 0.1, medianRelError: 0.01 });
  expect(failures.map(({ id }) => id)).toEqual(['c', 'b']);
  expect(groups).toMatchObject([
    { group: 'one', cases: 1, exact: 1, maxRelError: 0 },
    { group: 'two', cases: 2, exact: 0, maxRelError: 0.1 },
  ]);
});
