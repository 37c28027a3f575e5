import { availableParallelism, loadavg } from 'node:os';
import { Command, Option } from 'commander';
import { CosmicError } from '../../psa/errors.js';
import { PROFILES, type Profile } from '../../psa/space.js';
import { writeAtomically } from '../disk/files.js';
import { formatDuration, formatNumber, plural } from '../display/format.js';
import { backendsText, jobName, paperStudy, type Study, type StudyResult } from '../study/paper.js';
import { paperCases, type StudyCase } from '../study/paperCases.js';
import { paperMarkdown } from '../study/paperMarkdown.js';
import { comparisonJson } from './compareText.js';
import { addFullStackOptions, evaluationsOf, type FullStackOptions } from './fullStackOptions.js';
import { atSite } from './openQueue.js';
import {
  addBackendOptions,
  addJsonOption,
  addQueueOption,
  type BackendOptions,
  type JsonOption,
  type QueueOption,
  repeatable,
} from './options.js';
import { note, print } from './output.js';

interface PaperOptions extends BackendOptions, QueueOption, JsonOption, FullStackOptions {
  readonly models: readonly string[];
  readonly systems: readonly string[];
  readonly profile?: Profile;
  readonly set: readonly string[];
  readonly out: string;
}

const EXAMPLE = `
Examples:
  cosmic study paper --out study.md    all of it: 20 minutes on two quiet cores
  cosmic study paper --models vit-base --systems cosmic-512 --out part.md
  cosmic study paper --queue redis://head:6379 --out study.md  by workers (docs/cluster.md)`;

export function paperCommand(): Command {
  const paper = new Command('paper')
    .description("Repeat the study of COSMIC's paper: full stack against single stacks, over models, systems, rewards.")
    .addOption(repeatable('--models <name>', 'only this model; repeatable', undefined, 'all'))
    .addOption(repeatable('--systems <name>', 'only this system; repeatable', undefined, 'all'))
    .addOption(repeatable('--set <name=value>', 'override a parameter or a field in all cases'))
    .addOption(new Option('--profile <name>', 'only by these rules (default: all)').choices(PROFILES))
    .option('--out <file>', 'Markdown file to write', 'study.md');
  addJsonOption(addQueueOption(addBackendOptions(addFullStackOptions(paper))));
  return paper.addHelpText('after', EXAMPLE).action((options: PaperOptions) => studyPaper(options));
}

async function studyPaper(options: PaperOptions): Promise<void> {
  const { backend, threads, out, agent, population, seed } = options;
  const cases = paperCases(options.models, options.systems).map((of) => ({ ...of, set: [...of.set, ...options.set] }));
  if (cases.length === 0) {
    throw new CosmicError('ARGUMENT', 'the study has no such case', {
      remedy: 'name models and systems of the paper, such as --models gpt3-175b --systems cosmic-1024',
    });
  }
  const profiles = options.profile === undefined ? PROFILES : [options.profile];
  const evaluations = Object.fromEntries(
    PROFILES.map((profile) => [profile, evaluationsOf(options, profile)]),
  ) as Record<Profile, number>;
  const request = { cases, profiles, agent, evaluations, population, seed };
  const beganMs = Date.now();
  const seconds = () => (Date.now() - beganMs) / 1000;
  // Others may work on the machine, too.
  const machine = () =>
    options.queue === undefined
      ? `${backendsText(backend, profiles)}, ${plural(threads ?? availableParallelism(), 'core')}, load ${formatNumber(loadavg()[2]!, 2)}`
      : `${backendsText(backend, profiles)}, by workers of a queue`;
  const write = (study: Study) =>
    writeAtomically(out, paperMarkdown({ request, ...study, seconds: seconds(), backend: machine() }));
  const here = { backend, ...(threads === undefined ? {} : { threads }) };
  const onCase = (of: StudyCase, profile: Profile, place: number, finished: Study) => {
    if (finished.results.length > 0) write(finished);
    note(`${place + 1} of ${cases.length}: ${jobName(of, profile)} (${formatDuration(seconds())})`);
  };
  const study = await atSite(options.queue, ['paper', request], backend, (queue) =>
    paperStudy(request, queue?.solver ?? here, onCase),
  );
  write(study);
  print(
    options.json,
    () => ({
      file: out,
      results: study.results.map((result) => resultJson(options, result)),
      refusals: study.refusals,
    }),
    () => [`study written to ${out} (${formatDuration(seconds())})`],
  );
}

function resultJson(options: PaperOptions, { case: of, profile, comparison }: StudyResult) {
  const { agent, population, seed } = options;
  const search = { agent, evaluations: evaluationsOf(options, profile), population, seed };
  return { ...of, ...comparisonJson({ ...of, ...search, objectives: [] }, comparison) };
}
