import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { AgentName } from '../../agents/agents.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import { CosmicError } from '../../psa/errors.js';
import { readText } from '../../psa/files.js';
import { jsonText } from '../../psa/plainData.js';
import { sourceCommit } from '../../psa/sourceCommit.js';
import { removeLeftovers, writeAtomically } from '../disk/files.js';
import { agentsMarkdown } from '../study/agentsMarkdown.js';
import { curvesSvg } from '../study/curves.js';
import { type Optimum, optimumSchema } from '../study/optimum.js';
import { STUDY_SPACES } from '../study/spaces.js';
import { type SpaceStudy, STUDY_AGENTS, studyAgents } from '../study/study.js';
import { EXIT, interruptible } from './interrupt.js';
import { atSite } from './openQueue.js';
import {
  addBackendOptions,
  addJsonOption,
  addQueueOption,
  type BackendOptions,
  type JsonOption,
  type QueueOption,
  wholeNumber,
} from './options.js';
import { print } from './output.js';
import { Steps } from './steps.js';
import { accuracyCommand } from './studyAccuracy.js';
import { constantsCommand } from './studyConstants.js';
import { paperCommand } from './studyPaper.js';
import { curvesCsv, regretsCsv, studyLines } from './studyText.js';

interface StudyOptions extends BackendOptions, QueueOption, JsonOption {
  readonly spaces: readonly string[];
  readonly agents: readonly AgentName[];
  readonly seeds: number;
  readonly budgets: readonly number[];
  readonly objective: string;
  readonly sensitivity: boolean;
  readonly out: string;
  readonly report?: string;
}

const EXAMPLE = `
Examples:
  cosmic study agents                     all of it: minutes on two quiet cores
  cosmic study agents --spaces workload --budgets 1000 --no-sensitivity  seconds
  cosmic study agents --spaces whole --agents random,ga,local --budgets 10000

The optima are kept in the --out folder: a second study there need not find them
again. So are the searches of a study that was interrupted: the same command
goes on with the others.`;

/** An option whose value is a list, shown as it is typed. */
function listed<T>(flags: string, what: string, unsaid: readonly T[], parse: (text: string) => readonly T[]): Option {
  return new Option(flags, `${what}, joined by commas`).default([...unsaid], unsaid.join(',')).argParser(parse);
}

export function studyCommand(): Command {
  const agents = new Command('agents')
    .description(
      'Measure how far each search agent ends from the certified optimum of its space, of all of cosmic-full too.',
    )
    .addOption(listed('--spaces <names>', 'spaces', names, listOf('--spaces', names)))
    .addOption(listed('--agents <names>', 'agents', STUDY_AGENTS, listOf('--agents', STUDY_AGENTS)))
    .option('--seeds <n>', 'searches of each kind, seeds 1 to n', wholeNumber('--seeds', 1, 10_000), 20)
    .addOption(listed('--budgets <numbers>', 'evaluations', [1000, 10_000, 100_000], budgets))
    .option('--objective <product>', 'what to minimise', 'time*cost')
    .option('--no-sensitivity', "leave out the sensitivity to the agents' parameters")
    .option('--out <folder>', 'folder for tables, curves and certified optima', join('runs', 'study-agents'))
    .option('--report <file>', 'Markdown file to write, its curves beside it as SVG (default: study.md in --out)');
  addJsonOption(addQueueOption(addBackendOptions(agents)))
    .addHelpText('after', EXAMPLE)
    .action(study);
  return new Command('study')
    .description("Repeat the paper's study, or measure the search agents, or the predictions.")
    .addCommand(paperCommand())
    .addCommand(accuracyCommand())
    .addCommand(constantsCommand())
    .addCommand(agents);
}

const names = STUDY_SPACES.map(({ name }) => name);

function listOf<T extends string>(option: string, known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((part) => {
      const found = known.find((name) => name === part.trim());
      if (found !== undefined) return found;
      throw new CosmicError('ARGUMENT', `${option} has '${part}'`, { remedy: `use some of ${known.join(',')}` });
    });
}

function budgets(text: string): number[] {
  return text
    .split(',')
    .map((part) => wholeNumber('--budgets', 10, 1e9)(part.trim()))
    .sort((a, b) => a - b);
}

