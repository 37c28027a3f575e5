/** The designs that no one-stack-at-a-time reasoning finds, with the reasons that their breakdowns give. */
import type { Profile } from '../../psa/space.js';
import { formatEffect } from '../display/format.js';
import { markdownTable } from '../display/markdown.js';
import { RULES } from '../profiles/profiles.js';
import { COMPARED_SPACES, gainOf } from './compare.js';
import { type ChangeEffect, paysOnlyTogether } from './interactions.js';
import { ratio } from './numbers.js';
import type { StudyResult } from './paper.js';
import { caseName, type StudyCase } from './paperCases.js';

/** Designs that are shown, of all profiles together: as many as the paper's, and some more. */
const SHOWN = 10;

function effectRow(effect: ChangeEffect): string[] {
  const { what, from, to, alone, aloneReasons, without, withoutReasons } = effect;
  return [
    `${paysOnlyTogether(effect) ? '**' : ''}${what}${paysOnlyTogether(effect) ? '**' : ''}`,
    from,
    to,
    formatEffect(alone, aloneReasons),
    formatEffect(without, withoutReasons),
  ];
}

/** How strongly a design's changes depend on one another: the loss without those that pay only together. */
function surprise({ best }: StudyResult): number {
  const losses = (best?.effects ?? [])
    .filter(paysOnlyTogether)
    .map(({ without }) => Math.log(Math.min(without ?? 10, 10)));
  return losses.reduce((sum, loss) => sum + loss, 0);
}

/** Changes that make no difference are left out. */
function matters({ alone, without }: ChangeEffect): boolean {
  return alone === undefined || without === undefined || Math.abs(without - 1) > 1e-3;
}

/** The command that shows a design of the full stack. */
function simulateCommand({ model, system, set }: StudyCase, profile: Profile, ordinal: bigint): string {
  const overrides = set.map((assignment) => ` --set ${assignment}`).join('');
  return `cosmic simulate ${COMPARED_SPACES.full} --system ${system} --model ${model}${RULES[profile].option}${overrides} --ordinal ${ordinal}`;
}

function designSection(result: StudyResult, place: number): string {
  const { case: of, profile, comparison, best } = result;
  const effects = best!.effects.filter(matters);
  const singles = (['workload', 'collective', 'network'] as const).map(
    (s) => `${ratio(gainOf(comparison, s))} over ${s} only`,
  );
  return [
    `### ${place + 1}. ${caseName(of)} on ${of.system}, ${comparison.objective.label}, ${profile} profile`,
    '',
    `${singles.join(', ')}. In full:`,
    '',
    `\`\`\`sh\n${simulateCommand(of, profile, best!.winner.ordinal)}\n\`\`\``,
    '',
    markdownTable(
      ['change', 'default', 'best', 'default with this change alone', 'best without it'],
      effects.map(effectRow),
    ),
    '',
    best!.explanation.sentences.filter((sentence) => !sentence.startsWith('Taking back')).join('\n\n'),
  ].join('\n');
}

/** Of each profile as many. */
export function nonObviousSection(all: readonly StudyResult[], profiles: readonly Profile[]): string {
  const results = all.filter(({ best }) => best?.effects.some(paysOnlyTogether));
  const shown = profiles.flatMap((profile) =>
    results
      .filter((result) => result.profile === profile)
      .sort((a, b) => surprise(b) - surprise(a))
      .slice(0, Math.ceil(SHOWN / profiles.length)),
  );
  const counts = profiles.map(
    (name) => `${results.filter(({ profile }) => profile === name).length} in the ${name} profile`,
  );
  return [
    '## Designs that are not obvious',
    '',
    `Of the designs found, ${results.length} (${counts.join(', ')}) have at least one change that a search of its stack alone would reject:`,
    'made alone, from the default, it is worse, without effect or infeasible; and yet the best design is worse or infeasible without',
    `it. Such changes are bold. The ${shown.length} designs that depend on them most, each checked by changing one parameter at a time`,
    '(relative to the default, and relative to the best; smaller is better, parameters that a constraint ties together change',
    'together; changes without any effect are left out):',
    '',
    shown.map(designSection).join('\n\n'),
  ].join('\n');
}
