/**
 * Nest + Express with a JSON body and a constant answer: what the framework alone costs.
 * PORT, PROCESSES (a cluster, as Kriged's). Decorators are called by hand, since Node's type stripping leaves out `@`.
 */
import 'reflect-metadata';
import cluster from 'node:cluster';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class EmptyController {
  predict(_body: unknown): object {
    return { mean: -0.45444342723931186, variance: 0.000003873636885032283 };
  }
}
const route = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'predict') as PropertyDescriptor;
Controller()(EmptyController);
Post('predict')(EmptyController.prototype, 'predict', route);
HttpCode(200)(EmptyController.prototype, 'predict', route);
Body()(EmptyController.prototype, 'predict', 0);

// oxlint-disable-next-line typescript/no-extraneous-class -- a Nest module is one
class EmptyModule {}
Module({ controllers: [EmptyController] })(EmptyModule);

const processes = Number(process.env['PROCESSES'] ?? '1');
if (cluster.isPrimary && processes > 1) {
  for (let i = 0; i < processes; i += 1) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
    process.exit();
  });
} else {
  const app = await NestFactory.create(EmptyModule, { logger: false });
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
}
