import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

class InputIssueDto {
  @ApiProperty({ description: 'Where: `x1`, `[3].x2`, `inputs[2][0]`, `options.samples`.', example: 'x1' })
  path!: string;

  @ApiProperty({ description: 'What came.', example: 'the string "abc"' })
  received!: string;

  @ApiProperty({ description: 'What was expected.', example: 'a number' })
  expected!: string;

  @ApiProperty({ description: 'Both in one sentence.' })
  message!: string;

  @ApiPropertyOptional({ description: 'Line of a CSV body, from 1.' })
  line?: number;
}

/** How every error is answered (RFC 9457, application/problem+json). */
export class ProblemDto {
  @ApiProperty({ example: 'about:blank' })
  type!: string;

  @ApiProperty({ example: 'Bad Request' })
  title!: string;

  @ApiProperty({ example: 400 })
  status!: number;

  @ApiProperty({ description: 'What is wrong, in words.' })
  detail!: string;

  @ApiProperty({ description: 'The path of the request.', example: '/predict' })
  instance!: string;

  @ApiProperty({ description: 'Stable code of the kind of error.', example: 'INVALID_INPUT' })
  code!: string;

  @ApiProperty({ description: 'The same text as `detail`, for clients of the original Flask service.' })
  error!: string;

  @ApiPropertyOptional({ description: 'Id of the request, as in the X-Request-Id header and the log.' })
  requestId?: string;

  @ApiPropertyOptional({ type: [InputIssueDto], description: 'Each wrong field, up to 20 of them.' })
  errors?: InputIssueDto[];

  @ApiPropertyOptional({
    description: 'How many fields are wrong, those that `errors` leaves out included.',
    example: 1,
  })
  errorCount?: number;
}
