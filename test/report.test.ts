import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from './chromium.js';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const POLL = { timeout: 20_000 };
const CPU = ['--backend', 'cpu', '--threads', '1'];
const SEARCH_CHARTS = ['convergence', 'tradeoff', 'parallel', 'feasibility'];
const PROOF_CHARTS = ['proof-course', 'proof-excluded'];
const DESIGN_CHARTS = ['time', 'memory', 'step', 'layer', 'sensitivity', 'bandwidths'];

// A page of charts takes a second, and many on a busy machine.
const folder = temporaryFolder('report');
beforeAll(async () => {
  const search = ['search', 'cosmic-full', '--evaluations', '6000', '--objective', 'time*cost', ...CPU];
  await Promise.all([0, 1].map((seed) => cosmic(folder, ...search, '--seed', String(seed), '--out', `seed${seed}`)));
  await cosmic(
    folder,
    'sweep',
    'cosmic-workload',
    '--pareto',
    '--objective',
    'time',
    '--objective',
    'memory',
    ...CPU,
    '--out',
    'sweep',
  );
  for (const shard of [1, 2]) {
    await cosmic(folder, 'sweep', 'cosmic-workload', '--shard', `${shard}/2`, ...CPU, '--out', `half${shard}`);
  }
  const one = ['dp=16', 'tp=16', 'sp=1', 'pp=4', 'microBatch=1', 'weightSharding=zero3'].flatMap((value) => [
    '--set',
    `workload.${value}`,
  ]);
  await cosmic(folder, 'sweep', 'cosmic-workload', ...one, ...CPU, '--out', 'one');
  const astra = ['cosmic-workload', '--profile', 'astra-sim', '--model', 'gpt3-13b', '--sample', '200'];
  await cosmic(folder, 'sweep', ...astra, ...CPU, '--out', 'astra');
  await cosmic(
    folder,
    'search',
    'cosmic-full',
    '--set',
    'compute.memoryCapacityGB=0.1',
    '--evaluations',
    '100',
    ...CPU,
    '--out',
    'none',
  );
}, 600_000);

