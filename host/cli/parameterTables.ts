import type { DesignEntry } from '../../psa/ordinals.js';
import { formatParameter, parameterHeading } from '../display/parameters.js';
import { formatTable, left, right } from './table.js';

/** Parameters of a design: those with one value, then those with a value per network dimension as columns. */
export function parameterTables(entries: readonly DesignEntry[]): string {
  const single = entries.filter(({ dimension }) => dimension === undefined);
  const perDimension = entries.filter(({ dimension }) => dimension !== undefined);
  const tables = [];
  if (single.length > 0) {
    const rows = single.map((entry) => [parameterHeading(entry), formatParameter(entry.value)]);
    tables.push(formatTable([left('parameter'), right('value')], rows));
  }
  if (perDimension.length > 0) tables.push(dimensionTable(perDimension));
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
