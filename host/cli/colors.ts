import pc from 'picocolors';

/** Colours are for terminals: not for pipes and files, not even where a CI system says that its logs can show them. */
export function colorsOn({ isTTY }: { readonly isTTY?: boolean }, { NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv) {
  return pc.createColors(!NO_COLOR && (Boolean(FORCE_COLOR) || isTTY === true));
}

/** Of what goes to stdout, and of what goes to stderr. */
export const colors = colorsOn(process.stdout, process.env);
export const errorColors = colorsOn(process.stderr, process.env);
