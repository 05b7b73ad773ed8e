import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Matrix } from '../numeric/linalg/matrix.js';
import type { ModelIdentity } from './model-identity.js';
import type { ValidatedRows } from './predict.service.js';
import { countOutside } from './trust.js';

class ModelIdentityDto implements ModelIdentity {
  @ApiProperty({ example: 'example' })
  name!: string;

  @ApiProperty({ example: '1' })
  version!: string;

  @ApiProperty({ description: "SHA-256 of the model's file, hexadecimal." })
  sha256!: string;

  @ApiProperty({ example: 'gpr' })
  type!: string;
}

class InputDomainDto {
  @ApiProperty({ example: 'x1' })
  name!: string;

  @ApiPropertyOptional({ description: 'Least value of the training data (or inducing points).' })
  min?: number;

  @ApiPropertyOptional({ description: 'Greatest value of the training data (or inducing points).' })
  max?: number;

  @ApiPropertyOptional({ description: 'Stated bound of the input.' })
  lower?: number;

  @ApiPropertyOptional({ description: 'Stated bound of the input.' })
  upper?: number;

  @ApiProperty({ description: 'Rows whose value lies outside either.' })
  rowsOutside!: number;
}

class RowsDomainDto {
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether all rows are inside; null where no range of any input is known.',
  })
  inside!: boolean | null;

  @ApiProperty({ description: 'Rows with a value outside.' })
  rowsOutside!: number;

  @ApiProperty({ type: [InputDomainDto], description: 'In the order of the inputs.' })
  inputs!: InputDomainDto[];
}

export class ValidationDto {
  @ApiProperty({ enum: [true] })
  valid!: true;

  @ApiProperty({ description: 'How many rows were sent.' })
  rows!: number;

  @ApiProperty({ type: ModelIdentityDto })
  model!: ModelIdentityDto;

  @ApiProperty({ type: RowsDomainDto })
  domain!: RowsDomainDto;
}

/** What a valid request is answered with. */
export type Validation = Readonly<ValidationDto>;

export function validationOf(
  { rows }: Matrix,
  model: ModelIdentity,
  { domain, outside }: ValidatedRows,
): Validation {
  const rowsOutside = outside ? countOutside(outside) : 0;
  return {
    valid: true,
    rows,
    model,
    domain: {
      inside: outside ? rowsOutside === 0 : null,
      rowsOutside,
      inputs: domain.limits.map(({ name, training, bounds }, q) => ({
        name,
        ...(training && { min: training.min, max: training.max }),
        ...bounds,
        rowsOutside: outside ? countOutside(outside, q) : 0,
      })),
    },
  };
}
