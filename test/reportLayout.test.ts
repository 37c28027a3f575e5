/** Where the page of a run puts things: in a wide, a narrow and a resized window, and on paper. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from './chromium.js';
import { cosmic } from './commandLine.js';
import { temporaryFolder } from './temporaryFolder.js';

const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 390, height: 800 };

/** What the page's own code sees of an element; the tests have no types of a browser. */
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
interface Point {
  readonly x: number;
  readonly y: number;
}
interface Matrix {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}
interface Text {
  readonly textContent: string;
  closest(selector: string): unknown;
  getBBox(): { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  getScreenCTM(): Matrix;
}
interface ChartElement {
  readonly id: string;
  getBoundingClientRect(): Box;
  querySelectorAll(selector: string): Iterable<Text>;
}

/** Labels of charts that overlap another one, or lie outside their chart. */
function misplacedLabels(page: Page): Promise<string[]> {
  return page.locator('.chart').evaluateAll((charts) =>
    (charts as unknown as ChartElement[]).flatMap((chart) => {
      const box = chart.getBoundingClientRect();
      // What a legend of several pages clips is not seen.
      const labels = [...chart.querySelectorAll('svg text')]
        .filter((text) => text.textContent.trim() !== '' && text.closest('[clip-path]') === null)
        .map((text) => {
          const { x, y, width, height } = text.getBBox();
          const { a, b, c, d, e, f } = text.getScreenCTM();
          const at = (u: number, v: number): Point => ({ x: a * u + c * v + e, y: b * u + d * v + f });
          const [left, right, top, bottom] = [x + 1, x + width - 1, y + 2, y + height - 2];
          const corners = [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
          return { name: `${chart.id}: ${text.textContent}`, corners };
        });
      const apart = (one: readonly Point[], other: readonly Point[]) =>
        [one, other].some((corners) =>
          [0, 1].some((side) => {
            const [from, to] = [corners[side]!, corners[side + 1]!];
            const along = (points: readonly Point[]) =>
              points.map((point) => point.x * (to.x - from.x) + point.y * (to.y - from.y));
            const [a, b] = [along(one), along(other)];
            return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
          }),
        );
      const outside = labels.filter(({ corners }) =>
        corners.some(({ x, y }) => x < box.left - 1 || x > box.right + 1 || y < box.top - 1 || y > box.bottom + 1),
      );
      const overlapping = labels.filter(({ corners }, i) =>
        labels.slice(0, i).some((other) => !apart(corners, other.corners)),
      );
      return [
        ...outside.map(({ name }) => `${name} (outside)`),
        ...overlapping.map(({ name }) => `${name} (overlaps)`),
      ];
    }),
  );
}

interface Scrolled {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly textContent: string;
}

/** The beginnings of tables that are wider than their cards. */
function cutTables(page: Page): Promise<string[]> {
  return page
    .locator('.scroll')
    .evaluateAll((tables) =>
      (tables as unknown as Scrolled[])
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ textContent }) => textContent.slice(0, 60)),
    );
}

const folder = temporaryFolder('layout');
const RUNS = ['front', 'long'] as const;
const CPU = ['--backend', 'cpu', '--threads', '1'];

beforeAll(async () => {
  const front = ['--agent', 'nsga2', '--objective', 'time', '--objective', 'cost', '--evaluations', '2000'];
  const overrides = [
    'system.npus=512',
    'model.layers=48',
    'workload.batch=4096',
    'compute.memoryCapacityGB=80',
  ].flatMap((set) => ['--set', set]);
  const long = ['--objective', 'time*cost', '--evaluations', '3000', ...overrides];
  await cosmic(folder, 'search', 'cosmic-full', ...front, ...CPU, '--out', 'front');
  await cosmic(folder, 'search', 'cosmic-full', ...long, ...CPU, '--out', 'long');
  for (const run of RUNS) {
    const others = RUNS.filter((other) => other !== run);
    expect((await cosmic(folder, 'report', run, '--beside', ...others)).stderr).toBe('');
  }
});

describe.skipIf(!hasChromium).each(RUNS)('the page of the run %s', (run) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function open(viewport: typeof WIDE) {
    page = await browser.newPage({ viewport });
    await page.goto(pathToFileURL(join(folder, run, 'report.html')).href);
    await page.waitForSelector('html[data-drawn]');
  }

  const pageWidth = () => page.locator('html').evaluate((html) => html.scrollWidth as number);

  it('has all columns of its tables, no label over another, and cards that its tables fill, at 1,400 px', async () => {
    await open(WIDE);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await cutTables(page)).toEqual([]);
    const beside = await page.locator('#beside table').textContent();
    for (const words of [...RUNS, '1,024 NPUs', '512 NPUs', 'time × cost', 'workload.dp'])
      expect(beside).toContain(words);
    expect(await misplacedLabels(page)).toEqual([]);
    const card = (await page.locator('#designs').boundingBox())!;
    const tables = await page.locator('#designs table').all();
    const ends = await Promise.all(
      tables.map(async (table) => {
        const box = (await table.boundingBox())!;
        return box.x + box.width;
      }),
    );
    expect((Math.max(...ends) - card.x) / card.width).toBeGreaterThan(0.95);
    await page.close();
  });

  it('has no label over another at 390 px, opened so and resized, and does not scroll to the side', async () => {
    await open(NARROW);
    expect(await misplacedLabels(page)).toEqual([]);
    expect(await pageWidth()).toBeLessThanOrEqual(390);
    await page.setViewportSize(WIDE);
    await expect.poll(() => misplacedLabels(page), { timeout: 20_000 }).toEqual([]);
    await page.setViewportSize(NARROW);
    await expect.poll(() => misplacedLabels(page), { timeout: 20_000 }).toEqual([]);
    expect(await pageWidth()).toBeLessThanOrEqual(390);
    await page.close();
  });

  it('has whole charts on paper, after it was narrow too', async () => {
    await open(NARROW);
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await misplacedLabels(page)).toEqual([]);
    const charts = await page.locator('.chart').evaluateAll((all) =>
      (all as unknown as { id: string; querySelector(of: string): { getBoundingClientRect(): Box } | null }[]).map(
        (chart) => {
          const box = chart.querySelector('svg')?.getBoundingClientRect();
          return { id: chart.id, width: box && box.right - box.left, height: box && box.bottom - box.top };
        },
      ),
    );
    expect(charts.length).toBeGreaterThan(5);
    for (const { id, width, height } of charts) {
      expect(width, id).toBe(700);
      expect(height, id).toBeGreaterThan(60);
    }
    await page.close();
  });
});
