/** Modules of layers that Megatron-Core names in a list: each is a parameter of ours, on or off. */
import type { DesignValues } from '../export/designValues.js';
import type { Assignments, Target } from './row.js';

export class ModuleList<Switch extends Extract<Target, `workload.${string}`>> {
  /** Their names. */
  readonly names: readonly string[];
  /** All of them off. */
  readonly none: Assignments;

  /** @param targets those that have a name, and others */
  constructor(
    private readonly byName: Readonly<Record<string, Switch>>,
    readonly targets: readonly Switch[],
  ) {
    this.names = Object.keys(byName);
    this.none = Object.fromEntries(targets.map((target) => [target, 'off']));
  }

  /** What a list of names sets; others are passed over. */
  read(names: readonly string[]): Assignments {
    const on = names.flatMap((name) => (Object.hasOwn(this.byName, name) ? [this.byName[name]!] : []));
    return { ...this.none, ...Object.fromEntries(on.map((target) => [target, 'on'])) };
  }

  /** The list of a design, without modules that its model does not have. */
  written(values: DesignValues, missing: readonly string[]): string[] {
    return this.names.filter((name) => !missing.includes(name) && values.text(this.byName[name]!) === 'on');
  }

  /** The first that is on and that a framework has no words for. */
  firstOn(values: DesignValues, expressible: readonly Target[] = []): Switch | undefined {
    return this.targets.find((target) => values.text(target) === 'on' && !expressible.includes(target));
  }
}
