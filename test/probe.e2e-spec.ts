import { it } from 'vitest';
import { useApp, EXAMPLE, golden } from './support/test-app.js';
const app = useApp({ 'example.pkl': EXAMPLE, 'icm.pkl': golden('gpy/icm.pkl'), 'het.pkl': golden('gpy/heteroscedastic.pkl'), 'mixed.json': golden('gpy-json/mixed-noise.json'), 'p3.pkl': golden('gpy/three-outputs.pkl'),'bad.pkl':'garbage' }, { DEFAULT_MODEL: 'example' });
it('probes', async () => {
  const r = app.request;
  const show = (n: string, x: any) => console.log(n, x.status, ['x-request-id','allow','content-type','content-length','access-control-allow-origin','access-control-allow-methods','location'].map(k=>x.headers[k] && `${k.slice(0,9)}=${x.headers[k].slice(0,34)}`).filter(Boolean).join(' '), (x.text ?? '').slice(0, 260));
  show('ex', await r().post('/predict').send({ x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72 }));
  show('models', await r().get('/models'));
  show('icm', await r().get('/models/icm'));
  show('mixed', await r().get('/models/mixed'));
  show('icm idx', await r().post('/models/icm/predict').send([[1, 2, 5]]));
  show('mixed idx', await r().post('/models/mixed/predict').send([[1, 5]]));
  show('mixed idx', await r().post('/models/mixed/predict').send([[1, 0.5]]));
  show('het', await r().post('/models/het/predict').send({ inputs: [[1, 0.5]], options: { samples: 2, sampleNoise: true } }));
  for (const p of ['/nope', '/models/%00', '/models/%ZZ', '/models/a%2Fb', '/models/..%2f..', '//', '/models/x/predict', '/predict/', '/PREDICT', '/docs', '/openapi.json', '/health', '/health/ready','/models/__proto__','/models/constructor/predict', '/predict?x1[a]=1', '/predict?x1=%ZZ','/predict?__proto__=1']) show(p, await r().get(p));
  for (const m of ['put', 'patch', 'delete', 'options', 'head'] as const) { show(m, await (r() as any)[m]('/predict')); show(m, await (r() as any)[m]('/models'));show(m, await (r() as any)[m]('/health/live')); }
  show('post models', await r().post('/models').send({}));
  show('post ct', await r().post('/predict').set('content-type', 'application/json; charset=bogus').send('{}'));
  show('json opts null', await r().post('/predict').send({inputs:[[0.1,.2,.3,.4]],options:{samples:null,quantiles:null,gradients:null,squeeze:null, seed:-0}}));
  show('broken', await r().post('/models/bad/predict').send({}));
});
