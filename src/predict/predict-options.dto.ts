import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
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
import { type OptionName, optionProperty, OPTIONS } from './option-table.js';

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
export class PredictOptionsDto implements PredictOptions, Partial<Record<OptionName, unknown>> {
  @ApiPropertyOptional(optionProperty('meanOnly'))
  @IfGiven()
  @IsBoolean(FLAG)
  meanOnly?: boolean;

  @ApiPropertyOptional(optionProperty('latentVariance'))
  @IfGiven()
  @IsBoolean(FLAG)
  latentVariance?: boolean;

  @ApiPropertyOptional(optionProperty('quantiles'))
  @IfGiven()
  @IsArray(QUANTILES)
  @ArrayMinSize(1, QUANTILES)
  @ArrayMaxSize(100, QUANTILES)
  @Validate(Percent, { each: true, ...QUANTILES })
  quantiles?: number[];

  @ApiPropertyOptional(optionProperty('credibleInterval'))
  @IfGiven()
  @Validate(Percent, { message: PERCENT })
  credibleInterval?: number;

  @ApiPropertyOptional(optionProperty('gradients'))
  @IfGiven()
  @IsBoolean(FLAG)
  gradients?: boolean;

  @ApiPropertyOptional(optionProperty('covariance'))
  @IfGiven()
  @IsBoolean(FLAG)
  covariance?: boolean;

  @ApiPropertyOptional(optionProperty('samples'))
  @IfGiven()
  @IsInt(SAMPLES)
  @Min(1, SAMPLES)
  @Max(10_000, SAMPLES)
  samples?: number;

  @ApiPropertyOptional(optionProperty('seed'))
  @IfGiven()
  @IsNumber({}, SEED)
  @IsInt(SEED)
  @Min(0, SEED)
  @Max(Number.MAX_SAFE_INTEGER, SEED)
  seed?: number;

  @ApiPropertyOptional(optionProperty('sampleNoise'))
  @IfGiven()
  @IsBoolean(FLAG)
  sampleNoise?: boolean;

  @ApiPropertyOptional(optionProperty('trust'))
  @IfGiven()
  @IsBoolean(FLAG)
  trust?: boolean;

  @ApiPropertyOptional(optionProperty('domain'))
  @IfGiven()
  @IsIn(OPTIONS.domain.schema.enum, { message: 'strict or ignore' })
  domain?: 'ignore' | 'strict';

  @ApiPropertyOptional(optionProperty('squeeze'))
  @IfGiven()
  @IsBoolean(FLAG)
  squeeze?: boolean;
}
