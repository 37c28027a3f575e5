/** An error as the documents of studies tell it: two digits where it is large. */
export const percent = (error: number | undefined): string =>
  error === undefined ? '–' : `${(100 * error).toFixed(Math.abs(error) < 0.0995 ? 1 : 0)} %`;
