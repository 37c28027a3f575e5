import type { DesignEntry } from '../../psa/ordinals.js';
import { findParameter, type ParameterName } from '../../psa/parameters.js';
import { numberOf, scalarOf } from '../../psa/specs.js';
import { plural } from '../display/format.js';
import { formatParameter, parameterHeading } from '../display/parameters.js';
import { formatTable, left, right } from './table.js';

/** What anybody asks first of a job, also where it is as usual. */
const ASKED: ReadonlySet<string> = new Set<ParameterName>([
  'workload.microBatch',
  'workload.batch',
  'workload.weightSharding',
  'workload.precision',
]);

/** Does it have the value that it has where nobody says one? */
function isUsual({ parameter: name, value, open }: DesignEntry): boolean {
  const parameter = findParameter(name)!;
  const { neutral } = parameter;
  return (
    !open &&
    !ASKED.has(name) &&
    typeof neutral === 'object' &&
    scalarOf(parameter, numberOf(parameter, neutral.value)) === value
  );
}

/**
 * Parameters of a design: those with one value, then those with a value per network dimension as columns. Those that are as usual are
 * counted.
 */
export function parameterTables(entries: readonly DesignEntry[]): string {
  const said = new Set(entries.filter((entry) => !isUsual(entry)).map(({ parameter }) => parameter));
  const shown = entries.filter(({ parameter }) => said.has(parameter));
  const single = shown.filter(({ dimension }) => dimension === undefined);
  const perDimension = shown.filter(({ dimension }) => dimension !== undefined);
  const others = new Set(entries.map(({ parameter }) => parameter)).size - said.size;
  const tables = [];
  if (single.length > 0) {
    const rows = single.map((entry) => [parameterHeading(entry), formatParameter(entry.value)]);
    tables.push(formatTable([left('parameter'), right('value')], rows));
  }
  if (perDimension.length > 0) tables.push(dimensionTable(perDimension));
  if (others > 0) tables.push(`${plural(others, 'other')} with the usual values; --json has all`);
  return tables.join('\n\n');
}

function dimensionTable(entries: readonly DesignEntry[]): string {
  const dimensions = [...new Set(entries.map(({ dimension }) => dimension!))].sort();
  const names = [...new Set(entries.map(({ parameter }) => parameter))];
  const rows = names.map((name) => {
    const own = entries.filter(({ parameter }) => parameter === name);
    const cells = dimensions.map((dimension) => own.find((entry) => entry.dimension === dimension));
    return [
      parameterHeading({ ...own[0]!, dimension: undefined }),
      ...cells.map((entry) => (entry === undefined ? '' : formatParameter(entry.value))),
    ];
  });
  const columns = dimensions.map((dimension) => right(`dimension ${dimension}`));
  return formatTable([left('parameter per network dimension'), ...columns], rows);
}
