import { Command } from 'commander';
import { formatNumber } from '../display/format.js';
import { AGENT_PROBLEMS } from '../validate/agentProblems.js';
import { AGENT_SEEDS, type AgentCase, type AgentValidation, validateAgents } from '../validate/agents.js';
import { colors } from './colors.js';
import { EXIT } from './interrupt.js';
import { addJsonOption, type JsonOption, wholeNumber } from './options.js';
import { print } from './output.js';
import { Progress } from './progress.js';
import { formatTable, left, right } from './table.js';

interface AgentOptions extends JsonOption {
  readonly seeds: number;
}

const EXAMPLE = `
Example:
  cosmic validate agents

Exit code 1 where a run fails or a median exceeds its reference by more than the tolerance.`;

/** `cosmic validate agents` */
export function agentsCommand(): Command {
  const command = new Command('agents')
    .description('Count the evaluations that our CMA-ES needs on standard problems, beside pycma and cmaes.')
    .option('--seeds <n>', 'runs of each problem, seeds 1 to n', wholeNumber('--seeds', 1, 1000), AGENT_SEEDS);
  return addJsonOption(command).addHelpText('after', EXAMPLE).action(validate);
}

function validate({ seeds, json }: AgentOptions): void {
  const progress = new Progress(AGENT_PROBLEMS.length * seeds, 0, '', 'runs');
  const result = validateAgents({ seeds, onProgress: (done) => progress.update(done * seeds, undefined) });
  progress.stop();
  print(
    json,
    () => result,
    () => lines(result),
  );
  if (!result.passed) process.exitCode = EXIT.failure;
}

function lines(result: AgentValidation): string[] {
  const columns = [
    left('problem'),
    left('reference'),
    right('evaluations'),
    right('ours, median'),
    right('10 %'),
    right('90 %'),
    right('solved'),
    right('excess (%)'),
  ];
  return [
    'Evaluations to a value of 1e-8 or less, default populations:',
    '',
    formatTable(columns, result.results.map(row)),
    '',
    'excess: over the nearest reference; negative where fewer are needed.',
    ...result.results.flatMap(({ problem, remark }) => (remark === undefined ? [] : [`${problem}: ${remark}.`])),
    verdict(result),
  ];
}

function row({ problem, references, evaluations, p10, p90, successes, runs, relError }: AgentCase): string[] {
  return [
    problem,
    references.map(({ implementation }) => implementation).join(', '),
    references.map((reference) => formatNumber(reference.evaluations)).join(', '),
    formatNumber(evaluations),
    formatNumber(p10),
    formatNumber(p90),
    `${successes}/${runs}`,
    (100 * relError).toFixed(1),
  ];
}

function verdict({ passed, maxRelError, tolerance, failures }: AgentValidation): string {
  const extreme = `largest excess ${(100 * maxRelError).toFixed(1)} %, allowed ${100 * tolerance} %`;
  if (passed) return colors.green(`passed: ${extreme}`);
  return colors.red(`failed: ${extreme}; ${failures.map(({ problem }) => problem).join(', ')}`);
}
