import { Command } from 'commander';
import { OUTPUT } from '../../kernels/outputs.js';
import { designRow, spaceNames } from '../designs/designRow.js';
import { displayUnit, formatNumber, formatRatio, plural } from '../display/format.js';
import { titleOf } from '../display/title.js';
import { isNoticeable, isUseful } from '../report/ablation.js';
import { type Explanation, explainDesign } from '../report/explanation.js';
import { addDesignOptions, type ChosenDesign, chooseDesign, type DesignOptions } from './chosenDesign.js';
import { type Fits, fitLines, fitsJson, fitsOf } from './fitText.js';
import { memoryLines } from './memoryText.js';
import { operationLines } from './operationText.js';
import { addJsonOption, type JsonOption } from './options.js';
import { print } from './output.js';
import { formatTable, left, right } from './table.js';
import { lineWidth, wrapWords } from './terminal.js';

interface ExplainOptions extends DesignOptions, JsonOption {
  readonly operations?: boolean;
}

const EXAMPLE = `
Examples:
  cosmic explain runs/start-cosmic-full-0                  the best design of a run
  cosmic explain runs/start-cosmic-full-0 --rank 2 --operations
  cosmic explain cosmic-full --ordinal 123456789 --json`;

export function explainCommand(): Command {
  const command = new Command('explain').description(
    'Tell in words and numbers why a design is good, what bounds it, and what the next bottleneck is.',
  );
  addJsonOption(addDesignOptions(command)).option('--operations', 'list every operation and collective of a step too');
  return command.addHelpText('after', EXAMPLE).action(async (name: string | undefined, options: ExplainOptions) => {
    const chosen = await chooseDesign(name, options);
    const { space, evaluated, objective, baseline } = chosen;
    const explanation = explainDesign(space, evaluated, objective, baseline);
    const fits = await fitsOf(chosen);
    print(
      options.json,
      () => explanationJson(chosen, explanation, fits),
      () => explanationLines(chosen, explanation, fits, options.operations === true),
    );
  });
}

function explanationJson(chosen: ChosenDesign, explanation: Explanation, fits: Fits) {
  const { space, evaluated, ordinal } = chosen;
  return {
    ...spaceNames(space),
    ordinal: ordinal?.toString() ?? null,
    ...explanation,
    nearestFits: fitsJson(chosen, fits),
    ...designRow(space, evaluated),
  };
}

function explanationLines(
  chosen: ChosenDesign,
  explanation: Explanation,
  fits: Fits,
  withOperations: boolean,
): string[] {
  const { space, ordinal, evaluated } = chosen;
  const { sentences, takenBack, reliefs, tables } = explanation;
  const design = ordinal === undefined ? 'the default design' : `design ${ordinal} of ${space.name}`;
  return [
    `${titleOf(space)}: ${design}`,
    '',
    ...sentences.flatMap((sentence) => [...wrapWords(sentence, Math.min(PARAGRAPH, lineWidth())), '']),
    ...changeLines(takenBack),
    ...reliefLines(reliefs, evaluated.outputs[OUTPUT.timeUs]!),
    ...memoryLines(space, evaluated.design),
    ...(fits === undefined ? [] : [...fitLines(chosen, fits), '']),
    ...(withOperations ? operationLines(tables) : ['--operations lists every operation and collective of a step.']),
  ];
}

/** Paragraphs are easier to read on shorter lines than a wide terminal has. */
const PARAGRAPH = 110;

function changeLines(takenBack: Explanation['takenBack']): string[] {
  const noticeable = takenBack.filter(isNoticeable);
  const others = takenBack.length - noticeable.length;
  if (takenBack.length === 0) return [];
  const table = formatTable(
    [left('taken back'), left('from'), left('to the default'), right('objective', 3), left('infeasible because', 2)],
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
