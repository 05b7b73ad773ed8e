"""2^(1-nu) / Gamma(nu) t^nu K_nu(t) and its derivative by t, divided by t, to 40 digits by mpmath (pip install mpmath)."""
import json
import os

import mpmath as mp

mp.mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
ORDERS = [0.01, 0.1, 0.3, 0.49, 0.5, 0.51, 0.7, 0.999999, 1, 1.3, 1.5, 1.7, 2, 2.25, 2.5, 3.5, 4.9, 7, 11.4, 25.5, 60.2, 150, 500]
ARGUMENTS = [1e-8, 1e-4, 0.01, 0.1, 0.5, 1, 1.5, 1.999, 2, 2.001, 2.5, 4, 8, 15, 40, 120, 400]

rows = []
for nu in map(mp.mpf, ORDERS):
    for t in map(mp.mpf, ARGUMENTS):
        front = mp.power(2, 1 - nu) * mp.rgamma(nu)
        value = front * t ** nu * mp.besselk(nu, t)
        slope = -front * t ** (nu - 1) * mp.besselk(nu - 1, t)
        rows.append([float(nu), float(t), float(value), float(slope)])
with open(os.path.join(HERE, 'matern.fixture.json'), 'w') as file:
    file.write('[\n' + ',\n'.join('  ' + json.dumps(row) for row in rows) + '\n]\n')
