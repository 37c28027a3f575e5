/** Which spaces a validation of backends compiles: all that presets make together, and each way in which kernels differ. */
import { FEATURES } from '../../kernels/decode/features.js';
import { PARAMETERS } from '../../psa/parameters.js';
import { listPresets } from '../../psa/presets.js';

/** A preset space on a preset system with a preset model. */
export interface Combination {
  readonly space: string;
  readonly system: string;
  readonly model: string;
  /** Parameters that are held over the whole space, as `--set` takes them. */
  readonly held: readonly string[];
  /** Is it swept too, with kernels that leave out the outputs that no goal asks for? */
  readonly swept: boolean;
}

/** The presets to combine; all of them unless given. */
export interface Presets {
  readonly spaces?: readonly string[];
  readonly systems?: readonly string[];
  readonly models?: readonly string[];
}

/** The preset that opens every parameter, and the one of COSMIC's own. */
const OPEN_SPACE = 'cosmic-extended';
const NARROW_SPACE = 'cosmic-full';

/** Parameters held at values, and whether kernels are compiled without something for it. */
interface Holding {
  readonly settings: readonly string[];
  readonly without: boolean;
}

/** Each choice for the whole design at each of its values; but the orders of the axes, which no kernel is compiled for. */
function choices(): Holding[] {
  const held = PARAMETERS.filter(
    ({ categories, perDimension, changes }) => categories !== undefined && !perDimension && changes !== 'layout',
  );
  return held.flatMap(({ name, categories }) =>
    [...categories!.keys()].map((word) => ({ settings: [`${name}=${word}`], without: false })),
  );
}

/** What is held, one at a time: each choice, and each feature given to all designs or to none. */
function holdings(): Holding[] {
  const features = FEATURES.flatMap(({ parameters, on, off }) =>
    [on, off].map((value) => ({ settings: parameters.map((name) => `${name}=${value}`), without: value === off })),
  );
  // A feature of one choice is held once.
  return [...new Map([...choices(), ...features].map((one) => [one.settings.join(), one])).values()];
}

/**
 * Every space with every system and with every model, systems and models in turns, one of each space swept too; then one thing
 * held at a time, on systems and models in turns: a feature that no design has where all else is open, anything else where little
 * is. So each feature stands alone, and is the only one that lacks.
 */
export function combinationsOf(presets: Presets): Combination[] {
  const { spaces = listPresets('spaces'), systems = listPresets('systems'), models = listPresets('models') } = presets;
  const turns = Array.from({ length: Math.max(systems.length, models.length) }, (_, turn) => turn);
  const all = spaces.flatMap((space, s) =>
    turns.map((turn) => ({
      space,
      // Spaces begin with another system each, so that a model meets several.
      system: systems[(turn + s) % systems.length]!,
      model: models[turn % models.length]!,
      held: [],
      swept: turn === s % turns.length,
    })),
  );
  if (!spaces.includes(OPEN_SPACE)) return all;
  const held = holdings().map(({ settings, without }, i) => ({
    space: without ? OPEN_SPACE : NARROW_SPACE,
    system: systems[i % systems.length]!,
    model: models[i % models.length]!,
    held: settings,
    swept: false,
  }));
  return [...all, ...held];
}
