/**
 * The YAML library, loaded where a file is parsed: presets that the build has prepared need none of it. The bundler builds in what is
 * required as it does what is imported.
 */
import { once } from './once.js';

export const yaml = once((): typeof import('yaml') => require('yaml'));
