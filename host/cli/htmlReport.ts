import { join } from 'node:path';
import { Command } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { reportPage } from '../report/report.js';
import { writeAtomically } from '../runs/files.js';
import { type FinishedRun, openFinishedRun } from './finishedRun.js';
import { addJsonOption, type JsonOption } from './options.js';

interface ReportOptions extends JsonOption {
  readonly out?: string;
}

const EXAMPLE = `
Examples:
  cosmic report runs/start-cosmic-full-0                    writes runs/start-cosmic-full-0/report.html
  cosmic report runs/seed0 runs/seed1 --out both.html       the first in full, the convergence of both`;

export function reportCommand(): Command {
  const command = new Command('report')
    .description('Write a run as one HTML page with charts, which opens without a network.')
    .argument('<runs...>', "a run's folder; convergence is drawn of further runs of the same space too")
    .option('--out <file>', "where to write the page (default: report.html in the run's folder)");
  return addJsonOption(command)
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], options: ReportOptions) => {
      const [run, ...others] = paths.map(openFinishedRun) as [FinishedRun, ...FinishedRun[]];
      for (const other of others) checkSame(run, other);
      const page = reportPage(run, others);
      const file = options.out ?? join(run.path, 'report.html');
      writeAtomically(file, page);
      const bytes = Buffer.byteLength(page);
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify({ file, bytes }, null, 2)}\n`
          : `report written to ${file} (${(bytes / 1e6).toFixed(1)} MB, needs no network)\n`,
      );
    });
}

/** @throws CosmicError RUN_MISMATCH where two runs are about different things */
function checkSame(run: FinishedRun, other: FinishedRun): void {
  const key = ({ manifest, objectives }: FinishedRun) => `${manifest.space.fingerprint} ${objectives[0]!.label}`;
  if (key(run) === key(other)) return;
  throw new CosmicError('RUN_MISMATCH', `the run is not about the same space and objective as ${run.path}`, {
    file: other.path,
    remedy: 'report it by itself',
  });
}
