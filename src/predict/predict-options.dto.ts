import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  Max,
  Min,
  Validate,
  ValidateIf,
  type ValidatorConstraintInterface,
  ValidatorConstraint,
} from 'class-validator';
import type { PredictOptions } from '../models/prediction.js';

@ValidatorConstraint({ name: 'percent' })
class Percent implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    // A percentage that rounding takes to 0 or 100 has no finite quantile.
    return typeof value === 'number' && value / 100 > 0 && 50 + value / 2 < 100;
  }
}

/** As IsOptional, which lets null pass as well: null is no value of any option. */
const IfGiven = (): PropertyDecorator => ValidateIf((_options, value) => value !== undefined);

const FLAG = { message: 'true or false' };
const PERCENT = 'a number of percent between 0 and 100, both excluded';
const QUANTILES = { message: `a list of 1 to 100 numbers, each ${PERCENT}` };
const SAMPLES = { message: 'a whole number from 1 to 10000' };
const SEED = { message: 'a whole number from 0 to 9007199254740991' };

/**
 * What a request may ask for, in the query (`?gradients=true&quantiles=2.5,97.5`) or in the body's `options`.
 * Each validator's message is the "expected" part of the answer.
 */
export class PredictOptionsDto implements PredictOptions {
  @ApiPropertyOptional({
    description: 'Return the mean alone. The variance is then not computed, which is faster.',
  })
  @IfGiven()
  @IsBoolean(FLAG)
  meanOnly?: boolean;

  @ApiPropertyOptional({
    description: 'Also return `latentVariance`: the variance without observation noise.',
  })
  @IfGiven()
  @IsBoolean(FLAG)
  latentVariance?: boolean;

  @ApiPropertyOptional({
    type: [Number],
    description: 'Also return these quantiles of the observed output, in percent.',
    example: [2.5, 97.5],
  })
  @IfGiven()
  @IsArray(QUANTILES)
  @ArrayMinSize(1, QUANTILES)
  @ArrayMaxSize(100, QUANTILES)
  @Validate(Percent, { each: true, ...QUANTILES })
  quantiles?: number[];

  @ApiPropertyOptional({
    description:
      'Also return the central credible interval of the observed output that holds this many percent.',
    example: 95,
  })
  @IfGiven()
  @Validate(Percent, { message: PERCENT })
  credibleInterval?: number;

  @ApiPropertyOptional({
    description:
      'Also return `meanGradient` and `varianceGradient` (of the latent variance): one number an input, in units of the output (squared, for the variance) per unit of the input.',
  })
  @IfGiven()
  @IsBoolean(FLAG)
  gradients?: boolean;

  @ApiPropertyOptional({
    description: 'Also return the N x N covariance between all N rows, observation noise on the diagonal.',
  })
  @IfGiven()
  @IsBoolean(FLAG)
  covariance?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description: 'Also return this many joint draws from the posterior of the latent function over all rows.',
  })
  @IfGiven()
  @IsInt(SAMPLES)
  @Min(1, SAMPLES)
  @Max(10_000, SAMPLES)
  samples?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Seed of the draws (0 where it is left out): the same seed gives the same draws.',
  })
  @IfGiven()
  @IsNumber({}, SEED)
  @IsInt(SEED)
  @Min(0, SEED)
  @Max(Number.MAX_SAFE_INTEGER, SEED)
  seed?: number;

  @ApiPropertyOptional({ description: 'Add observation noise to the draws.' })
  @IfGiven()
  @IsBoolean(FLAG)
  sampleNoise?: boolean;

  @ApiPropertyOptional({
    description:
      'How one row is answered in JSON: numbers (true, the default) or arrays of length one, as for several rows (false).',
    default: true,
  })
  @IfGiven()
  @IsBoolean(FLAG)
  squeeze?: boolean;
}

/** How the text of each query option is read. */
export const OPTION_KINDS: Readonly<Record<keyof PredictOptionsDto, 'flag' | 'number' | 'numbers'>> = {
  meanOnly: 'flag',
  latentVariance: 'flag',
  quantiles: 'numbers',
  credibleInterval: 'number',
  gradients: 'flag',
  covariance: 'flag',
  samples: 'number',
  seed: 'number',
  sampleNoise: 'flag',
  squeeze: 'flag',
};
