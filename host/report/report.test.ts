import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporaryFolder.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import { advanceRun } from '../runs/advanceRun.js';
import { openSpace } from '../runs/openSpace.js';
import { createRun } from '../runs/run.js';
import { proofSettings, sweepSettings } from '../runs/settings.js';
import { reportPage } from './report.js';

describe('the page of a run', () => {
  const folder = temporaryFolder('page');
  let page = '';

  beforeAll(async () => {
    const open = openSpace('cosmic-workload');
    const evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
    const run = createRun(join(folder, 'run'), open, sweepSettings(open, { count: 60n }), evaluator);
    page = reportPage(await advanceRun(run, evaluator));
    await evaluator.close();
  });
  it('has contents that lead to every section', () => {
    const links = [...page.matchAll(/<a href="#(\w+)">([^<]+)/g)].map(([, id, title]) => `${id} ${title}`);
    const sections = [...page.matchAll(/<section id="(\w+)"><h2>([^<]+)/g)].map(([, id, title]) => `${id} ${title}`);
    expect(links.length).toBeGreaterThan(1);
    expect(links).toEqual(sections);
    expect(page.match(/<section/g)).toHaveLength(sections.length);
  });

  it('says the step time once in its tiles where that is the objective', () => {
    const tiles = /<dl class="tiles">(.*?)<\/dl>/s.exec(page)![1]!;
    expect(tiles).toContain('time (s), the best');
    expect(tiles).not.toContain('<dt>step time');
  });

  it('names what was asked for by its kind, and nothing without a value', () => {
    const asked = /<dl class="settings">(.*?)<\/dl>/s.exec(page)![1]!;
    expect(asked).toContain('<dt>source</dt><dd>ordinals</dd>');
    expect(asked).not.toContain('<dd></dd>');
  });

  it('draws the capacity beside the memory', () => {
    const charts = JSON.parse(/<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)![1]!);
    const { series, xAxis } = charts.find(({ id }: { id: string }) => id === 'memory').option;
    expect(series[0].markLine.data).toEqual([{ xAxis: 24 }]);
    expect(xAxis.max).toBeGreaterThan(24);
  });
});

const proofs = temporaryFolder('proof');

it('the page of a proof says what was to be proved', async () => {
  const open = openSpace('cosmic-workload', { set: ['workload.dp=16', 'workload.pp=4'] });
  const evaluator = await createEvaluator(open.space, { backend: 'cpu', threads: 1 });
  const settings = proofSettings(open, { objective: 'time', gap: 0.1 });
  const run = createRun(join(proofs, 'run'), open, settings, evaluator);
  const page = reportPage(await advanceRun(run, evaluator));
  await evaluator.close();
  const asked = /<dl class="settings">(.*?)<\/dl>/s.exec(page)![1]!;
  expect(asked).toContain('<dt>objective</dt><dd>time</dd>');
  expect(asked).toContain('<dt>gap</dt><dd>0.1</dd>');
});
