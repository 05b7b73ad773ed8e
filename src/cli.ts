#!/usr/bin/env node
import { requireNode } from './common/require-node.js';

requireNode();
await import('./cli/main.js');
