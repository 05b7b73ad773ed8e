/** A function along a ray: its value and its slope at a step. */
export interface StepValue {
  readonly value: number;
  readonly slope: number;
}

/** Sufficient decrease, curvature, and the relative width of an interval that is not worth dividing: as in L-BFGS-B. */
const DECREASE = 1e-3;
const CURVATURE = 0.9;
const WIDTH = 0.1;
/** How far beyond the best step so far a trial may go while no minimum is bracketed. */
const EXPAND_LOW = 1.1;
const EXPAND_HIGH = 4;
/** An interval shrinks to this part of itself in two trials, or is halved. */
const SHRINK = 0.66;
/** Where a step has no finite value, the next one is this part of the way. */
const RETREAT = 0.25;

interface Point extends StepValue {
  readonly step: number;
}

/**
 * A step in (0, longest] that satisfies the strong Wolfe conditions f(step) <= f(0) + 1e-3 step f'(0) and |f'(step)| <=
 * 0.9 |f'(0)|, the longest one where f still falls there, or the best found; undefined where no step tried is lower than
 * the start. `evaluate` may return what is not finite: then the step was too long.
 *
 * More & Thuente (1994), "Line Search Algorithms with Guaranteed Sufficient Decrease", ACM TOMS 20(3), 286-307: the
 * auxiliary function psi until it has a step with psi <= 0 and a positive slope, then f itself; trial steps of section 4.
 */
export function searchLine(
  start: StepValue,
  first: number,
  longest: number,
  evaluate: (step: number) => StepValue,
  mostTrials = 10,
): Point | undefined {
  const threshold = DECREASE * start.slope;
  let best: Point = { step: 0, ...start };
  let other: Point = best;
  let bracketed = false;
  let usePsi = true;
  let limit = longest;
  let width = longest;
  let widthBefore = 2 * longest;
  let step = Math.min(first, longest);
  let low = 0;
  let high = step + EXPAND_HIGH * step;
  let lowest = best;
  for (let trial = 0; trial < mostTrials && step > 0; trial += 1) {
    const found = evaluate(step);
    if (!Number.isFinite(found.value) || !Number.isFinite(found.slope)) {
      limit = step;
      step = best.step + (step - best.step) * RETREAT;
      high = Math.min(high, limit);
      low = Math.min(low, step);
      continue;
    }
    const at: Point = { step, ...found };
    if (at.value < lowest.value) lowest = at;
    const enough = start.value + step * threshold;
    if (at.value <= enough && Math.abs(at.slope) <= -CURVATURE * start.slope) return at;
    if (step >= limit && at.value <= enough && at.slope <= threshold) return at;
    if (usePsi && at.value <= enough && at.slope >= 0) usePsi = false;
    const shift = usePsi && at.value <= best.value && at.value > enough ? threshold : 0;
    const [b, o, t] = [best, other, at].map((point) => shifted(point, shift));
    const next = trialStep(b, o, t, bracketed);
    if (t.value > b.value) {
      other = at;
    } else {
      if (t.slope * b.slope < 0) other = best;
      best = at;
    }
    if (next.bracketed) {
      step = next.step;
      if (Math.abs(other.step - best.step) >= SHRINK * widthBefore) step = (best.step + other.step) / 2;
      widthBefore = width;
      width = Math.abs(other.step - best.step);
      low = Math.min(best.step, other.step);
      high = Math.max(best.step, other.step);
      if (!(step > low && step < high) || width <= WIDTH * high) break;
    } else {
      step = Math.max(low, Math.min(high, next.step));
      low = step + EXPAND_LOW * (step - best.step);
      high = step + EXPAND_HIGH * (step - best.step);
    }
    ({ bracketed } = next);
    step = Math.min(limit, step);
    if (step === at.step) break;
  }
  return lowest.step > 0 && lowest.value < start.value ? lowest : undefined;
}

/** The point as f(step) - slope step has it. */
function shifted(point: Point, slope: number): Point {
  return slope === 0
    ? point
    : { step: point.step, value: point.value - slope * point.step, slope: point.slope - slope };
}

/** The four cases of section 4: the next step from the best one, the other end of the interval, and the last trial. */
function trialStep(
  best: Point,
  other: Point,
  at: Point,
  bracketed: boolean,
): { step: number; bracketed: boolean } {
  if (at.value > best.value) {
    const cubic = cubicMinimum(best, at);
    const quadratic =
      best.step +
      ((best.slope / ((best.value - at.value) / (at.step - best.step) + best.slope)) *
        (at.step - best.step)) /
        2;
    const closer = Math.abs(cubic - best.step) < Math.abs(quadratic - best.step);
    return { step: closer ? cubic : cubic + (quadratic - cubic) / 2, bracketed: true };
  }
  const secant = at.step + (at.slope / (at.slope - best.slope)) * (best.step - at.step);
  if (at.slope * best.slope < 0) {
    const cubic = cubicMinimum(best, at);
    const further = Math.abs(cubic - at.step) > Math.abs(secant - at.step);
    return { step: further ? cubic : secant, bracketed: true };
  }
  if (Math.abs(at.slope) < Math.abs(best.slope)) {
    // The cubic counts only where it rises beyond the trial, on the far side of it.
    const cubic = cubicMinimum(best, at);
    const beyond = Number.isFinite(cubic) && (cubic - at.step) * (at.step - best.step) > 0;
    if (bracketed) {
      const closer = beyond && Math.abs(cubic - at.step) < Math.abs(secant - at.step) ? cubic : secant;
      const bound = at.step + SHRINK * (other.step - at.step);
      return { step: at.step > best.step ? Math.min(bound, closer) : Math.max(bound, closer), bracketed };
    }
    const further = beyond && Math.abs(cubic - at.step) > Math.abs(secant - at.step) ? cubic : secant;
    return { step: beyond ? further : at.step > best.step ? Infinity : 0, bracketed };
  }
  if (bracketed) return { step: cubicMinimum(at, other), bracketed };
  return { step: at.step > best.step ? Infinity : 0, bracketed };
}

/** The minimum of the cubic with the values and slopes at both points; NaN where it has none. */
function cubicMinimum(a: Point, b: Point): number {
  const h = b.step - a.step;
  const theta = (3 * (a.value - b.value)) / h + a.slope + b.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const root = (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale);
  const gamma = Math.sign(h) * scale * Math.sqrt(Math.max(0, root));
  return a.step + (h * (gamma - a.slope + theta)) / (2 * gamma - a.slope + b.slope);
}
