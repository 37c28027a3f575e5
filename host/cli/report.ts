import { join } from 'node:path';
import { Command } from 'commander';
import { writeAtomically } from '../disk/files.js';
import { reportPage } from '../report/report.js';
import { readRun } from '../runs/runResult.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';

interface ReportOptions extends JsonOption {
  readonly out?: string;
  readonly beside?: readonly string[];
}

const EXAMPLE = `
Examples:
  cosmic report runs/start-cosmic-full-0                    writes runs/start-cosmic-full-0/report.html
  cosmic report runs/seed0 runs/seed1 --out both.html       the best of both, the convergence of each
  cosmic report runs/a runs/b --out shards.html             sweeps: shards, samples, or other backends
  cosmic report runs/a --beside runs/h200 runs/b200         the best of different questions, side by side`;

export function reportCommand(): Command {
  const command = new Command('report')
    .description('Write a run as one HTML page with charts, which opens without a network.')
    .argument(
      '<runs...>',
      "a run's folder, or those of several searches, or several sweeps, of one space and objective: shown together",
    )
    .option('--beside <runs...>', 'runs of other spaces, machines or objectives: their best designs side by side')
    .option('--out <file>', "where to write the page (default: report.html in the run's folder)");
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], options: ReportOptions) => {
      const run = readRun(...(paths as [string, ...string[]]));
      const others = (options.beside ?? []).map((path) => readRun(path));
      const page = reportPage(run, others);
      const file = options.out ?? join(run.path, 'report.html');
      writeAtomically(file, page);
      const bytes = Buffer.byteLength(page);
      print(
        options.json,
        () => ({ file, bytes }),
        () => [`report written to ${file} (${(bytes / 1e6).toFixed(1)} MB, needs no network)`],
      );
    });
}
