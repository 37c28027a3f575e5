/** Numbers as the documents of studies tell them. */

/** Of an error two digits where it is large. */
export const percent = (error: number | undefined): string =>
  error === undefined ? '–' : `${(100 * error).toFixed(Math.abs(error) < 0.0995 ? 1 : 0)} %`;

/** `1.50×`, or a dash. */
export function ratio(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(2)}×`;
}
