import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { sendAnswer } from '../http/answer.js';
import { problemAnswer } from './problem.js';
import { knownProblem, UNEXPECTED } from './problem-facts.js';

/** Where a failure becomes an answer. What nobody expected is logged whole and told as a bare 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request & { id?: string }>();
    const response = http.getResponse<Response>();
    if (request.socket.destroyed || response.destroyed) return;

    const known = knownProblem(error, request);
    if (known === undefined) this.logger.error(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    void sendAnswer(response, problemAnswer(known ?? UNEXPECTED, request.path, request.id));
  }
}
