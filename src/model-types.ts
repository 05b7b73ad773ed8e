import { ExpressionModule } from './models/expression/expression.module.js';
import { GprModule } from './models/gpr/gpr.module.js';
import { OnnxModule } from './models/onnx/onnx.module.js';
import { ProcessModule } from './models/process/process.module.js';
import { RemoteModule } from './models/remote/remote.module.js';

/** Every type of model: adding one is a folder and a line here. The first that recognises a file loads it. */
export const MODEL_TYPES = [
  ExpressionModule,
  OnnxModule,
  ProcessModule,
  RemoteModule,
  // After the types that a file names itself: GPy's JSON does not say what it is.
  GprModule,
];
