/**
 * `npm run bench`: where the README's performance numbers come from. Writes <date>-<machine>.json to
 * bench/results, or to the folder that is named.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePsa, loadPsa } from '../psa/index.js';
import { packageRoot } from '../psa/packageRoot.js';
import { measureConcepts } from './concepts.js';
import { machine, machineName } from './machine.js';
import { measureThroughput } from './throughput.js';

const space = compilePsa(loadPsa('cosmic-full'));
const where = await machine();
console.log(`${where.cpu}, ${where.cores} cores, Node.js ${where.node}, commit ${where.commit}`);
console.log(
  `WebGPU adapter: ${where.adapter === undefined ? 'none' : `${where.adapter.name} (${where.adapter.driver})`}\n`,
);

const concepts = measureConcepts(space);
console.log('Single concepts, f64, one thread: mean time (us) and its margin at 95 %\n');
for (const { name, microseconds, marginPercent } of concepts) {
  console.log(`${microseconds.toFixed(3).padStart(10)}  ±${marginPercent.toFixed(1)} %  ${name}`);
}

const throughput = await measureThroughput(space, where.cores, where.adapter !== undefined);
const base = throughput[0]!.median;
console.log(
  `\nSweeps of random designs of ${space.name}, GPT3-175B: designs/s, median (slowest … fastest) of runs in turns\n`,
);
for (const { backend, description, median, slowest, fastest, objective } of throughput) {
  const rate = `${median.toLocaleString('en')} (${slowest.toLocaleString('en')} … ${fastest.toLocaleString('en')})`;
  const ratio = objective === 'time' ? `${(median / base).toFixed(2)}x` : 'not comparable';
  console.log(`  ${backend.padEnd(16)}${rate.padEnd(38)}${ratio.padEnd(16)}${description}`);
}

const date = new Date().toISOString().slice(0, 10);
const folder = process.argv[2] ?? join(packageRoot, 'bench', 'results');
const file = join(folder, `${date}-${machineName(where)}.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify({ date, machine: where, concepts, throughput }, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
