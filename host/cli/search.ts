import { Command, Option } from 'commander';
import { AGENT_NAMES, type AgentName } from '../../agents/agent.js';
import { GENETIC_DEFAULTS } from '../../agents/ga.js';
import { parseObjective } from '../../kernels/objective/objective.js';
import type { SearchSettings } from '../runs/manifest.js';
import { plural } from './format.js';
import {
  addBackendOptions,
  addJsonOption,
  addRunOptions,
  addSpaceOptions,
  type BackendOptions,
  type JsonOption,
  type RunOptions,
  type SpaceOptions,
  seed,
  wholeNumber,
} from './options.js';
import { runSearch } from './searchRun.js';
import { checkResumeAlone, requireSpace, resumeSession, type Session, startSession } from './session.js';
import { openSpace } from './space.js';

interface SearchOptions extends SpaceOptions, BackendOptions, RunOptions, JsonOption {
  readonly agent: AgentName;
  readonly evaluations: number;
  readonly population: number;
  readonly seed: number;
  readonly objective?: string;
  readonly top: number;
}

const EXAMPLE = `
Examples:
  cosmic search cosmic-full --agent ga --evaluations 200000 --seed 1
  cosmic search my.yaml --objective time*cost --set model.layers=48 --out runs/mine
  cosmic search --resume runs/mine`;

export function searchCommand(): Command {
  const command = new Command('search')
    .description('Search a space for the design with the smallest objective.')
    .argument('[space]', 'a preset (cosmic-full, …) or a PsA file')
    .addOption(new Option('--agent <name>', 'search algorithm').choices([...AGENT_NAMES]).default('ga'))
    .option('--evaluations <n>', 'designs to evaluate', wholeNumber('--evaluations', 1), 200_000)
    .option(
      '--population <n>',
      'designs per generation',
      wholeNumber('--population', 2, 2 ** 20),
      GENETIC_DEFAULTS.population,
    )
    .option('--seed <n>', 'the same seed gives the same search', seed, 0)
    .option(
      '--objective <product>',
      "what to minimise, such as time, time*cost or reward-bandwidth (default: the PsA's)",
    )
    .option('--top <n>', 'best designs to show, with distinct objectives', wholeNumber('--top', 1, 1000), 10);
  for (const add of [addSpaceOptions, addBackendOptions, addRunOptions, addJsonOption]) add(command);
  return command.addHelpText('after', EXAMPLE).action(async (space: string | undefined, options: SearchOptions) => {
    if (options.resume !== undefined) checkResumeAlone(command);
    await runSearch(await openSearch(space, options), options.json === true);
  });
}

async function openSearch(space: string | undefined, options: SearchOptions): Promise<Session<SearchSettings>> {
  if (options.resume !== undefined) return resumeSession('search', options.resume, options);
  const open = openSpace(requireSpace(space), options);
  const { agent, evaluations, population, top } = options;
  const objective = parseObjective(options.objective ?? open.psa.objective).label;
  if (open.space.count <= BigInt(evaluations)) {
    process.stderr.write(
      `note: the space has ${plural(open.space.count, 'design')}; cosmic sweep evaluates each once\n`,
    );
  }
  const settings: SearchSettings = {
    kind: 'search',
    agent,
    evaluations,
    population,
    seed: options.seed,
    objective,
    top,
  };
  return startSession('search', open, settings, options, String(options.seed));
}
