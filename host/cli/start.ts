import { Command } from 'commander';
import { GENETIC_DEFAULTS } from '../../agents/algorithms/ga.js';
import { openSpace } from '../runs/openSpace.js';
import { type SearchOptions, searchSettings } from '../runs/settings.js';
import { addBackendOptions, addJsonOption, type BackendOptions, type JsonOption } from './options.js';
import { runToEnd } from './runToEnd.js';
import { startSession } from './session.js';
import { lineWidth } from './terminal.js';

type StartOptions = BackendOptions & JsonOption;

/**
 * The main job: a budget that two CPU cores finish well within a minute. By time alone the widest network always wins; the
 * paper's second reward, time × network cost, asks what a design is worth.
 */
const MAIN_JOB = {
  agent: 'ga',
  evaluations: 400_000,
  population: GENETIC_DEFAULTS.population,
  seed: 0,
  objectives: ['time*cost'],
  top: 8,
  prove: true,
} satisfies SearchOptions;

const SPACE = 'cosmic-full';

const EXAMPLE = `
Example:
  cosmic start --backend cpu`;

export function startCommand(): Command {
  const command = new Command('start').description(
    'The main job: search the full-stack space of GPT3-175B on 1,024 NPUs, and show the best designs beside the default.',
  );
  addJsonOption(addBackendOptions(command));
  return command.addHelpText('after', EXAMPLE).action(async (options: StartOptions) => {
    const open = openSpace(SPACE, { system: 'cosmic-1024', model: 'gpt3-175b' });
    const session = await startSession('start', open, searchSettings(open, MAIN_JOB), options, String(MAIN_JOB.seed));
    await runToEnd(session, options.json === true, { next: nextCommands(session.run.folder.path) });
  });
}

function nextCommands(run: string): string[] {
  const commands = [
    [`explain ${run}`, 'why the best design is good, and what bounds it'],
    [`report ${run}`, 'the run with charts, as one HTML page'],
    [`search ${SPACE} --model llama-7b --objective time`, 'another model, whatever its network costs'],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  const beside = commands.map(([command, what]) => `  npx cosmic ${command.padEnd(width)}  ${what}`);
  const below = commands.flatMap(([command, what]) => [`  npx cosmic ${command}`, `    ${what}`]);
  return ['', 'Next, for example:', ...(beside.every(({ length }) => length <= lineWidth()) ? beside : below)];
}
