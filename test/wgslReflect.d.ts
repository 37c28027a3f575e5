/** The package's ES module has no declarations of its own; what the tests use of it. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  interface Binding {
    readonly group: number;
    readonly binding: number;
    /** 0: uniform, 1: storage. */
    readonly resourceType: number;
    /** `read`, `read_write`, or empty where the kind of resource leaves no choice. */
    readonly access: string;
  }

  interface Struct {
    readonly name: string;
    /** Bytes. */
    readonly size: number;
    readonly members: readonly { readonly name: string; readonly offset: number }[];
  }

  export class WgslReflect {
    constructor(code: string);
    readonly structs: readonly Struct[];
    /** By group, then by binding; undefined where there is none. */
    getBindGroups(): readonly (readonly (Binding | undefined)[])[];
  }
}
