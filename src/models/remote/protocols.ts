import { kriged } from './kriged.protocol.js';
import { openInference } from './open-inference.protocol.js';
import type { RemoteProtocol } from './remote-protocol.js';
import type { RemoteSpec } from './remote-spec.js';
import { umBridge } from './um-bridge.protocol.js';

export const PROTOCOLS: Readonly<Record<RemoteSpec['protocol'], RemoteProtocol>> = {
  kriged,
  'open-inference': openInference,
  'um-bridge': umBridge,
};
