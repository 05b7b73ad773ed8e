import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { ModelLoader } from './model-loader.js';

/** Makes models of files: for the repository, and for whoever has one file. */
@Module({ imports: [ModelsModule], providers: [ModelLoader], exports: [ModelLoader] })
export class LoaderModule {}
