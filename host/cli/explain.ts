import { Command } from 'commander';
import { OUTPUT } from '../../kernels/outputs.js';
import { designRow } from '../designs/designRow.js';
import { titleOf } from '../designs/designs.js';
import { displayUnit, formatNumber, formatRatio, plural } from '../display/format.js';
import { isNoticeable, isUseful } from '../report/ablation.js';
import { type Explanation, explainDesign } from '../report/explanation.js';
import { addDesignOptions, type ChosenDesign, chooseDesign, type DesignOptions } from './chosenDesign.js';
import { operationLines } from './operationText.js';
import { addJsonOption, type JsonOption } from './options.js';
import { formatTable, left, right } from './table.js';

type ExplainOptions = DesignOptions & JsonOption;

const EXAMPLE = `
Examples:
  cosmic explain runs/start-cosmic-full-0                  the best design of a run
  cosmic explain runs/start-cosmic-full-0 --rank 2
  cosmic explain cosmic-full --ordinal 123456789 --json`;

export function explainCommand(): Command {
  const command = new Command('explain').description(
    'Tell in words and numbers why a design is good, what bounds it, and what the next bottleneck is.',
  );
  addJsonOption(addDesignOptions(command));
  return command.addHelpText('after', EXAMPLE).action((name: string | undefined, options: ExplainOptions) => {
    const chosen = chooseDesign(name, options);
    const { space, evaluated, objective, baseline } = chosen;
    const explanation = explainDesign(space, evaluated, objective, baseline);
    const text =
      options.json === true
        ? JSON.stringify(explanationJson(chosen, explanation), null, 2)
        : explanationLines(chosen, explanation).join('\n');
    process.stdout.write(`${text}\n`);
  });
}

function explanationJson({ space, evaluated, ordinal }: ChosenDesign, explanation: Explanation) {
  return {
    space: space.name,
    system: space.systemName,
    npus: space.npus,
    overrides: space.overrides,
    model: space.workload.name,
    ordinal: ordinal?.toString() ?? null,
    ...explanation,
    ...designRow(space, evaluated),
  };
}

function explanationLines({ space, ordinal, evaluated }: ChosenDesign, explanation: Explanation): string[] {
  const { sentences, takenBack, reliefs, tables } = explanation;
  const design = ordinal === undefined ? 'the default design' : `design ${ordinal} of ${space.name}`;
  return [
    `${titleOf(space)}: ${design}`,
    '',
    ...sentences.flatMap((sentence) => [wrapped(sentence), '']),
    ...changeLines(takenBack),
    ...reliefLines(reliefs, evaluated.outputs[OUTPUT.timeUs]!),
    ...operationLines(tables),
  ];
}

/** Words of a paragraph on lines of at most so many characters. */
const LINE = 110;

function wrapped(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

function changeLines(takenBack: Explanation['takenBack']): string[] {
  const noticeable = takenBack.filter(isNoticeable);
  const others = takenBack.length - noticeable.length;
  if (takenBack.length === 0) return [];
  const table = formatTable(
    [left('taken back'), right('from'), right('to the default'), right('objective'), left('infeasible because')],
    noticeable.map(({ what, stack, from, to, ratio, reasons }) => [
      what,
      stack ? '' : from,
      stack ? '' : to,
      ratio === undefined ? 'infeasible' : `${ratio.toFixed(3)}×`,
      reasons.join('; '),
    ]),
  );
  return [
    'Each change against the default, taken back alone:',
    '',
    ...(noticeable.length === 0 ? [] : [table]),
    ...(others === 0 ? [] : [`${plural(others, noticeable.length === 0 ? 'change' : 'more change')} of no effect`]),
    '',
  ];
}

function reliefLines(reliefs: Explanation['reliefs'], timeUs: number): string[] {
  const useful = reliefs.filter((relief) => isUseful(relief, timeUs));
  if (useful.length === 0) return ['More of any one resource would bring next to nothing.', ''];
  const { unit, factor } = displayUnit('us', [timeUs]);
  const time = (us: number) => [formatNumber(us * factor), formatRatio(timeUs, us)];
  const others = reliefs.length - useful.length;
  return [
    'What a better resource would bring (more of it; of a latency, less):',
    '',
    formatTable(
      [
        left('resource'),
        right(`twice as good (${unit})`),
        right('faster'),
        right(`1,000 times as good (${unit})`),
        right('faster'),
      ],
      useful.map(({ resource, doubledUs, unlimitedUs }) => [resource, ...time(doubledUs), ...time(unlimitedUs)]),
    ),
    ...(others === 0 ? [] : [`${plural(others, 'other')} would bring next to nothing`]),
    '',
  ];
}
