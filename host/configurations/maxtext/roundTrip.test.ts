import { testRoundTrip } from '../../../test/roundTrip.js';
import { frameworkOf } from '../frameworks.js';

testRoundTrip(frameworkOf('maxtext'));
