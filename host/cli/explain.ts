import { Command } from 'commander';
import { type Explanation, explainDesign } from '../report/explanation.js';
import { addDesignOptions, type ChosenDesign, chooseDesign, type DesignOptions } from './chosenDesign.js';
import { displayUnit, formatNumber } from './format.js';
import { operationLines } from './operationReport.js';
import { addJsonOption, type JsonOption } from './options.js';
import { designJson } from './reportJson.js';
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
    model: space.workload.name,
    ordinal: ordinal?.toString() ?? null,
    ...explanation,
    ...designJson(space, evaluated),
  };
}

function explanationLines({ space, ordinal }: ChosenDesign, explanation: Explanation): string[] {
  const { sentences, takenBack, reliefs, tables } = explanation;
  const design = ordinal === undefined ? 'the default design' : `design ${ordinal} of ${space.name}`;
  return [
    `${space.workload.name} on ${space.systemName}: ${design}`,
    '',
    ...sentences.flatMap((sentence) => [sentence, '']),
    ...(takenBack.length === 0
      ? []
      : ['Each change against the default, taken back alone:', '', changeTable(takenBack), '']),
    'What more of one resource would bring:',
    '',
    reliefTable(reliefs),
    '',
    ...operationLines(tables),
  ];
}

function changeTable(rows: Explanation['takenBack']): string {
  return formatTable(
    [left('taken back'), left('to the default'), right('objective of the design'), left('infeasible because')],
    rows.map(({ what, to, ratio, reasons }) => [
      what,
      to,
      ratio === undefined ? 'infeasible' : `${ratio.toFixed(3)}×`,
      reasons.join('; '),
    ]),
  );
}

function reliefTable(rows: Explanation['reliefs']): string {
  const { unit, factor } = displayUnit('us', [Math.max(...rows.map(({ doubledUs }) => doubledUs))]);
  return formatTable(
    [left('resource'), right(`step time with twice as much (${unit})`), right(`a thousand times as much (${unit})`)],
    rows.map(({ resource, doubledUs, unlimitedUs }) => [
      resource,
      formatNumber(doubledUs * factor),
      formatNumber(unlimitedUs * factor),
    ]),
  );
}
