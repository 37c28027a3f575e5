import { Command, Option } from 'commander';
import { AGENT_NAMES } from '../../agents/agents.js';
import { plural } from '../display/format.js';
import { openSpace } from '../runs/openSpace.js';
import { RANGES } from '../runs/ranges.js';
import { searchSettings } from '../runs/settings.js';
import {
  type AgentTuningOptions,
  addAgentOptions,
  migrationNote,
  parametersHelp,
  readParameters,
} from './agentOptions.js';
import {
  addRunCommandOptions,
  constraintOption,
  objectivesOption,
  positiveNumber,
  type RankingOptions,
  type RunCommandOptions,
  robustOption,
  seed,
  TOP_DEFAULT,
  wholeNumber,
} from './options.js';
import { note } from './output.js';
import { runToEnd } from './runToEnd.js';
import { checkResumeAlone, requireSpace, resumeSession, type Session, startSession } from './session.js';

interface SearchCommandOptions extends RunCommandOptions, RankingOptions, AgentTuningOptions {
  readonly evaluations: number;
  readonly patience?: number;
  readonly target?: number;
  readonly timeout?: number;
  readonly prove?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic search cosmic-full --agent ga --evaluations 200000 --seed 1
  cosmic search my.yaml --objective time*cost --set model.layers=48 --out runs/mine
  cosmic search cosmic-full --constraint "memory <= 16e9" --constraint "cost <= 5e6" --patience 50000
  cosmic search cosmic-full --agent island-ga --islands 1024 --evaluations 10000000   stays on a GPU
  cosmic search cosmic-full --objective time --target 600 --timeout 60
  cosmic search cosmic-full --objective time*cost --prove
  cosmic search cosmic-full --agent nsga2 --objective time --objective cost
  cosmic search cosmic-full --islands 8 --migration 5 --agent-option mutations=2 --agent-option elite=0.2
  cosmic search --resume runs/mine`;

export function searchCommand(): Command {
  const command = new Command('search')
    .description('Search a space for the design with the smallest objective.')
    .argument('[space]', 'a preset (cosmic-full, …) or a PsA file')
    .addOption(new Option('--agent <name>', 'search algorithm').choices([...AGENT_NAMES]).default('ga'))
    .option('--evaluations <n>', 'designs to evaluate', wholeNumber('--evaluations', ...RANGES.evaluations), 200_000)
    .option(
      '--population <n>',
      'designs per generation and island (default: what suits the agent)',
      wholeNumber('--population', ...RANGES.population),
    )
    .option(
      '--islands <n>',
      'independent agents that share each batch, or islands of island-ga (default: 1; island-ga: what suits the budget)',
      wholeNumber('--islands', ...RANGES.islands),
    )
    .option('--seed <n>', 'the same seed gives the same search', seed, 0)
    .addOption(
      objectivesOption(
        'what to minimise, such as time, time*cost or reward-bandwidth; repeat for a Pareto front, the first ranks',
      ),
    )
    .addOption(constraintOption())
    .option(
      '--patience <n>',
      'end after so many evaluations without a gain',
      wholeNumber('--patience', ...RANGES.patience),
    )
    .option(
      '--target <value>',
      'end as soon as the first objective is at most this, in the unit that it is shown in',
      positiveNumber('--target'),
    )
    .option(
      '--timeout <seconds>',
      'end after so many seconds; --resume goes on, but where the time is up differs from run to run',
      positiveNumber('--timeout'),
    )
    .option(
      '--top <n>',
      `best designs to show, with distinct objectives ${TOP_DEFAULT}`,
      wholeNumber('--top', ...RANGES.top),
    )
    .addOption(robustOption())
    .option('--prove', 'go on with a proof that no design of the space is better (docs/proof.md)');
  return addRunCommandOptions(addAgentOptions(command))
    .addHelpText('after', ({ command }) => `${EXAMPLE}\n${parametersHelp(command as Command)}`)
    .action(async (space: string | undefined, options: SearchCommandOptions) => {
      if (options.resume !== undefined) checkResumeAlone(command);
      await runToEnd(await openSearch(space, options), options.json === true, { timeoutSeconds: options.timeout });
    });
}

async function openSearch(space: string | undefined, options: SearchCommandOptions): Promise<Session> {
  if (options.resume !== undefined) return resumeSession('search', options.resume, options);
  const open = openSpace(requireSpace(space), options);
  if (open.space.count <= BigInt(options.evaluations)) {
    note(`note: the space has ${plural(open.space.count, 'design')}; cosmic sweep evaluates each once`);
  }
  const settings = searchSettings(open, {
    ...options,
    objectives: options.objective,
    constraints: options.constraint,
    parameters: readParameters(options),
  });
  const idle = migrationNote(options);
  if (idle !== undefined) note(`note: ${idle}`);
  return startSession('search', open, settings, options, String(options.seed));
}
