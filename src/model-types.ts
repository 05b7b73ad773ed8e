import { GprModule } from './models/gpr/gpr.module.js';

/** Every type of model: adding one is a folder and a line here. */
export const MODEL_TYPES = [GprModule];
