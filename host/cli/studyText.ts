import type { Objective } from '../../kernels/objective/objective.js';
import { formatNumber, plural } from '../display/format.js';
import { toCsv } from '../runs/csv.js';
import { regretText } from '../study/regret.js';
import type { SpaceStudy } from '../study/study.js';
import { formatTable, left, right } from './table.js';

/** The study as text: a table per space, then what the parameters do. */
export function studyLines(studies: readonly SpaceStudy[], objective: Objective, seeds: number): string[] {
  return [
    `Regret: how far searches end from the certified optimum of ${objective.label}, in %: median [10 % … 90 %] of ${plural(seeds, 'seed')}, then how many of them found the optimum.`,
    '',
    ...studies.flatMap((study) => [...spaceLines(study, objective), '']),
    ...studies.flatMap((study) => (study.varied.length === 0 ? [] : [...sensitivityLines(study), ''])),
  ];
}

function spaceLines({ space, optimum, regrets }: SpaceStudy, { unit }: Objective): string[] {
  const budgets = [...new Set(regrets.map(({ budget }) => budget))];
  const agents = [...new Set(regrets.map(({ agent }) => agent))];
  const columns = [left('agent'), ...budgets.map((budget) => right(`${formatNumber(budget)} evaluations`))];
  const rows = agents.map((agent) => [
    agent,
    ...budgets.map((budget) => {
      const regret = regrets.find((one) => one.agent === agent && one.budget === budget);
      return regret === undefined ? '-' : regretText(regret);
    }),
  ]);
  return [
    `${space}: ${plural(BigInt(optimum.designs), 'design')}, the best ${formatNumber(optimum.value, 6)} ${unit} (ordinal ${optimum.ordinal})`,
    '',
    formatTable(columns, rows),
  ];
}

/** Each parameter's best and worst value: how much luck there is in choosing them. */
function sensitivityLines({ space, regrets, varied }: SpaceStudy): string[] {
  const columns = [left('agent'), left('parameter'), right('value'), right('regret (%)', 2)];
  const agents = [...new Set(varied.map(({ agent }) => agent))];
  const rows = agents.flatMap((agent) => {
    const own = varied.filter((one) => one.agent === agent);
    const usual = regrets.find((one) => one.agent === agent && one.budget === own[0]!.budget);
    return [
      ...(usual === undefined ? [] : [[agent, 'defaults', '', regretText(usual)]]),
      ...own.flatMap((one) =>
        Object.entries(one.parameters ?? {}).map(([name, value]) => [
          agent,
          name,
          formatNumber(value),
          regretText(one),
        ]),
      ),
    ];
  });
  return [
    `Sensitivity to parameters on ${space}, ${formatNumber(varied[0]!.budget)} evaluations, one parameter changed at a time:`,
    '',
    formatTable(columns, rows),
  ];
}

/** One row per space, agent, setting and point of a curve. */
export function curvesCsv(studies: readonly SpaceStudy[]): string {
  const rows = studies.flatMap(({ space, regrets, varied }) =>
    [...regrets, ...varied].flatMap(({ agent, budget, parameters = {}, curve }) =>
      curve.map(([evaluations, regret]) => [space, agent, settingOf(parameters), budget, evaluations, regret]),
    ),
  );
  return toCsv(['space', 'agent', 'setting', 'budget', 'evaluations', 'median regret'], rows);
}

/** One row per space, agent, setting and budget. */
export function regretsCsv(studies: readonly SpaceStudy[]): string {
  const rows = studies.flatMap(({ space, regrets, varied }) =>
    [...regrets, ...varied].map(({ agent, budget, parameters = {}, seeds, median, p10, p90, solved }) => [
      space,
      agent,
      settingOf(parameters),
      budget,
      seeds,
      median,
      p10,
      p90,
      solved,
    ]),
  );
  const header = ['space', 'agent', 'setting', 'budget', 'seeds', 'median regret', '10 %', '90 %', 'found the optimum'];
  return toCsv(header, rows);
}

function settingOf(parameters: Readonly<Record<string, number>>): string {
  const entries = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return entries.length === 0 ? 'defaults' : entries.join(' ');
}
