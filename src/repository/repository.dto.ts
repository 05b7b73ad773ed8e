import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { JsonSchema } from '../common/schema/json-schema.js';

export class UploadDto {
  @ApiProperty({ type: 'string', format: 'binary', description: 'The model file.' })
  file!: unknown;

  @ApiPropertyOptional({
    description: 'A `model.json`: title, description, names, units and bounds of inputs and outputs, checks.',
  })
  manifest?: string;

  @ApiPropertyOptional({ description: "The new version's name; by default the next number.", example: '2' })
  version?: string;

  @ApiPropertyOptional({ description: 'An alias to move to the new version.', example: 'production' })
  alias?: string;
}

export class AliasTargetDto {
  @ApiProperty({ description: 'A version, an alias, or `sha256:` and a digest.', example: '2' })
  version!: string;
}

export class RollbackDto {
  @ApiPropertyOptional({ description: 'The alias to move back.', default: 'production' })
  alias?: string;
}

export class AliasDto {
  @ApiProperty({ example: 'production' })
  alias!: string;

  @ApiProperty({ example: '2' })
  version!: string;

  @ApiProperty({ type: [String], description: 'What the alias meant before, latest first.', example: ['1'] })
  previous!: readonly string[];
}

const TEXT = { type: 'string', minLength: 1, maxLength: 128 };

export const ALIAS_TARGET = new JsonSchema<AliasTargetDto>({
  type: 'object',
  additionalProperties: false,
  required: ['version'],
  properties: { version: TEXT },
});

export const ROLLBACK = new JsonSchema<RollbackDto>({
  type: 'object',
  additionalProperties: false,
  properties: { alias: TEXT },
});
