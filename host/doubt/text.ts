/** Intervals in words. */
import { displayUnit, formatNumber, plural } from '../display/format.js';
import type { Format, Validated } from './evidence.js';
import type { TimeInterval } from './interval.js';

export const VALIDATED_TEXT: Readonly<Record<Validated, string>> = {
  together: 'framework and machine together',
  apart: 'framework and machine, each with others',
  machine: 'the machine alone',
  software: 'the framework alone',
  neither: 'neither framework nor machine',
};

export const FORMAT_TEXT: Readonly<Record<Format, string>> = { sixteenBit: '16 bits', narrow: 'fewer than 16 bits' };

const KIND_TEXT = { dense: 'dense models', mixture: 'mixtures' } as const;

const unfitted = (publications: number): string =>
  publications === 0 ? '' : `; ${plural(publications, 'publication')} that nobody fitted`;

/** The interval of a time and what it is taken from; where it was not validated, that. */
export function intervalLines(interval: TimeInterval | undefined): string[] {
  if (interval === undefined) return [];
  const { lowUs, highUs, validated, model, format, steps, sources, publications, largerThanValidated } = interval;
  const { unit, factor } = displayUnit('us', [highUs]);
  const [low, high] = [lowUs, highUs].map((timeUs) => formatNumber(timeUs * factor));
  const from = `${plural(steps, 'measured step')} of ${KIND_TEXT[model]} in ${FORMAT_TEXT[format]}, ${plural(sources, 'source')}`;
  return [
    `90 % interval: ${low} to ${high} ${unit} (${from}${unfitted(publications)})`,
    ...(validated === 'together'
      ? []
      : [`outside of what was validated: measured steps know ${VALIDATED_TEXT[validated]}`]),
    ...(largerThanValidated ? ['outside of what was validated: no measured step had as many NPUs'] : []),
    ...(interval.hasLinearAttention
      ? ['outside of what was validated: no step of a model with linear attention was measured']
      : []),
    ...(interval.hasScans
      ? ['outside of what was validated: few kernels of state-space scans were measured by themselves']
      : []),
  ];
}