it('writes one file without links to anywhere else', async () => {
  const { code, stdout } = await cosmic(folder, 'report', 'seed0', 'seed1', '--json');
  expect(code).toBe(0);
  const { file, bytes } = JSON.parse(stdout) as { file: string; bytes: number };
  expect(statSync(join(folder, file)).size).toBe(bytes);
  const page = readFileSync(join(folder, file), 'utf8');
  expect(/(src|href)="(?!data:|#)/.test(page.slice(0, page.indexOf('<script>')))).toBe(false);
  expect(page.includes('Why the best design is good')).toBe(true);
});

it('refuses what is no run, and runs of different things', async () => {
  expect((await cosmic(folder, 'report', 'missing')).code).toBe(2);
  const { code, stderr } = await cosmic(folder, 'report', 'seed0', 'sweep');
  expect(code).toBe(2);
  expect(stderr).toContain('not about the same space');
});

describe.skipIf(!hasChromium)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** Opens the report of runs; what the page complains of or asks the network for is collected. */
  async function open(runs: readonly string[], colorScheme: 'light' | 'dark' = 'light') {
    const file = join(folder, `${runs.join('-')}.html`);
    expect((await cosmic(folder, 'report', ...runs, '--out', file)).code).toBe(0);
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-drawn]');
    return { page, complaints };
  }

  const drawnCharts = (page: Page) =>
    page.locator('.chart:has(svg path)').evaluateAll((charts) => charts.map(({ id }) => id as string));

  /** Where a chart draws a value of its axes, on the screen. */
  async function placeOf(page: Page, id: string, value: readonly [number, number]) {
    const chart = page.locator(`#${id}`);
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    const [x, y] = await chart.evaluate((element, point) => {
      const { echarts } = globalThis as unknown as {
        echarts: { getInstanceByDom(of: unknown): { convertToPixel(finder: object, at: unknown): [number, number] } };
      };
      return echarts.getInstanceByDom(element).convertToPixel({ gridIndex: 0 }, point);
    }, value);
    return { x: box!.x + x, y: box!.y + y };
  }

  it('draws every chart, with a clean console and without the network', async () => {
    const { page, complaints } = await open(['seed0', 'seed1']);
    expect((await drawnCharts(page)).sort()).toEqual([...SEARCH_CHARTS, ...DESIGN_CHARTS].sort());
    expect(await page.locator('#convergence svg').textContent()).toContain('ga, seed 1');
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(1200);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('saves a chart as SVG, PNG and CSV, from the keyboard too', async () => {
    const { page, complaints } = await open(['seed0']);
    const saved = async (kind: string) => {
      const button = page.locator(`figure:has(#memory) button[data-save=${kind}]`);
      await button.focus();
      const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      expect(file.suggestedFilename()).toBe(`memory.${kind}`);
      return readFileSync(await file.path());
    };
    expect((await saved('svg')).toString()).toMatch(/^<svg.*weights.*<\/svg>/s);
    expect((await saved('png')).subarray(1, 4).toString()).toBe('PNG');
    const rows = (await saved('csv')).toString().trim().split('\n');
    expect(rows).toContainEqual(expect.stringMatching(/^"weights","best 1",[\d.]+$/));
    expect(await page.locator('.chart:not([tabindex="0"])').count()).toBe(0);
    expect(complaints.filter((one) => !one.startsWith('blob:'))).toEqual([]);
    await page.close();
  });

  it('tells of a design that is hovered', async () => {
    const { page } = await open(['seed0']);
    const { x, y } = await placeOf(page, 'sensitivity', [1, 0]);
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator('#sensitivity').textContent(), POLL).toContain('the best design');
    await page.close();
  });

  it('tells of a design of the front that is hovered', async () => {
    const { page } = await open(['sweep']);
    const value = await page.locator('#tradeoff').evaluate((element) => {
      interface Drawn {
        getOption(): { series: { name: string; data: { value: [number, number] }[] }[] };
      }
      const { echarts } = globalThis as unknown as { echarts: { getInstanceByDom(of: unknown): Drawn } };
      const { series } = echarts.getInstanceByDom(element).getOption();
      // One at the end may be the best design, which has a mark of its own.
      return series.find(({ name }) => name === 'front')!.data[1]!.value;
    });
    const { x, y } = await placeOf(page, 'tradeoff', value);
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator('#tradeoff').textContent(), POLL).toMatch(/design \d+step time [\d.]+ s/);
    await page.close();
  });

  it('zooms into the timeline, and hides a part of the bars by a click on its legend', async () => {
    const { page } = await open(['seed0']);
    const bars = () => page.locator('#layer svg').innerHTML();
    const before = await bars();
    const { x, y } = await placeOf(page, 'layer', [0, 0]);
    await page.mouse.move(x + 50, y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -500);
    await page.keyboard.up('Control');
    await expect.poll(bars, POLL).not.toBe(before);
    const time = page.locator('#time svg');
    const drawn = await time.innerHTML();
    await time.getByText('compute', { exact: true }).click();
    expect(await time.innerHTML()).not.toBe(drawn);
    await page.close();
  });

  it('is light or dark as the system is, and light on paper', async () => {
    const { page, complaints } = await open(['seed0'], 'dark');
    const labelColor = () => page.locator('#time svg text').first().getAttribute('fill');
    const background = () =>
      page
        .locator('body')
        .evaluate((body) => body.ownerDocument.defaultView!.getComputedStyle(body).backgroundColor as string);
    const [dark, night] = [await labelColor(), await background()];
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(labelColor, POLL).not.toBe(dark);
    expect(await background()).not.toBe(night);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await background()).toBe('rgb(255, 255, 255)');
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows a run in the astra-sim profile: its layer, its step and all of its operations', async () => {
    const { page, complaints } = await open(['astra']);
    const charts = await drawnCharts(page);
    for (const id of DESIGN_CHARTS) expect(charts).toContain(id);
    await page.getByText('Every operation of a step').click();
    for (const name of ['MLP up dW', 'G operations', 'tensor parallel']) {
      expect(await page.getByText(name, { exact: true }).first().isVisible()).toBe(true);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the course of a proof, and where the designs lie that it excluded', async () => {
    await cosmic(folder, 'prove', 'cosmic-collective', '--objective', 'time*cost', ...CPU, '--out', 'proof');
    const { page, complaints } = await open(['proof']);
    expect(await drawnCharts(page)).toEqual(expect.arrayContaining(PROOF_CHARTS));
    expect(await page.locator('#proof-course svg').textContent()).toContain('boxes bounded');
    const excluded = page.locator('#proof-excluded');
    for (const text of ['algorithm[0]', 'halving', 'the best'])
      expect(await excluded.locator('svg').textContent()).toContain(text);
    const { x, y } = await placeOf(page, 'proof-excluded', [0, 0]);
    await page.mouse.move(x, y);
    await expect
      .poll(() => excluded.textContent(), POLL)
      .toMatch(/no such design (has less than [\d,]+ s × \$|is feasible)/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows a space of one design, and breaks the axis of its long step', async () => {
    const { page, complaints } = await open(['one']);
    const charts = await drawnCharts(page);
    expect(charts).toContain('step');
    expect(charts).not.toContain('parallel');
    const { x, y } = await placeOf(page, 'step', [64, 0]);
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator('#step').textContent(), POLL).toMatch(/\d+ more passes/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the shards of a sweep together, with what each has counted', async () => {
    const { page, complaints } = await open(['half1', 'half2']);
    expect(await page.locator('#histogram svg').textContent()).toContain('half2');
    for (const words of ['half1designs 0 to 285cpu286', 'half2designs 286 to 571cpu286']) {
      expect((await page.locator('main').textContent())!.replaceAll('\n', '')).toContain(words);
    }
    expect(await page.locator('.tiles').textContent()).toContain('572');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows a sweep with its histogram and front, and a run without a feasible design', async () => {
    const sweep = await open(['sweep']);
    expect(await drawnCharts(sweep.page)).toContain('histogram');
    expect(sweep.complaints).toEqual([]);
    await sweep.page.close();
    const none = await open(['none']);
    expect(await none.page.locator('body').textContent()).toContain('No feasible design was found');
    expect(await drawnCharts(none.page)).toEqual(['feasibility']);
    expect(none.complaints).toEqual([]);
    await none.page.close();
  });
});
