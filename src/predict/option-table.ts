/** What an option is, in OpenAPI's words, and how its text in a query is read. */
interface OptionEntry {
  readonly kind: 'flag' | 'number' | 'numbers' | 'word';
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

const FLAG = { kind: 'flag', schema: { type: 'boolean' } } as const;

/** Every option of a prediction, once: the DTO, the query parameters and their documentation are made of it. */
export const OPTIONS = {
  meanOnly: {
    ...FLAG,
    description: 'Return the mean alone. The variance is then not computed, which is faster.',
  },
  latentVariance: {
    ...FLAG,
    description: 'Also return `latentVariance`: the variance without observation noise.',
  },
  quantiles: {
    kind: 'numbers',
    schema: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 100 },
      minItems: 1,
      maxItems: 100,
    },
    description: 'Also return these quantiles of the observed output, in percent, such as 2.5 and 97.5.',
  },
  credibleInterval: {
    kind: 'number',
    schema: { type: 'number', minimum: 0, maximum: 100 },
    description:
      'Also return the central credible interval of the observed output that holds this many percent, such as 95.',
  },
  gradients: {
    ...FLAG,
    description:
      'Also return `meanGradient` and, where the model has one, `varianceGradient` (of the latent variance): one number an input, in units of the output (squared, for the variance) per unit of the input.',
  },
  covariance: {
    ...FLAG,
    description: 'Also return the N x N covariance between all N rows, observation noise on the diagonal.',
  },
  samples: {
    kind: 'number',
    schema: { type: 'integer', minimum: 1, maximum: 10_000 },
    description: 'Also return this many joint draws from the posterior of the latent function over all rows.',
  },
  seed: {
    kind: 'number',
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    description: 'Seed of the draws (0 where it is left out): the same seed gives the same draws.',
  },
  sampleNoise: { ...FLAG, description: 'Add observation noise to the draws.' },
  trust: {
    ...FLAG,
    description:
      'Also return how far the answer can be trusted: `domain` (inside the training data and the stated bounds or not, and how far from the nearest training point), `relativeVariance`, and `model`, the version that answered. Models that do not know their training data tell what they can.',
  },
  domain: {
    kind: 'word',
    schema: { type: 'string', enum: ['ignore', 'strict'] },
    description:
      '`strict`: refuse all rows (422, OUTSIDE_DOMAIN) if one lies outside the range of the training data or the stated bounds of an input. `ignore` (the default): extrapolation is no error.',
  },
  squeeze: {
    ...FLAG,
    description:
      'How one row is answered in JSON: with numbers (true, the default) or with arrays of length one, as several rows are (false).',
  },
} as const satisfies Record<string, OptionEntry>;

export type OptionName = keyof typeof OPTIONS;

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** For `@ApiPropertyOptional`. */
export function optionProperty(name: OptionName): object {
  const { schema, description }: OptionEntry = OPTIONS[name];
  return { ...schema, description };
}
