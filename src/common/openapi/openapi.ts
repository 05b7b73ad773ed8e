import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../version.js';

const DESCRIPTION = `Trained numerical models behind an HTTP API.

Send rows of inputs, get the mean and the variance of the model's prediction: see \`POST /predict\`.
Which models there are, and what their inputs are called, tells \`GET /models\`.

Every error is \`application/problem+json\` (RFC 9457) with a stable \`code\`; wrong inputs are listed one by one in \`errors\`.
Every answer carries an \`X-Request-Id\`, the caller's own where one was sent.`;

/** Serves Swagger UI at /docs and the document at /openapi.json. */
export function setUpOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Kriged API',
    swaggerOptions: { tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
  });
}

function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Kriged')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('predict', 'Rows of inputs in, mean and variance out')
    .addTag('train', 'Data in, a new version of a model out')
    .addTag('models', 'What is served')
    .addTag('diagnostics', 'How far a model can be trusted')
    .addTag('repository', 'New versions, aliases, rollback')
    .addTag('jobs', 'Work that outlives a request')
    .addTag('health', 'For whoever runs the server')
    .build();
  return SwaggerModule.createDocument(app, config);
}
