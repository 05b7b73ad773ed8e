import { describeLinearAlgebra } from './linear-algebra.contract.js';
import { TypeScriptLinearAlgebra } from './typescript-linear-algebra.js';

describeLinearAlgebra('TypeScript', () => new TypeScriptLinearAlgebra());
