import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

class ResidualDto {
  @ApiProperty({ description: 'Row of the training data, or of the test set, counted from 0.' })
  row!: number;

  @ApiProperty()
  observed!: number;

  @ApiProperty()
  predicted!: number;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: '(observed - predicted) / standard deviation; null where the model leaves no deviation.',
  })
  standardised?: number | null;
}
export type Residual = Readonly<ResidualDto>;

class StandardisedDto {
  @ApiProperty({ type: Number, nullable: true })
  mean!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  deviation!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  skewness!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  excessKurtosis!: number | null;
}

class OutputScoresDto {
  @ApiProperty({ example: 'y', description: 'Of a model whose input picks an output: `y (x3 = 0)`.' })
  output!: string;

  @ApiProperty()
  rows!: number;

  @ApiProperty({ type: Number, nullable: true, description: "In the output's own unit." })
  rmse!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: "Mean absolute error, in the output's own unit.",
  })
  mae!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      '1 - squared errors / squares about the observed mean: 1 is perfect, 0 is as good as that mean. Null where all observed values are equal.',
  })
  q2!: number | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: 'Mean negative log predictive density, in nats.',
  })
  nlpd?: number | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: 'Mean standardised log loss: `nlpd` minus that of the observed mean and variance.',
  })
  msll?: number | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { '50': 0.52, '80': 0.81, '90': 0.9, '95': 0.94 },
    description: 'Share of the rows that lie in their central interval of so many percent.',
  })
  coverage?: Readonly<Record<string, number>>;

  @ApiPropertyOptional({ type: StandardisedDto, description: 'Moments of the standardised residuals.' })
  standardised?: StandardisedDto;

  @ApiProperty({ type: [ResidualDto], description: 'The largest residuals, largest first.' })
  largestResiduals!: readonly ResidualDto[];
}
export type OutputScores = Readonly<OutputScoresDto>;

class WarningDto {
  @ApiProperty({ example: 'LENGTHSCALE_LONG' })
  code!: string;

  @ApiProperty({
    enum: ['note', 'warning'],
    description: '`note`: good to know; `warning`: something is likely wrong.',
  })
  severity!: 'note' | 'warning';

  @ApiProperty({
    example: 'The lengthscale of x2 is 11 times its range: the output barely depends on it.',
  })
  message!: string;

  @ApiPropertyOptional({ description: 'The input that it is about.' })
  input?: string;

  @ApiPropertyOptional({ description: 'The output that it is about.' })
  output?: string;

  @ApiPropertyOptional({ type: [Number], description: 'The rows that it is about, counted from 0.' })
  rows?: readonly number[];
}
export type DiagnosticsWarning = Readonly<WarningDto>;

class LeaveOneOutDto {
  @ApiProperty()
  assumes!: string;

  @ApiProperty({ type: [OutputScoresDto] })
  outputs!: readonly OutputScores[];
}

class InputDto {
  @ApiProperty({ example: 'x1' })
  name!: string;

  @ApiProperty({ description: 'Least value of the training (or inducing) points.' })
  min!: number;

  @ApiProperty()
  max!: number;

  @ApiPropertyOptional({ description: 'The smallest of the stationary kernels on this input.' })
  lengthscale?: number;

  @ApiPropertyOptional()
  lengthscaleToRange?: number;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { y: 0.42 },
    description:
      'By output: deviation of the mean while this input runs over its range, relative to its deviation over the training points. About 0: the input does nothing.',
  })
  effect?: Readonly<Record<string, number>>;
}

export class DiagnosticsDto {
  @ApiProperty({ description: 'How many training points (or inducing points) the model has.' })
  points!: number;

  @ApiProperty({ enum: ['training', 'inducing'] })
  pointsAre!: 'training' | 'inducing';

  @ApiPropertyOptional({ type: LeaveOneOutDto })
  leaveOneOut?: LeaveOneOutDto;

  @ApiPropertyOptional({ description: 'Why there is no `leaveOneOut`.' })
  withoutLeaveOneOut?: string;

  @ApiPropertyOptional({
    description: 'In nats, of the outputs as the model sees them: normalised, where it normalises.',
  })
  logMarginalLikelihood?: number;

  @ApiPropertyOptional({
    description: 'Estimate, in the 1-norm, of the covariance matrix of the training outputs.',
  })
  conditionNumber?: number;

  @ApiPropertyOptional({
    description: 'Noise variance (all that is not the function: noise, nugget) over the prior variance.',
  })
  noiseToSignal?: number;

  @ApiProperty({ type: [InputDto] })
  inputs!: readonly InputDto[];

  @ApiProperty({ type: [WarningDto], description: 'Warnings first, then notes.' })
  warnings!: readonly DiagnosticsWarning[];
}
/** What is known of how far a model can be trusted, as JSON. */
export type Diagnostics = Readonly<DiagnosticsDto>;

class DiagnosedModelDto {
  @ApiProperty({ example: 'example' })
  name!: string;

  @ApiProperty({ example: '1' })
  version!: string;

  @ApiProperty({ description: "SHA-256 of the model's file, hexadecimal." })
  sha256!: string;

  @ApiProperty({ example: 'gpr' })
  type!: string;
}

export class ModelDiagnosticsDto extends DiagnosticsDto {
  @ApiProperty({ type: DiagnosedModelDto })
  model!: DiagnosedModelDto;
}

export class HoldOutDto {
  @ApiProperty({ type: DiagnosedModelDto })
  model!: DiagnosedModelDto;

  @ApiProperty({ description: 'Rows of the test set.' })
  rows!: number;

  @ApiProperty({ type: [OutputScoresDto] })
  outputs!: readonly OutputScores[];

  @ApiProperty({ type: [WarningDto] })
  warnings!: readonly DiagnosticsWarning[];
}
/** Scores on data that the model has not seen. */
export type HoldOut = Readonly<HoldOutDto>;
