import type { GpDiagnostics } from '../numeric/diagnostics/gp-diagnostics.js';

/** What a model and its training data say of each other. Of models that support `diagnostics`. */
export interface ModelDiagnostics extends GpDiagnostics {
  /** In words, where there is no `leaveOneOut`. */
  readonly withoutLeaveOneOut?: string;
  /** Where an input picks one of several outputs: its value at each point. */
  readonly index?: { readonly input: number; readonly values: Float64Array };
}
