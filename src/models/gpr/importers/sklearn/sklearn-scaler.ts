import { ModelFileError } from '../../../model-errors.js';
import { NdArray } from '../pickle/numpy-array.js';
import { booleanOf, numberOf } from '../pickle/pickle-access.js';
import { PickleInstance, type PickleValue } from '../pickle/pickle-values.js';
import type { Affine } from './affine.js';

/** More columns than any model has: an array this long is not read. */
const MAX_COLUMNS = 100_000;

const KNOWN = 'StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler';

/** What a fitted scaler does to its columns; undefined where it leaves them as they are. */
type ScalerReader = (scaler: PickleInstance) => Affine | undefined;

const READERS: ReadonlyMap<string, ScalerReader> = new Map<string, ScalerReader>([
  ['StandardScaler', (scaler) => centred(scaler, ['with_mean', 'mean_'], ['with_std', 'scale_'])],
  ['RobustScaler', (scaler) => centred(scaler, ['with_centering', 'center_'], ['with_scaling', 'scale_'])],
  [
    'MaxAbsScaler',
    (scaler) => {
      refuseClipping(scaler);
      const scale = numbers(scaler, 'scale_');
      return { offset: scale.map(() => 0), scale };
    },
  ],
  [
    'MinMaxScaler',
    (scaler) => {
      refuseClipping(scaler);
      const factor = numbers(scaler, 'scale_');
      const min = numbers(scaler, 'min_');
      return { offset: min.map((value, q) => -value / factor[q]), scale: factor.map((value) => 1 / value) };
    },
  ],
  ['FunctionTransformer', identity],
]);

/**
 * The affine map of a scaler that was fitted. Throws ModelFileError for every other transformer, and for a scaler that is
 * not affine or was not fitted.
 */
export function readScaler(step: PickleValue | undefined): Affine | undefined {
  if (step === 'passthrough' || step === null || step === undefined) return undefined;
  const className = step instanceof PickleInstance ? step.class_.name : '';
  const read = READERS.get(className);
  if (!(step instanceof PickleInstance) || !read) {
    throw new ModelFileError(
      `The pipeline's step ${className || 'without a known class'} is not supported: only steps that move and scale each input are (${KNOWN}).`,
    );
  }
  return read(step);
}

/** (x - centre) / scale, each half of which may be switched off. */
function centred(
  scaler: PickleInstance,
  [withCentre, centreName]: readonly [string, string],
  [withScale, scaleName]: readonly [string, string],
): Affine | undefined {
  const centre = isOn(scaler, withCentre) ? numbers(scaler, centreName) : undefined;
  const scale = isOn(scaler, withScale) ? numbers(scaler, scaleName) : undefined;
  const some = centre ?? scale;
  if (!some) return undefined;
  return { offset: centre ?? some.map(() => 0), scale: scale ?? some.map(() => 1) };
}

function isOn(scaler: PickleInstance, name: string): boolean {
  const value = scaler.attribute(name);
  return value === undefined || booleanOf(value, `${scaler.class_.name}.${name}`);
}

function refuseClipping(scaler: PickleInstance): void {
  if (scaler.attribute('clip') !== true) return;
  throw new ModelFileError(`A ${scaler.class_.name} with clip=True is not supported: it is no affine map.`);
}

function identity(transformer: PickleInstance): undefined {
  const plain = ['func', 'inverse_func'].every((name) => (transformer.attribute(name) ?? null) === null);
  if (plain) return undefined;
  throw new ModelFileError(
    'A FunctionTransformer is not supported: its function is code, which a file must not bring. Transform the inputs before the request.',
  );
}

function numbers(scaler: PickleInstance, name: string): number[] {
  const { class_ } = scaler;
  const value = scaler.attribute(name);
  if (value === undefined || value === null)
    throw new ModelFileError(`The ${class_.name} has no ${name}: it was not fitted.`);
  const values =
    value instanceof NdArray
      ? [...value.toFloat64(8 * MAX_COLUMNS)]
      : [numberOf(value, `${class_.name}.${name}`)];
  if (values.every(Number.isFinite) && !(name === 'scale_' && values.includes(0))) return values;
  throw new ModelFileError(
    `The ${class_.name}'s ${name} holds a number that is not finite, or 0 to divide by.`,
  );
}
