import { type Command, Option } from 'commander';
import { AGENT_NAMES, type AgentName } from '../../agents/agents.js';
import { GENETIC_DEFAULTS } from '../../agents/algorithms/ga.js';
import type { Profile } from '../../psa/space.js';
import { formatNumber } from '../display/format.js';
import { RULES } from '../profiles/profiles.js';
import { seed, wholeNumber } from './options.js';

/** How the full stack is searched. */
export interface FullStackOptions {
  readonly agent: AgentName;
  readonly evaluations?: number;
  readonly population: number;
  readonly seed: number;
}

/** Adds them, with the same defaults wherever the full stack is searched. */
export function addFullStackOptions(command: Command): Command {
  const budgets = Object.values(RULES).map(
    ({ name, fullStackEvaluations }) => `${formatNumber(fullStackEvaluations)} in ${name}`,
  );
  return command
    .addOption(new Option('--agent <name>', 'of a full-stack search').choices([...AGENT_NAMES]).default('ga'))
    .option(
      '--evaluations <n>',
      `of a full-stack search, which a proof follows on where there are bounds (default: ${budgets.join(', ')})`,
      wholeNumber('--evaluations', 1),
    )
    .option(
      '--population <n>',
      'designs per generation of a full-stack search',
      wholeNumber('--population', 2, 2 ** 20),
      GENETIC_DEFAULTS.population,
    )
    .option('--seed <n>', 'the same seed gives the same result', seed, 0);
}

/** Evaluations of a full-stack search in a profile. */
export function evaluationsOf({ evaluations }: FullStackOptions, profile: Profile): number {
  return evaluations ?? RULES[profile].fullStackEvaluations;
}
