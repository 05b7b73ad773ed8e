import { Global, Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module.js';
import { FastPath } from './fast-path.js';

@Global()
@Module({ imports: [LoggingModule], providers: [FastPath], exports: [FastPath] })
export class HttpModule {}
