// A small API as the tests with real servers need it: node:http and jsonwebtoken.
//
//	app.js PORT     serves until it is killed; logs on standard output
//	app.js tokens   prints a token for each way to be refused, as a JSON object

const http = require('node:http');
const jwt = require('jsonwebtoken');

const key = 'k'.repeat(32);
const keys = { current: key };
const revoked = new Set(['left']);

function tokens() {
  const sign = (change = {}, { algorithm = 'HS256', keyid = 'current', secret = key } = {}) =>
    jwt.sign({ sub: 'alice', iss: 'shop', aud: 'orders', exp: now + 3600, scope: 'orders:read', ...change }, secret, { algorithm, keyid });
  const now = Math.floor(Date.now() / 1000);
  const good = sign();
  return {
    good,
    expired: sign({ exp: now - 3600 }),
    signature: sign({}, { secret: 'z'.repeat(32) }),
    audience: sign({ aud: 'billing' }),
    issuer: sign({ iss: 'market' }),
    'not-yet': sign({ nbf: now + 1800 }),
    algorithm: sign({}, { algorithm: 'HS512' }),
    unsigned: jwt.sign({ sub: 'alice', exp: now + 3600 }, '', { algorithm: 'none', keyid: 'current' }),
    'unknown-key': sign({}, { keyid: 'retired' }),
    unreachable: sign({}, { keyid: 'remote' }),
    'cut-off': good.slice(0, good.indexOf('.') + 1),
    malformed: 'not-a-token',
    revoked: sign({ jti: 'left' }),
    scope: sign({ scope: 'invoices:read' }),
  };
}

function check(authorization, done) {
  const [scheme, token] = (authorization ?? '').split(' ');
  if (scheme && scheme.toLowerCase() !== 'bearer') {
    return done(new Error(`unsupported authorization scheme ${scheme}`));
  }
  const find = ({ kid }, found) => {
    if (kid === 'remote') { // of a key server that is down
      http.get('http://127.0.0.1:1/jwks').on('error', found);
    } else if (keys[kid]) {
      found(null, keys[kid]);
    } else {
      found(new Error(`no key with kid ${kid}`));
    }
  };
  jwt.verify(token, find, { algorithms: ['HS256'], audience: 'orders', issuer: 'shop' }, (err, claims) => {
    if (!err && revoked.has(claims.jti)) {
      err = Object.assign(new Error('token was revoked'), { name: 'UnauthorizedError' });
    } else if (!err && !claims.scope.split(' ').includes('orders:read')) {
      err = Object.assign(new Error('insufficient scope, orders:read is needed'), { name: 'ForbiddenError', status: 403 });
    }
    done(err);
  });
}

function serve(req, res) {
  const style = req.url.split('/')[1];
  check(req.headers.authorization, (err) => {
    const status = err ? err.status ?? 401 : 200;
    res.writeHead(status, status === 401 ? { 'WWW-Authenticate': 'Bearer realm="shop"' } : {});
    res.end();
    const time = new Date().toISOString();
    const at = { method: req.method, url: req.url, remoteAddress: req.socket.remoteAddress };
    if (style === 'json') {
      console.log(JSON.stringify({ time, level: err ? 'warn' : 'info', msg: 'request', ...at, status: res.statusCode, err: err && { name: err.name, message: err.message } }));
    } else if (err) {
      console.log(`${time} WARN ${at.method} ${at.url} from ${at.remoteAddress} ${status} ${err.name}: ${err.message}`);
    } else {
      console.log(`${time} INFO ${at.method} ${at.url} from ${at.remoteAddress} 200`);
    }
  });
}

if (process.argv[2] === 'tokens') {
  console.log(JSON.stringify(tokens()));
} else {
  http.createServer(serve).listen(Number(process.argv[2]), '127.0.0.1');
}
