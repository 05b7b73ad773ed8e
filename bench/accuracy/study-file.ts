/** What study.py writes. A reference is two doubles, high and low part. */
export interface StudyFile {
  readonly values: readonly KernelValues[];
  readonly cases: readonly StudyCase[];
  /** With 300 training points, without gradients. */
  readonly many: readonly StudyCase[];
}

export type Reference = readonly (readonly [number, number])[];

export const QUANTITIES = ['mean', 'variance', 'meanGradient', 'varianceGradient'] as const;
export type Quantity = (typeof QUANTITIES)[number];
export type Answers = { readonly [Q in Quantity]?: readonly number[] };

export interface KernelValues {
  readonly kernel: string;
  readonly spec: object;
  readonly X: readonly number[][];
  readonly Z: readonly number[][];
  readonly reference: Reference;
  /** sqrt(k(x,x) k(z,z)) */
  readonly scale: readonly number[];
  readonly gpy: readonly number[];
  readonly sklearn: readonly number[] | null;
}

export interface StudyCase {
  readonly kernel: string;
  readonly cond: number;
  readonly reachedCond: number;
  readonly spec: object;
  readonly X: readonly number[][];
  readonly y: readonly number[];
  readonly noise: number;
  readonly Xs: readonly number[][];
  readonly reference: Readonly<Record<'mean' | 'variance', Reference>> & {
    readonly [Q in Quantity]?: Reference;
  };
  readonly gpy: Answers;
  /** GPy could not factor the matrix as it was and added to its diagonal. */
  readonly gpyJitter: boolean;
  readonly gpyPosterior: { readonly L: readonly number[]; readonly alpha: readonly number[] };
  /** Null: it has no such kernel. */
  readonly sklearn: Answers | 'fails' | null;
}
