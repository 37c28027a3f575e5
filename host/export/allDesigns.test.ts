import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { advanceRun } from '../runs/advanceRun.js';
import { openSpace } from '../runs/openSpace.js';
import { createRun } from '../runs/run.js';
import type { RunResult } from '../runs/runResult.js';
import { searchSettings, sweepSettings } from '../runs/settings.js';
import { allDesigns } from './allDesigns.js';

const folder = temporaryFolder('all');

async function rowsOf(result: RunResult): Promise<Record<string, unknown>[]> {
  const { parquet: bytes, designs } = await allDesigns(result);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  expect(rows.length).toBe(designs);
  return rows;
}

it('has every design of a sweep with its statuses, as the sweep counted them', async () => {
  const open = openSpace('cosmic-workload');
  const evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
  const result = await advanceRun(createRun(join(folder, 'run'), open, sweepSettings(open), evaluator), evaluator);
  await evaluator.close();
  const rows = await rowsOf(result);
  expect(rows.map(({ design }) => design)).toEqual(Array.from({ length: 572 }, (_, i) => `d${i}`));
  expect(BigInt(rows.filter(({ feasible }) => feasible === 1n).length)).toBe(result.feasible);
  expect(BigInt(rows.filter(({ statuses }) => String(statuses).includes('MEMORY')).length)).toBe(result.byReason[0]);
  const best = rows.find(({ design }) => design === `d${result.winners[0]!.ordinal}`)!;
  expect(best.objective_time_s).toBe(result.winners[0]!.objectives[0]);
  expect(best.workload_dp_npus).toBe(512n);
});

it('has every design of a search once, also where it was ended early', async () => {
  const open = openSpace('cosmic-full');
  const evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
  const enough = new AbortController();
  const asked = searchSettings(open, { agent: 'local', evaluations: 3000, seed: 3 });
  const run = createRun(join(folder, 'search'), open, asked, evaluator);
  const result = await advanceRun(run, evaluator, {
    signal: enough.signal,
    onProgress: ({ evaluated }) => {
      if (evaluated >= 1000) enough.abort();
    },
  });
  await evaluator.close();
  expect(result.finished).toBe(false);
  const rows = await rowsOf(result);
  const names = rows.map(({ design }) => design);
  expect(new Set(names).size).toBe(names.length);
  expect(rows.length).toBeGreaterThan(500);
  expect(rows.length).toBeLessThanOrEqual(Number(result.evaluated));
  const winner = result.winners[0]!;
  const row = rows.find(({ design }) => design === `d${winner.ordinal}`)!;
  expect(row).toMatchObject({ feasible: 1n, statuses: '', objective_time_s: winner.objectives[0] });
  // A search compares in single precision.
  const times = rows.filter(({ feasible }) => feasible === 1n).map(({ objective_time_s }) => Number(objective_time_s));
  expect(Math.min(...times) / winner.objectives[0]!).toBeCloseTo(1, 6);
});
