import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, expect, it } from 'vitest';
import { createEvaluator } from '../backends/createEvaluator.js';
import { advanceRun } from '../runs/advanceRun.js';
import { openSpace } from '../runs/openSpace.js';
import { createRun } from '../runs/run.js';
import { sweepSettings } from '../runs/settings.js';
import { allDesigns } from './allDesigns.js';

const folder = mkdtempSync(join(tmpdir(), 'cosmic-all-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('has every design of a sweep with its statuses, as the sweep counted them', { timeout: 60_000 }, async () => {
  const open = openSpace('cosmic-workload');
  const evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
  const result = await advanceRun(createRun(join(folder, 'run'), open, sweepSettings(open), evaluator), evaluator);
  await evaluator.close();
  const bytes = allDesigns(result);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  expect(rows.map(({ design }) => design)).toEqual(Array.from({ length: 572 }, (_, i) => `d${i}`));
  expect(BigInt(rows.filter(({ feasible }) => feasible === 1n).length)).toBe(result.feasible);
  expect(BigInt(rows.filter(({ statuses }) => String(statuses).includes('MEMORY')).length)).toBe(result.byReason[0]);
  const best = rows.find(({ design }) => design === `d${result.winners[0]!.ordinal}`)!;
  expect(best.objective_time_s).toBe(result.winners[0]!.objectives[0]);
  expect(best.workload_dp_npus).toBe(512n);
});
