/** Options of a search that are about its agent, and what the help says of them. */
import type { Command, Help } from 'commander';
import { AGENT_NAMES, AGENTS, type AgentName } from '../../agents/agents.js';
import { USUAL_MIGRATION } from '../../agents/islands.js';
import { type ParameterDeclaration, rangeText } from '../../agents/shared/parameters.js';
import { CosmicError } from '../../psa/errors.js';
import { RANGES } from '../runs/ranges.js';
import { repeatable, wholeNumber } from './options.js';

export interface AgentTuningOptions {
  readonly agent: AgentName;
  readonly population?: number;
  readonly islands?: number;
  readonly migration?: number;
  readonly agentOption: readonly string[];
}

export function addAgentOptions(command: Command): Command {
  return command
    .option(
      '--migration <n>',
      `generations after which each island sends a design to the next, 0 for never (default: ${USUAL_MIGRATION}; agents that keep no designs: never)`,
      wholeNumber('--migration', ...RANGES.migration),
    )
    .addOption(
      repeatable(
        '--agent-option <name=value>',
        "set one of the agent's parameters, such as mutations=2; they are listed below; repeatable",
      ),
    );
}

/**
 * The parameters that were given.
 *
 * @throws CosmicError ARGUMENT
 */
export function readParameters({ agentOption, population }: AgentTuningOptions): Record<string, number> {
  const parameters = Object.fromEntries(agentOption.map(readAssignment));
  if (population !== undefined && parameters.population !== undefined) {
    throw new CosmicError('ARGUMENT', '--population and --agent-option population say the same', {
      remedy: 'give one of them',
    });
  }
  return parameters;
}

function readAssignment(text: string): readonly [name: string, value: number] {
  const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
  if (name !== '' && Number.isFinite(Number(value))) return [name, Number(value)];
  throw new CosmicError('ARGUMENT', `--agent-option has '${text}'`, {
    remedy: 'write a name, = and a number, such as mutations=2',
  });
}

/** Says so where islands will not migrate although they were told to. */
export function migrationNote({ agent, islands = 1, migration = 0 }: AgentTuningOptions): string | undefined {
  if (migration === 0) return undefined;
  switch (AGENTS[agent].islands) {
    case 'inside':
      return `${agent} mixes its islands by its own parameter migration: --migration changes nothing`;
    case 'apart':
      return `the agent ${agent} keeps no designs that it could send: its islands stay apart`;
    case 'exchanging':
      return islands === 1 ? 'there is one island: nothing migrates' : undefined;
  }
}

/** Of each agent, its parameters with range, default and meaning, laid out as the options are. */
export function parametersHelp(command: Command): string {
  const helper = command.createHelp();
  helper.prepareContext({ helpWidth: process.stdout.columns ?? 80 });
  const blocks = AGENT_NAMES.flatMap((name) => {
    const lines = Object.entries(AGENTS[name].parameters).map((parameter) => parameterLine(helper, parameter));
    return lines.length === 0 ? [] : [`  ${name}`, ...lines];
  });
  return ['', 'Parameters of the agents (--agent-option):', ...blocks].join('\n');
}

function parameterLine(helper: Help, [name, declaration]: readonly [string, ParameterDeclaration]): string {
  const range = rangeText(declaration).replace(/^a /, '');
  const meaning = `${declaration.meaning} (${range}; default ${declaration.default})`;
  return helper.formatItem(`  ${name}`, PARAMETER_WIDTH, meaning, helper);
}

/** As the options' names are. */
const PARAMETER_WIDTH = 27;
