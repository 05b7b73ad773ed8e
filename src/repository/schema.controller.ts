import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import schema from './manifest.schema.json' with { type: 'json' };

/** For editors, which then complete and check a `model.json`. */
@ApiTags('repository')
@Controller('schemas')
export class SchemaController {
  @Get('model.schema.json')
  @Header('Content-Type', 'application/schema+json')
  @ApiProduces('application/schema+json')
  @ApiOperation({ summary: 'JSON Schema of `model.json`' })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  show(): object {
    return schema;
  }
}
