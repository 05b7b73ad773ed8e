import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ModelAbout } from './model-entry.js';
import type { ModelDescription, Variable } from './model.js';

class ModelFileDto {
  @ApiProperty({ example: 'example.pkl' })
  name!: string;

  @ApiProperty({ description: 'Size in bytes.', example: 993965 })
  bytes!: number;

  @ApiPropertyOptional({ description: 'SHA-256 of the file, hexadecimal.' })
  sha256?: string;
}

class VariableDto implements Variable {
  @ApiProperty({ example: 'x1' })
  name!: string;

  @ApiProperty({
    enum: ['real', 'index'],
    description: '`index`: a whole number from `lower` to `upper` that picks one of several outputs.',
  })
  kind!: 'real' | 'index';

  @ApiPropertyOptional({ description: 'Unit, where it is known.' })
  unit?: string;

  @ApiPropertyOptional()
  lower?: number;

  @ApiPropertyOptional()
  upper?: number;

  @ApiPropertyOptional()
  description?: string;
}

export class ModelSummaryDto {
  @ApiProperty({ example: 'example' })
  name!: string;

  @ApiProperty({ example: '1' })
  version!: string;

  @ApiProperty({
    enum: ['ready', 'unloaded', 'failed'],
    description: '`unloaded`: the model is loaded when first asked for.',
  })
  state!: 'ready' | 'unloaded' | 'failed';

  @ApiPropertyOptional({ type: [String], description: 'Aliases that mean this version.' })
  aliases?: string[];

  @ApiPropertyOptional({ description: 'Whether it is in memory at present; otherwise it comes on demand.' })
  loaded?: boolean;

  @ApiPropertyOptional({ description: 'One line, from `model.json`.' })
  title?: string;

  @ApiPropertyOptional({
    description: 'Why a changed file of this version was not taken: the version stays as it was.',
  })
  refused?: string;

  @ApiPropertyOptional({ description: 'Why the file could not be loaded.' })
  reason?: string;

  @ApiPropertyOptional({ description: 'Model type.', example: 'gpr' })
  type?: string;

  @ApiProperty({ type: ModelFileDto })
  file!: ModelFileDto;
}

/** A summary as a plain object. */
export type ModelSummary = Readonly<ModelSummaryDto>;

export class ModelListDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The model that `/predict` means.',
    example: 'example',
  })
  default!: string | null;

  @ApiProperty({ type: [ModelSummaryDto] })
  models!: ModelSummaryDto[];
}

export class VersionListDto {
  @ApiProperty({ example: 'example' })
  name!: string;

  @ApiProperty({ description: 'The version that requests mean which name none.', example: '1' })
  default!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { production: '1' },
  })
  aliases!: Readonly<Record<string, string>>;

  @ApiProperty({ type: [ModelSummaryDto] })
  versions!: ModelSummaryDto[];
}

export class ModelDetailDto extends ModelSummaryDto {
  @ApiProperty({ type: [String], description: 'All versions, greatest first.', example: ['1'] })
  versions!: string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'Title, description, provenance and default options, from `model.json`.',
  })
  about?: ModelAbout;

  @ApiPropertyOptional({
    description: 'Predictions of its own that the model reproduced when it was loaded.',
  })
  checks?: number;

  @ApiPropertyOptional({ description: 'File format.', example: 'GPy pickle (protocol 4)' })
  format?: string;

  @ApiPropertyOptional({ type: [VariableDto], description: 'Inputs, in the order of the columns.' })
  inputs?: readonly Variable[];

  @ApiPropertyOptional({ type: [VariableDto] })
  outputs?: readonly Variable[];

  @ApiPropertyOptional({
    type: [String],
    description: 'What the model can do beside predicting the mean.',
  })
  supports?: readonly string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'Facts of the model type. For `gpr`: `kernel` (a tree of type, dims, params), `noise`, `trainingPoints`, `inducingPoints`, `domain` (`inputs`: for each, in their order, `min` and `max` of its training points, or of the inducing points of a sparse model, and the smallest `lengthscale` of its stationary kernels), `mean`, `normaliser`, `posterior`, `warnings`.',
  })
  description?: ModelDescription;
}
