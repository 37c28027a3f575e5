import { Command, Option } from 'commander';
import { parseObjective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import { formatNumber } from '../display/format.js';
import { type Check, checkCertificate } from '../proof/check.js';
import { openSpace } from '../runs/openSpace.js';
import { type ReadCertificate, readCertificate } from '../runs/proofRuns.js';
import { proofSettings } from '../runs/settings.js';
import {
  addRunCommandOptions,
  constraintOption,
  positiveNumber,
  type RunCommandOptions,
  seed,
  wholeNumber,
} from './options.js';
import { print } from './output.js';
import { runToEnd } from './runToEnd.js';
import { checkResumeAlone, requireSpace, resumeSession, startSession } from './session.js';

interface ProveOptions extends RunCommandOptions {
  readonly objective?: string;
  readonly gap: number;
  readonly timeout?: number;
  readonly time?: number;
  readonly check?: string;
  readonly members: number;
}

const EXAMPLE = `
Examples:
  cosmic prove cosmic-full --objective time*cost
  cosmic prove my.yaml --constraint "memory <= 60e9" --gap 0.01 --timeout 600 --out runs/proof
  cosmic prove --resume runs/proof
  cosmic prove --check runs/proof`;

export function proveCommand(): Command {
  const command = new Command('prove')
    .description('Find the best design of a whole space, with a proof and a certificate (docs/proof.md).')
    .argument('[space]', 'a preset (cosmic-full, …) or a PsA file')
    .option('--objective <product>', "what to minimise, such as time or time*cost (default: the PsA's)", objective)
    .addOption(constraintOption())
    .option('--gap <share>', 'end when no design can be more than this share better, such as 0.01', share, 0)
    .option('--timeout <seconds>', 'end after so many seconds; --resume goes on', positiveNumber('--timeout'))
    .addOption(
      new Option('--time <seconds>', 'another name of --timeout').hideHelp().argParser(positiveNumber('--time')),
    )
    .option('--seed <n>', 'of the search for a design to begin with', seed, 0)
    .option('--check <file>', 'check a certificate, or that of a run: its cover, every bound, random designs')
    .option('--members <n>', 'random designs that a check evaluates', wholeNumber('--members', 0, 10_000_000), 10_000);
  return addRunCommandOptions(command)
    .addHelpText('after', EXAMPLE)
    .action(async (space: string | undefined, options: ProveOptions) => {
      if (options.check !== undefined) {
        check(options.check, options);
        return;
      }
      if (options.resume !== undefined) checkResumeAlone(command);
      const session =
        options.resume === undefined
          ? await start(space, options)
          : await resumeSession('prove', options.resume, options);
      await runToEnd(session, options.json === true, { timeoutSeconds: options.timeout ?? options.time });
    });
}

function start(name: string | undefined, options: ProveOptions) {
  const open = openSpace(requireSpace(name), options);
  const { objective, constraint, gap, seed } = options;
  const settings = proofSettings(open, { objective, constraints: constraint, gap, seed });
  return startSession('prove', open, settings, options, open.space.systemName);
}

/** Checks a certificate; the process fails where it does not hold. */
function check(path: string, { members, json }: ProveOptions): void {
  const certificate = readCertificate(path);
  const result = checkCertificate(certificate, members, 0);
  const { best, optimal, atLeast } = certificate.claim;
  const summary = {
    command: 'prove --check',
    file: certificate.file,
    objective: certificate.header.objective,
    gap: certificate.gap,
    best,
    optimal,
    atLeast,
    designs: result.designs.toString(),
    boxes: result.boxes,
    members: result.members,
    faults: result.faults,
    passed: result.faults.length === 0,
  };
  print(
    json,
    () => summary,
    () => checkLines(certificate, result),
  );
  if (result.faults.length > 0) process.exitCode = 1;
}

function checkLines({ file, space, claim, goal, gap }: ReadCertificate, { boxes, members, faults }: Check): string[] {
  const { label, unit } = goal.first;
  const than = gap > 0 ? `more than ${formatNumber(gap * 100)} % better than` : 'better than';
  const holds =
    claim.best === null
      ? `none of ${formatNumber(space.count)} designs is feasible`
      : `none of ${formatNumber(space.count)} designs is ${than} ${label} ${formatNumber(claim.best.value)} ${unit}, design ${claim.best.ordinal}`;
  return [
    `${file}: ${formatNumber(boxes)} boxes cover the space`,
    `${formatNumber(boxes)} reasons and ${formatNumber(members)} random designs were checked in f64`,
    ...(faults.length === 0
      ? [`the certificate holds: ${holds}`]
      : ['the certificate does not hold:', ...faults.map((fault) => `  ${fault}`)]),
  ];
}

function objective(text: string): string {
  return parseObjective(text).label;
}

/** @throws CosmicError ARGUMENT */
function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new CosmicError('ARGUMENT', `--gap is ${text}`, { remedy: 'give a share from 0 to below 1, such as 0.01' });
}
