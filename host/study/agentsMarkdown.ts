import { formatNumber } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import type { Optimum } from './optimum.js';
import { type Regret, regretText } from './regret.js';
import { STUDY_SPACES } from './spaces.js';
import type { SpaceStudy } from './study.js';

export interface AgentsDocument {
  readonly studies: readonly SpaceStudy[];
  /** Label and unit of what was minimised. */
  readonly objective: string;
  readonly unit: string;
  readonly seeds: number;
  /** Name of the picture of the curves, beside the document. */
  readonly curves: string;
  /** The command that wrote it, and the commit of its sources. */
  readonly command: string;
  readonly commit: string;
}

/** The study of the agents as a Markdown document. */
export function agentsMarkdown(document: AgentsDocument): string {
  const { studies, objective, seeds, curves, command, commit } = document;
  const parts = [
    '# How good the search agents are',
    `Written by \`${command}\` of commit ${commit}.`,
    `Regret is how far a search ends from the certified optimum of its space, in percent of it; all designs of small spaces were
evaluated to be certain of it, that of the others is [proved](proof.md). What is minimised is ${objective}. Shown are the median of ${seeds} seeds, in brackets the 10th and
the 90th percentile, and how many of the searches found the optimum itself. Budgets of one agent are separate searches: some
agents pace themselves by theirs.`,
    `![Median regret over evaluations](${curves})`,
    ...studies.map((study) => spaceSection(study, document)),
    ...studies.filter(({ varied }) => varied.length > 0).map(sensitivitySection),
  ];
  return `${parts.join('\n\n')}\n`;
}

function spaceSection({ space, optimum, regrets }: SpaceStudy, { unit }: AgentsDocument): string {
  const budgets = [...new Set(regrets.map(({ budget }) => budget))];
  const agents = [...new Set(regrets.map(({ agent }) => agent))];
  const rows = agents.map((agent) => [
    `\`${agent}\``,
    ...budgets.map((budget) => cell(regrets.find((one) => one.agent === agent && one.budget === budget))),
  ]);
  const { preset, set } = STUDY_SPACES.find(({ name }) => name === space) ?? { preset: space, set: [] };
  const feasible = optimum.feasible === undefined ? '' : `, ${formatNumber(BigInt(optimum.feasible))} of them feasible`;
  const cut = set.length === 0 ? '' : `, with ${set.map((assignment) => `\`${assignment}\``).join(', ')}`;
  return [
    `## ${space}`,
    `\`${preset}\`${cut}: ${formatNumber(BigInt(optimum.designs))} designs${feasible}. ${certainty(optimum)} has
${formatNumber(optimum.value, 6)} ${unit} (ordinal ${optimum.ordinal}).`,
    markdownTable(['agent', ...budgets.map((budget) => `${formatNumber(budget)} evaluations`)], rows),
  ].join('\n\n');
}

/** How it is known that no design is better. */
function certainty({ feasible }: Optimum): string {
  return feasible === undefined
    ? 'It is proved that none of them is better than the best, so a regret is the gap to the optimum of them all; it'
    : 'All were evaluated; the best';
}

function sensitivitySection({ space, regrets, varied }: SpaceStudy): string {
  const { budget } = varied[0]!;
  const rows = [...new Set(varied.map(({ agent }) => agent))].flatMap((agent) => [
    [`\`${agent}\``, 'defaults', '', cell(regrets.find((one) => one.agent === agent && one.budget === budget))],
    ...varied
      .filter((one) => one.agent === agent)
      .map((one) => {
        const [[name, value] = ['', 0]] = Object.entries(one.parameters ?? {});
        return [`\`${agent}\``, `\`${name}\``, String(value), cell(one)];
      }),
  ]);
  return [
    '## What the parameters do',
    `Regret on ${space} with ${formatNumber(budget)} evaluations, one parameter changed at a time: how much luck there is in choosing them
(the "hyper-parameter lottery" of ArchGym, ISCA 2023).`,
    markdownTable(['agent', 'parameter', 'value', 'regret (%)'], rows),
  ].join('\n\n');
}

function cell(regret: Regret | undefined): string {
  return regret === undefined ? '–' : regretText(regret);
}
