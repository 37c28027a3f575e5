/** Designs that agents propose, and what the agents themselves cost. */
import type { BenchmarkResults } from '../results.js';
import { digits, type ResultTable, table, whole } from './table.js';

export function populationTable({ populations = [] }: BenchmarkResults): ResultTable {
  return table(
    'A population of an agent, all outputs back, against a sweep',
    ['backend', 'designs', 'population (us a design)', 'sweep (us a design)', 'ratio'],
    populations.map(({ backend, designs, populationUsPerDesign, sweepUsPerDesign, ratio }) => [
      backend,
      whole(designs),
      digits(populationUsPerDesign),
      digits(sweepUsPerDesign),
      digits(ratio),
    ]),
  );
}

export function agentTable({ agents = [] }: BenchmarkResults): ResultTable[] {
  const [first] = agents;
  if (first === undefined) return [];
  const threads = first.evaluations.map(
    (evaluation) => `${evaluation.threads} thread${evaluation.threads > 1 ? 's' : ''}`,
  );
  return [
    table(
      `What the agents cost, for each generation of ${whole(first.population)}`,
      [
        'agent',
        'ask and tell (ms)',
        ...threads.flatMap((on) => [`evaluation, ${on} (ms)`, `share of the agent, ${on} (%)`]),
      ],
      agents.map(({ agent, agentMs, evaluations }) => [
        agent,
        digits(agentMs),
        ...evaluations.flatMap(({ ms, sharePercent }) => [whole(ms), digits(sharePercent)]),
      ]),
    ),
  ];
}

export function evolutionTable({ evolution }: BenchmarkResults): ResultTable[] {
  if (evolution === undefined) return [];
  const { islands, population, designs, evolution: evolved, sweep, ratio } = evolution;
  return [
    table(
      'Evolution that stays on the device (island-ga), against a sweep of random designs',
      ['islands × designs', 'designs evaluated', 'evolution (designs/s)', 'sweep (designs/s)', 'ratio'],
      [[`${whole(islands)} × ${whole(population)}`, whole(designs), whole(evolved), whole(sweep), digits(ratio)]],
    ),
  ];
}
