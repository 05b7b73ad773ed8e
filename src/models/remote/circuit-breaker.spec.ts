import { expect, it } from 'vitest';
import { ExternalModelUnavailableError } from '../external-errors.js';
import { CircuitBreaker, type Outcome } from './circuit-breaker.js';

function breaker(): { circuit: CircuitBreaker; clock: { now: number }; call: (outcome: Outcome) => void } {
  const clock = { now: 0 };
  const circuit = new CircuitBreaker(3, 1000, () => clock.now);
  return { circuit, clock, call: (outcome) => circuit.enter()(outcome) };
}

it('opens after failures in a row, and says when to come again', () => {
  const { circuit, clock, call } = breaker();
  for (const outcome of ['failed', 'failed', 'answered', 'failed', 'failed', 'unknown'] as const)
    call(outcome);
  expect(circuit.state).toBe('closed');
  call('failed');
  expect(circuit.state).toBe('open');
  clock.now = 100;
  expect(() => circuit.enter()).toThrow(ExternalModelUnavailableError);
  expect(() => circuit.enter()).toThrow(expect.objectContaining({ retryAfterSeconds: 1 }));
});

it('lets one call through when it has been open for long enough, and closes when that is answered', () => {
  const { circuit, clock, call } = breaker();
  for (let i = 0; i < 3; i++) call('failed');
  clock.now = 1000;
  expect(circuit.state).toBe('half-open');
  const report = circuit.enter();
  expect(() => circuit.enter()).toThrow(ExternalModelUnavailableError);
  report('answered');
  expect(circuit.state).toBe('closed');
  call('failed');
  expect(circuit.state).toBe('closed');
});

it('opens again when that call fails, and lets another through when nobody waited for it', () => {
  const { circuit, clock, call } = breaker();
  for (let i = 0; i < 3; i++) call('failed');
  clock.now = 1000;
  call('unknown');
  call('failed');
  expect(circuit.state).toBe('open');
  clock.now = 1999;
  expect(circuit.state).toBe('open');
  clock.now = 2000;
  expect(circuit.state).toBe('half-open');
});

it('is not kept open by calls that began before it opened', () => {
  const { circuit, clock, call } = breaker();
  const late = circuit.enter();
  for (let i = 0; i < 3; i++) call('failed');
  clock.now = 999;
  late('failed');
  clock.now = 1000;
  expect(circuit.state).toBe('half-open');
});
