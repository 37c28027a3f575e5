import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { AGENT_NAMES, type AgentName } from '../../agents/agent.js';
import { GENETIC_DEFAULTS } from '../../agents/ga.js';
import { CosmicError } from '../../psa/errors.js';
import { writeAtomically } from '../runs/files.js';
import { paperStudy, type StudyResult } from '../study/paper.js';
import { caseName, paperCases } from '../study/paperCases.js';
import { paperReport } from '../study/paperReport.js';
import { comparisonJson } from './compareReport.js';
import { formatDuration, plural } from './format.js';
import {
  addBackendOptions,
  addJsonOption,
  type BackendOptions,
  type JsonOption,
  repeatable,
  seed,
  wholeNumber,
} from './options.js';

interface PaperOptions extends BackendOptions, JsonOption {
  readonly models: readonly string[];
  readonly systems: readonly string[];
  readonly set: readonly string[];
  readonly agent: AgentName;
  readonly evaluations: number;
  readonly population: number;
  readonly seed: number;
  readonly out: string;
}

const EXAMPLE = `
Examples:
  cosmic study paper --out study.md                         everything: under an hour on two CPU cores
  cosmic study paper --models vit-base --systems cosmic-512 --out part.md`;

export function paperCommand(): Command {
  const paper = new Command('paper')
    .description("Repeat the study of COSMIC's paper: full stack against single stacks, over models, systems, rewards.")
    .addOption(repeatable('--models <name>', 'only this model; repeatable', (text) => text))
    .addOption(repeatable('--systems <name>', 'only this system; repeatable', (text) => text))
    .addOption(repeatable('--set <name=value>', 'override a parameter or a field in all cases', (text) => text))
    .addOption(new Option('--agent <name>', 'of the full-stack searches').choices([...AGENT_NAMES]).default('ga'))
    .option('--evaluations <n>', 'of each full-stack search', wholeNumber('--evaluations', 1), 400_000)
    .option(
      '--population <n>',
      'designs per generation of the full-stack searches',
      wholeNumber('--population', 2, 2 ** 20),
      GENETIC_DEFAULTS.population,
    )
    .option('--seed <n>', 'the same seed gives the same study', seed, 0)
    .option('--out <file>', 'Markdown file to write', 'study.md');
  addJsonOption(addBackendOptions(paper));
  return paper.addHelpText('after', EXAMPLE).action((options: PaperOptions) => studyPaper(options));
}

async function studyPaper({
  backend,
  threads,
  json,
  out,
  models,
  systems,
  set,
  ...settings
}: PaperOptions): Promise<void> {
  const cases = paperCases(models, systems).map((of) => ({ ...of, set: [...of.set, ...set] }));
  if (cases.length === 0) {
    throw new CosmicError('ARGUMENT', 'the study has no such case', {
      remedy: 'name models and systems of the paper, such as --models gpt3-175b --systems cosmic-1024',
    });
  }
  const beganMs = Date.now();
  const seconds = () => (Date.now() - beganMs) / 1000;
  const machine = `backend ${backend}, ${plural(threads ?? availableParallelism(), 'core')}`;
  const write = (finished: readonly StudyResult[]) =>
    writeAtomically(
      out,
      paperReport({ request: { cases, ...settings }, results: finished, seconds: seconds(), backend: machine }),
    );
  const results = await paperStudy(
    { cases, ...settings },
    { backend, ...(threads === undefined ? {} : { threads }) },
    (of, place, finished) => {
      if (finished.length > 0) write(finished);
      process.stderr.write(
        `${place + 1} of ${cases.length}: ${caseName(of)} on ${of.system} (${formatDuration(seconds())})\n`,
      );
    },
  );
  write(results);
  const text =
    json === true
      ? JSON.stringify(
          {
            file: out,
            results: results.map(({ case: of, comparison }) => ({
              ...of,
              ...comparisonJson({ ...settings, ...of, objectives: [] }, comparison),
            })),
          },
          null,
          2,
        )
      : `study written to ${out} (${formatDuration(seconds())})`;
  process.stdout.write(`${text}\n`);
}
