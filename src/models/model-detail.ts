import type { ModelEntry } from './model-entry.js';
import type { ModelRegistry } from './model-registry.js';
import type { ModelDetailDto, ModelSummary } from './models.dto.js';

/** A version as lists show it. */
export function summarise(entry: ModelEntry, registry: ModelRegistry): ModelSummary {
  const { name, version, state, file } = entry;
  const aliases = [...registry.aliases(name)].filter(([, target]) => target === version);
  return {
    name,
    version,
    state,
    ...(aliases.length > 0 && { aliases: aliases.map(([alias]) => alias).sort() }),
    ...(entry.state === 'ready' && {
      type: entry.type,
      loaded: entry.model.isLoaded,
      ...(entry.about.title !== undefined && { title: entry.about.title }),
      ...(entry.refused !== undefined && { refused: entry.refused }),
    }),
    ...(entry.state === 'failed' && { reason: entry.reason }),
    file,
  };
}

/** Everything that is known of a version. */
export function detail(entry: ModelEntry, registry: ModelRegistry): ModelDetailDto {
  const versions = registry.versions(entry.name).map(({ version }) => version);
  const summary = { ...summarise(entry, registry), versions };
  if (entry.state !== 'ready') return summary;
  const { format, inputs, outputs, checks, about } = entry;
  // A model that lives elsewhere knows more as time goes by.
  const { current } = entry.model;
  return {
    ...summary,
    ...(Object.keys(about).length > 0 && { about }),
    format,
    checks,
    inputs,
    outputs,
    supports: current?.supportedMethods ?? entry.supports,
    description: current?.describe() ?? entry.description,
  };
}