async function study(options: StudyOptions): Promise<void> {
  const { out, seeds, agents, backend, threads, sensitivity } = options;
  const objective = parseObjective(options.objective);
  removeLeftovers(out);
  const known = readOptima(out);
  const steps = new Steps();
  const request = {
    spaces: STUDY_SPACES.filter(({ name }) => options.spaces.includes(name)),
    agents,
    seeds,
    budgets: options.budgets,
    objective,
    sensitivity,
    known,
    journal: join(out, 'searches.jsonl'),
  };
  const evaluator = { backend, ...(threads === undefined ? {} : { threads }) };
  const onProgress = (what: string, done: number, total: number) => steps.update(what, done, total);
  const { known: _, journal: __, ...identity } = request;
  const studies = await interruptible((signal) =>
    atSite(
      options.queue,
      ['agents', { ...identity, objective: objective.label }],
      options.queue === undefined ? backend : onCpu(backend),
      (queue) => studyAgents(request, queue?.site ?? evaluator, { onProgress, signal }),
      signal,
    ),
  ).finally(() => steps.stop());
  const result = { objective: objective.label, unit: objective.unit, seeds, out, studies };
  write(options, studies, known, JSON.stringify(result, null, 2));
  print(
    options.json,
    () => result,
    () => lines(studies, options),
  );
}

/**
 * Where workers search: optima are to be those of one machine's f64.
 *
 * @throws CosmicError BACKEND_LIMIT
 */
function onCpu(backend: BackendOptions['backend']): 'cpu' {
  if (backend === 'auto' || backend === 'cpu') return 'cpu';
  throw new CosmicError('BACKEND_LIMIT', `workers study agents on the CPU, not by ${backend}`, {
    remedy: 'use --backend cpu, or leave out --queue',
  });
}

function lines(studies: readonly SpaceStudy[], options: StudyOptions): string[] {
  return [
    ...studyLines(studies, parseObjective(options.objective), options.seeds),
    ...(process.exitCode === EXIT.interrupted
      ? ['it was ended early; the same command goes on with what is missing']
      : []),
    `tables, curves and optima written to ${options.out}, the report to ${reportFile(options)}`,
  ];
}

/** Writes all that the study found; optima of earlier studies stay. */
function write(options: StudyOptions, studies: readonly SpaceStudy[], known: readonly Optimum[], json: string): void {
  const { out } = options;
  const optima = new Map([...known, ...studies.map(({ optimum }) => optimum)].map((one) => [keyOf(one), one]));
  writeAtomically(join(out, 'optima.json'), jsonText([...optima.values()]));
  writeAtomically(join(out, 'study.json'), `${json}\n`);
  writeAtomically(join(out, 'regrets.csv'), regretsCsv(studies));
  writeAtomically(join(out, 'curves.csv'), curvesCsv(studies));
  if (studies.length > 0) writeReport(options, studies);
}

function writeReport(options: StudyOptions, studies: readonly SpaceStudy[]): void {
  const file = reportFile(options);
  const { dir, name } = parse(file);
  const { label, unit } = parseObjective(options.objective);
  const curves = `${name}.svg`;
  const { seeds } = options;
  writeAtomically(join(dir, curves), curvesSvg(studies));
  writeAtomically(
    file,
    agentsMarkdown({
      studies,
      objective: label,
      unit,
      seeds,
      curves,
      command: commandOf(options),
      commit: sourceCommit(),
    }),
  );
}

function reportFile({ report, out }: StudyOptions): string {
  return report ?? join(out, 'study.md');
}

/** What decides the study's figures. */
function commandOf({ spaces, agents, seeds, budgets, objective, sensitivity }: StudyOptions): string {
  const part = spaces.length < names.length ? ` --spaces ${spaces.join(',')}` : '';
  const some = agents.length < STUDY_AGENTS.length ? ` --agents ${agents.join(',')}` : '';
  const goal = `--objective ${objective.replaceAll(' ', '').replaceAll('×', '*')}`;
  return `cosmic study agents${part}${some} --seeds ${seeds} --budgets ${budgets.join(',')} ${goal}${sensitivity ? '' : ' --no-sensitivity'}`;
}

function keyOf({ fingerprint, objective }: Optimum): string {
  return `${fingerprint} ${objective}`;
}

/** @throws CosmicError FILE_UNREADABLE */
function readOptima(out: string): Optimum[] {
  const file = join(out, 'optima.json');
  if (!existsSync(file)) return [];
  const remedy = 'remove the file, or choose another --out';
  try {
    return z.array(optimumSchema).parse(JSON.parse(readText(file, remedy)));
  } catch {
    throw new CosmicError('FILE_UNREADABLE', 'the file has no optima of a study', { file, remedy });
  }
}
