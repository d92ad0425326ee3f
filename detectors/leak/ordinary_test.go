package leak

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"why401/parsers"
)

var ordinaryMB = flag.Int("ordinary", 12, "megabytes of made-up ordinary logs that TestSilence reads")

// ordinaryLines are what logs hold that have no credential in them. What stands in
// braces is made up anew for each line: {h32} hexadecimal digits, {b24} base64 of so
// many bytes, {u24} the same for URLs, {a20} letters and digits, {l5} small ones,
// {d6} digits, and the others as ordinarySlots has them.
var ordinaryLines = []string{
	// access logs
	`{ip} - - [{clf}] "{method} {path}{query} HTTP/1.1" {status} {d4} "https://shop.example{path}" "{agent}"`,
	`{ip} - {word} [{clf}] "GET {path}{query} HTTP/2.0" 401 {d3} "-" "{agent}" rt=0.0{d2} uct="0.000" rid={h32}`,
	`{ts} {ip} "{method} {path}{query}" {status} {d3}ms traceparent=00-{h32}-{h16}-01`,
	`{"remote_ip":"{ip}","method":"{method}","uri":"{path}{query}","status":{status},"request_id":"{U}","etag":"W/\"{h32}\"","amzn_trace_id":"Root=1-{h8}-{h24}"}`,
	`[{ts}] "GET {path} HTTP/1.1" {status} - 0 {d4} 12 11 "{ip}" "{agent}" "{U}" "api.example:443" "10.0.0.7:8080"`,
	`http {ts} app/front/{h16} {ip}:{d4} 10.0.0.1:80 0.000 0.001 0.000 {status} {status} {d3} {d3} "GET https://shop.example:443{path}{query} HTTP/1.1" "{agent}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-west-1:{d12}:targetgroup/web/{h16} "Root=1-{h8}-{h24}" "-" "arn:aws:acm:eu-west-1:{d12}:certificate/{U}" 1`,
	`{h64} logs-{noun} [{clf}] {ip} arn:aws:iam::{d12}:user/{word} {H16} REST.GET.OBJECT {word}/{h32}/{word}.parquet "GET /{word}/{h32} HTTP/1.1" 200 - {d6} {d6} 30 20 "-" "{agent}" {a32} {b56} SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader s3.example TLSV1.2 - -`,
	`{date} {time} FRA50-C1 {d4} {ip} GET d111111abcdef8.cloudfront.example {path} 200 - {agentplus} v={h32} - Hit {u40}== shop.example https {d3} 0.001 - TLSv1.3 TLS_AES_128_GCM_SHA256 Hit HTTP/2.0`,
	`{ts} {ip} TCP_MISS/200 {d4} CONNECT {word}.example:443 - HIER_DIRECT/198.51.100.7 -`,
	`:authority: api.example :path: {path} x-request-id: {U} x-b3-traceid: {h32} x-envoy-attempt-count: 1`,
	// identifiers, digests, encodings
	`{ts} INFO build {noun}@{h40} image sha256:{h64} layer {h12} pushed`,
	`{ts} INFO Pulled registry.example/{word}/{noun}@sha256:{h64}`,
	`{h64}  dist/{word}-{noun}-{d2}.{d2}.tar.gz`,
	`SHA256 ({noun}.iso) = {h64}`,
	`{h32} *{word}.bin`,
	`    "integrity": "sha512-{b64}",`,
	`{word}@^1.{d2}.0: resolved "https://registry.example/{word}/-/{word}-1.0.tgz#{h40}" integrity sha512-{b64}`,
	`github.com/acme/{noun} v1.{d2}.0 h1:{b32}`,
	`github.com/acme/{word} v0.0.0-20260304050607-{h12}/go.mod h1:{b32}`,
	`    --hash=sha256:{h64} \`,
	`commit {h40} (HEAD -> main, tag: v1.{d2})`,
	`index {h7}..{h7} 100644`,
	`   {h7}..{h7}  main       -> origin/main`,
	`{ts} DEBUG span {h16} trace {h32} parent {h16} baggage={word}={word}`,
	`{ts} INFO event {l8}{d4}{l6} stored under {word}/{l26} (ulid {ulid})`,
	`{ts} INFO message {ulid} acked; ksuid {a27}; cuid c{l24}; nanoid {u16}; objectid {h24}; snowflake {d18}`,
	`<img src="data:image/png;base64,{b180}" alt="{word}">`,
	`{"image":"data:image/jpeg;base64,{b400}","name":"{word}.jpg"}`,
	`{ts} DEBUG body (gzip, base64): H4sIAAAAAAAA{b90}`,
	`{ts} DEBUG frame 0000  {hexrow}`,
	`{"data":"{b120}","attributes":{"contentType":"application/avro"},"messageId":"{d16}","publishTime":"{ts}"}`,
	`{ts} INFO uploaded {word}-{U}.bin md5={h32} crc32c={b4} upload_id={a90} etag="{h32}-12"`,
	`PUT s3://logs-{h8}/AWSLogs/{d12}/elb/2026/03/04/{d12}_{a8}.log.gz versionId={a32} requestId={H16} x-amz-id-2={b56}`,
	`x-amz-cf-id: {u42}==`,
	`x-goog-hash: crc32c={b4},md5={b16}`,
	`cf-ray: {h16}-FRA`,
	`Sec-WebSocket-Key: {b16}`,
	`Sec-WebSocket-Accept: {b20}`,
	`ETag: "{h32}"`, `If-None-Match: W/"{b20}"`,
	`Content-Security-Policy: script-src 'nonce-{b16}' 'sha256-{b32}' https://cdn.example`,
	`Strict-Transport-Security: max-age=31536000`,
	`public-key-pins: pin-sha256="{b32}"; max-age=5184000`,
	`{ts} DEBUG TLS session id {h64}, serial {h32}, fingerprint {colons}`,
	`{ts} INFO loaded certificate CN={word}.example SHA1 Fingerprint={colons} notAfter={ts}`,
	`-----BEGIN CERTIFICATE-----`, `MII{b45}`, `-----END CERTIFICATE-----`, `-----BEGIN PUBLIC KEY-----`,
	`debug1: Server host key: ssh-ed25519 SHA256:{b32}`,
	`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b32} {word}@{word}`,
	`|1|{b20}|{b20} ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB{b60}`,
	`gpg: Signature made {ts} using RSA key {H40}`,
	`DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=sel; bh={b32}; h=From:To; b={b128}`,
	`ARC-Seal: i=1; a=rsa-sha256; d=example.com; s=arc; cv=none; b={b128}`,
	`Message-ID: <{a24}.{d6}@mail.example>`, `Received: from {word}.example ({word}.example [{ip}]) by mx.example with ESMTPS id {a14} for <{email}>`,
	`{"keys":[{"kty":"RSA","kid":"{a27}","use":"sig","alg":"RS256","n":"{u256}","e":"AQAB","x5t":"{u20}"}]}`,
	`{"kid":"{h40}","kty":"EC","crv":"P-256","x":"{u32}","y":"{u32}"}`,
	`{"jsonrpc":"2.0","method":"eth_call","params":[{"to":"0x{h40}","data":"0x{h136}"},"latest"],"id":{d3}}`,
	`{ts} INFO block 0x{h64} imported, state root 0x{h64}`,
	`Txn {h64} signature verified for {a44}`,
	// words about credentials
	`{ts} WARN {talk}`, `{ts} [{word}-{d1}] ERROR c.e.{word}.{Word}Filter - {talk}`, `level=warning ts={ts} caller={word}.go:{d3} msg="{talk}" request_id={U}`,
	`{"level":"error","time":"{ts}","msg":"{talk}","trace_id":"{h32}","user_id":{d5}}`, `{ts} {talk} [{U}]`, `{ts} {talk} (id={a20})`, `{ts} {talk}, trace={h32}`, `{ts} {talk}; see https://docs.example/{word}/{word}#{word}`,
	`{ts} INFO {sentence}`, `{ts} WARN {sentence} id={U} count={d3}`, `{ts} INFO {Word}{Word}: {sentence} ({word}={d4}, {word}={word})`, `msg="{sentence}" sha={h40}`,
	`{"level":"info","token_count":{d3},"prompt_tokens":{d4},"completion_tokens":{d3},"max_tokens":4096,"total_tokens":{d4},"model":"{word}-{d1}","id":"chatcmpl-{a29}"}`,
	`{ts} INFO tokens used: {d3}, token budget: {d5}, tokens/s: {d2}.{d2}, tokens remaining {d6}`,
	`{ts} DEBUG lexer: token={word} type=IDENT pos={d3}; next token: '{word}'; unexpected token '}' at {d3}:{d2}`,
	`SyntaxError: Unexpected token '<', "<!DOCTYPE "... is not valid JSON`, `JSON parse error: Unrecognized token '{word}': was expecting ('true', 'false' or 'null')`,
	`{ts} DEBUG token bucket {word}: capacity={d3} tokens={d2} refill={d2}/s key={word}:{ip}`,
	`{ts} INFO rate limit key=user:{d6} limit=100 remaining={d2} reset={d10}`,
	`{ts} INFO cache key={noun}:{word}:{h32} hit=true ttl={d4}`, `redis GET session:{U} -> hit; SET cache:{noun}:{h32} EX 300`,
	`{ts} INFO sort key={word}_at partition_key={word}-{d4} primary key={d8} idempotency_key={U} Idempotency-Key: {U}`,
	`{ts} DEBUG page_token={u36} next_page_token={u24} cursor={b24} continuation={u60} sync_token={u16}`,
	`{ts} INFO session count: {d3}, active sessions={d4}, session timeout=1800, session_state={U}, session {d6} opened for user {word}`,
	`{ts} sshd[{d4}]: pam_unix(sshd:session): session opened for user {word}(uid={d4}) by (uid=0)`,
	`{ts} sshd[{d4}]: Accepted publickey for {word} from {ip} port {d4} ssh2: ED25519 SHA256:{b32}`, `{ts} sshd[{d4}]: Failed password for invalid user {word}{d2} from {ip} port {d4} ssh2`,
	`{ts} systemd[1]: Started Session {d4} of User {word}.`, `{ts} systemd-logind[{d3}]: New session {d4} of user {word}.`,
	`{ts} DEBUG {name}{sep}{mask}`, `{ts} DEBUG {name}{sep}{mask} {word}={d4} id={U}`, `{ts} DEBUG {name}="{mask}" {word}={d4}`, `{'a': "{\"{name}\": \"{mask}\"}"}`, `{"{name}":"{mask}","id":"{U}"}`, `{"headers":{"{name}":["{mask}"],"x-request-id":["{U}"]}}`, `map[Accept:[*/*] {name}:[{mask}] X-Request-Id:[{U}]]`, `{'{name}': '{mask}', 'id': '{h32}'}`,
	`Authorization: Bearer {mask}`, `Authorization: Basic {mask}`, `"authorization" => "Token {mask}"`, `> authorization: {mask}`, `Cookie: {cookie}`, `set-cookie: {cookie}; Path=/; SameSite=Lax`, `{"cookie":"{cookie}","host":"shop.example"}`,
	`GET {path}?access_token={mask}&page={d2} HTTP/1.1`, `GET {path}?token={mask}&id={U} 200`, `postgresql://app:{mask}@db.example:5432/{word}?sslmode=require`, `redis://default:{mask}@cache.example:6379/0`,
	`curl -H 'Authorization: Bearer {mask}' https://{word}.example{path}`, `mysql -u root -p{mask} -h db {word}`, `+ docker login -u {word} --password-stdin registry.example`, `+ curl -fsS -o /dev/null -w '%{http_code}' https://{word}.example{path}`,
	`Access-Control-Allow-Headers: Authorization, Content-Type, X-Api-Key, X-CSRF-Token, Cookie`, `Vary: Authorization, Cookie, Accept-Encoding`, `{ts} DEBUG request headers: [Accept, Authorization, Cookie, X-Api-Key, X-Request-Id]`, `{ts} DEBUG allowed headers authorization,x-api-key,{word},x-{word}-token`,
	`WWW-Authenticate: Digest realm="{word}", nonce="{h32}", opaque="{h32}", algorithm=SHA-256, qop="auth"`, `WWW-Authenticate: Bearer realm="{word}", error="invalid_token", error_description="The access token expired at {ts}"`, `www-authenticate: Negotiate`, `Proxy-Authenticate: Basic realm="{word}"`,
	`{ts} DEBUG state={u24} nonce={u22} code_challenge={u32} client_id={a20} at_hash={u16} c_hash={u16} jti={U} kid={u20} sid_hash={h32}`,
	`{ts} DEBUG csrf_token={h40} xsrf={u24} _csrf={u18} authenticity_token={b64} X-CSRF-Token: {b32}`, `<input type="hidden" name="csrfmiddlewaretoken" value="{a64}">`, `<meta name="csrf-token" content="{b64}">`,
	`{ts} INFO token {h16} fingerprint sha256:{h64} issued to client {a20}`, `password hash for {word}: $2b$12${a53}`, `{ts} DEBUG {word}: $argon2id$v=19$m=65536,t=3,p=4${b16}${b32}`, `{word}:$6${a16}${a86}:19000:0:99999:7:::`,
	`password requisite pam_pwquality.so retry=3 minlen=12`, `Password policy: min length 12, 1 upper, 1 digit, history 5, max age 90d`, `{ts} INFO password for {word} changed by {email}`, `{ts} INFO password reset requested for {email} from {ip} ua={agentplus}`, `{ts} sudo: {word} : TTY=pts/{d1} ; PWD=/home/{word} ; USER=root ; COMMAND=/usr/bin/passwd {word}`,
	`Enter password: `, `[sudo] password for {word}: `, `Password for user {word}: `, `Verification code: `, `passwd: password updated successfully`,
	`<saml:Issuer>https://idp.example/{word}</saml:Issuer><saml:Subject>{email}</saml:Subject>`, `InResponseTo="_{h40}" ID="id{d20}" IssueInstant="{ts}"`, `<ds:DigestValue>{b32}</ds:DigestValue>`,
	`{ts} INFO assumed role arn:aws:iam::{d12}:role/{word} access key id AKIA{H16} session {word}-{d10}`, `{ts} INFO secret arn:aws:secretsmanager:eu-west-1:{d12}:secret:prod/{word}-{a6} version {U}`, `{ts} INFO read secret projects/{d12}/secrets/{word}-key/versions/{d1}`, `{ts} INFO vault: lease {word}/creds/{word}/{a24} renewed, accessor {a24}`,
	`DSN=https://{h32}@o{d6}.ingest.sentry.io/{d7}`, `stripe pk_live_{a24} publishable, price_{a24}, cus_{a14}, pi_{a24}, evt_{a24}`, `{ts} INFO recaptcha sitekey=6L{u28}`, `analytics id G-{H10} gtm GTM-{H7} UA-{d8}-1 _ga=GA1.2.{d10}.{d10}`,
	// platforms
	`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{U}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/{word}/secrets/{word}-token-{l5}","verb":"get","user":{"username":"system:serviceaccount:{word}:default","uid":"{U}","groups":["system:authenticated"]},"sourceIPs":["{ip}"],"objectRef":{"resource":"secrets","namespace":"{word}","name":"{word}-token-{l5}"},"responseStatus":{"code":{status}},"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by ClusterRoleBinding \"{word}\""}}`,
	`I0304 05:06:07.{d6}       1 {word}.go:{d3}] "{sentence}" pod="{word}/{word}-{l10}-{l5}" uid="{U}" resourceVersion="{d8}"`, `MountVolume.SetUp succeeded for volume "kube-api-access-{l5}" secret "{word}-token-{l5}" configmap "{word}-{h10}"`, `secret/{word}-tls configured`, `serviceaccount/{word} unchanged`,
	`{ts} stdout F {"level":"info","msg":"{sentence}","key":"{word}:{d4}","cache_key":"{h32}"}`, `time={ts} level=debug msg="{sentence}" container={h64} module=libcontainerd topic=/tasks/exit`, `docker run -d --name {word} -e TZ=UTC -p 8080:80 -v /srv/{word}:/data registry.example/{word}:{h7}`,
	`type=USER_AUTH msg=audit({d10}.{d3}:{d5}): pid={d4} uid=0 auid={d4} ses={d2} msg='op=PAM:authentication grantors=pam_unix acct="{word}" exe="/usr/sbin/sshd" hostname={ip} addr={ip} terminal=ssh res=success'`,
	`{ts} {word} kernel: [{d6}.{d6}] audit: type=1400 apparmor="DENIED" operation="open" profile="{word}" name="/proc/{d4}/fd" pid={d4}`,
	`{ts} kafka: [Consumer clientId={word}-{U}, groupId={word}] Resetting offset for partition {word}-{d1} to offset {d9}`, `{ts} zk session 0x{h15} established, negotiated timeout = 40000`, `{ts} etcd: read-only range request "key:\"/registry/secrets/{word}/{word}\" " with result "range_response_count:1 size:{d4}" took too long ({d3}ms)`,
	`{ts} consul: session={U} key=service/{word}/leader acquired`, `{ts} INFO Creating Scram credential for User:{word}`, `{ts} mongod: {"c":"ACCESS","id":20250,"ctx":"conn{d4}","msg":"Authentication succeeded","attr":{"mechanism":"SCRAM-SHA-256","principalName":"{word}","authenticationDatabase":"admin","remote":"{ip}:{d4}"}}`,
	`{ts} [{d4}] LOG:  connection authorized: user={word} database={word} application_name=psql SSL enabled`, `{ts} [{d4}] FATAL:  password authentication failed for user "{word}"`, `{ts} [{d4}] ERROR:  column "password" does not exist at character {d2}`, `{ts} [{d4}] LOG:  statement: ALTER TABLE users ADD COLUMN {word}_token varchar(64)`,
	`{ts} [{d4}] LOG:  execute <unnamed>: SELECT id, token_hash, password_digest FROM users WHERE email = $1 AND session_id = $2`, `SELECT "{word}s".* FROM "{word}s" WHERE "{word}s"."token" = $1 LIMIT $2  [["token", "[FILTERED]"], ["LIMIT", 1]]`, `INSERT INTO {word}s ({word}, password_digest, api_token, created_at) VALUES (?, ?, ?, ?)`, `INSERT INTO events (id, {word}, sha, at) VALUES ({d6}, '{word}', '{h40}', '{ts}')`, `UPDATE users SET password = ?, session_token = ? WHERE id = {d5}`, `CREATE TABLE {word} (id bigint, token text NOT NULL, secret bytea, password varchar(255) DEFAULT NULL)`, `COPY public.{word} (id, name, token) TO stdout;`,
	`Parameters: {"utf8"=>"x", "user"=>{"email"=>"{email}", "password"=>"[FILTERED]"}, "authenticity_token"=>"[FILTERED]", "id"=>"{d5}"}`, `  User Load (0.{d1}ms)  SELECT "users".* FROM "users" WHERE "users"."id" = $1  [["id", {d5}]]`, `Completed 401 Unauthorized in {d2}ms (ActiveRecord: 0.{d1}ms)`, `Devise: {Word} failed with invalid_token for {email}`,
	`	at com.example.auth.{Word}TokenFilter.doFilter({Word}TokenFilter.java:{d3}) ~[{word}-1.2.jar:{a7}]`, `	at java.base/javax.security.auth.login.LoginContext.invoke(LoginContext.java:{d3})`, `Caused by: io.jsonwebtoken.ExpiredJwtException: JWT expired at {ts}. Current time: {ts}`, `  File "/app/{word}/tokens.py", line {d3}, in refresh_token`, `    token = self.session.get_token({word}, password=settings.{word}_password)`, `    raise AuthenticationError(f"invalid token for {user}")`,
	`goroutine {d3} [running]:`, `main.(*Server).authorize(0xc000{h6}, {0x7f{h10}, 0xc000{h6}})`, `	/src/internal/auth/token.go:{d3} +0x{h3}`, `    at async TokenService.verify (/app/dist/token.service.js:{d2}:{d2})`, `thread '{word}' panicked at src/token.rs:{d2}:{d2}:`, `   at Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler.HandleAuthenticateAsync()`, `#{d1} /app/vendor/acme/auth/src/Token.php({d3}): Acme\Auth\Token->verify(Object(Acme\Request), 'RS256')`,
	`  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current`, `100 {d4}  100 {d4}    0     0  {d4}      0 --:--:-- --:--:-- --:--:-- {d4}`, `* Server auth using Bearer with user ''`, `* Connected to {word}.example ({ip}) port 443 (#0)`, `*  subject: CN={word}.example`, `< HTTP/1.1 401 Unauthorized`,
	`Step {d1}/12 : ARG {name}`, `#{d2} sha256:{h64} {d2}.{d2}MB / {d2}.{d2}MB 1.{d1}s done`, `Downloading https://files.example/packages/{h2}/{h2}/{h60}/{word}-1.0-py3-none-any.whl (12 kB)`, `Successfully built {h12}`, `ok  	example.com/{word}/auth	0.{d3}s	coverage: {d2}.{d1}% of statements`, `--- PASS: Test{Word}Token{d1} (0.{d2}s)`, `PASS test/{word}.test.js (5.{d3} s)`, `=== RUN   TestPassword/{word}_{d2}`, `npm warn deprecated {word}-token@1.{d1}.0: use {word} instead`, `::add-mask::***`, `env: GITHUB_TOKEN: ***`, `  token: ***`, `  ssh-key: `, `[Pipeline] withCredentials`, `Masking supported pattern matches of $TOKEN or $API_KEY`,
	`{word},{d2},{h40},{ts},{email},{a22}`, `| {word} | {d4} | {h32} | {U} | ok |`, `{d10},{ip},{word},LOGIN,{U},"{agent}"`, `CEF:0|Acme|Gate|1.0|{d3}|{sentence}|5|src={ip} suser={word} cs1={h32} cs1Label=sessionHash requestContext={agentplus}`, `LEEF:2.0|Acme|Gate|1|{d4}|src={ip}	usrName={word}	sev=3`,
	`mail from=<{email}> to=<{email}> message-id=<{a24}@mail.example> dkim=pass spf=pass dmarc=pass sig=rsa pass={d2} fail=0`, `mailto:{email} xmpp:{email} sip:{email} git@github.com:acme/{word}.git ssh://git@git.example/{word}.git`, `https://{word}.example/@{word}/{d18} https://unpkg.example/@acme/{word}@1.{d2}.0/index.js https://maps.example/@48.{d5},11.{d5},15z`, `contact {Word} <{email}>: ticket {d6}`, `https://{word}.example/users/{word}:{d3}/a@b`, `http://{ip}:8080/{word}/x@y.example`,
	`Licensed under the Apache License, Version 2.0; you may not use this file except in compliance with the License.`, `THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED`, `Permission is hereby granted, free of charge, to any person obtaining a copy of this software`,
	`{ts} INFO {:{word} "{word}", :{word}-id "{U}", :n {d2}}`, `[{word}: {word}, key: {word}-{d3}, id: {h24}]`, `{Word}Config(name={word}, tokenTtl={d4}, passwordMinLength=12, secretName={word}-tls, keyId={U}, authMode=oidc)`, `{ authType: 'bearer', tokenUrl: 'https://id.example/oauth2/token', clientId: '{a20}', scope: 'openid profile' }`, `spring.security.oauth2.resourceserver.jwt.issuer-uri=https://id.example/{word}`, `token_endpoint=https://id.example/oauth2/token token_endpoint_auth_method=client_secret_basic grant_type=refresh_token response_type=code`,
	`{ts} audit user={word} action={word}.rotate object=api-key/{U} result=success`, `{ts} created api key id={a16} name={word} scopes=read,write`, `{ts} revoked token id={U} jti={u16} reason=logout`, `api key "{word}-ci" ({h8}...) last used {ts}`, `key id {h8} prefix={a6} ends in ...{a4}`, `Using profile {word}; credentials from ~/.aws/credentials; token cached in ~/.cache/{word}/token.json`,
	`PASS {word}_test.go; AUTH plugin {word}; LOGIN {word} OK; USER {word}; QUIT`, `{ts} dovecot: imap-login: Login: user=<{email}>, method=PLAIN, rip={ip}, lip=10.0.0.1, mpid={d4}, TLS, session=<{b12}>`, `{ts} postfix/smtpd[{d4}]: warning: unknown[{ip}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`, `C: A001 CAPABILITY`, `S: +OK POP3 server ready <{d4}.{d10}@mail.example>`, `250-AUTH PLAIN LOGIN`, `334 VXNlcm5hbWU6`,
}

// talks are sentences about credentials in which none stands.
var talks = []string{"invalid token", "Token expired", "token has expired at {ts}", "password mismatch for user {word}", "Bearer token missing", "API key not found", "no cookie in request", "signature verification failed for key {a20}", "Authorization header must start with Bearer", "could not decode token: Not enough segments", "token used before issued", "secret {word} not found in namespace {word}", "password for {word} will expire in {d2} days", "the password must contain at least {d2} characters", "wrong password for account {d6}", "cannot refresh token for client {word}: invalid_grant", "token signed with unknown key {h40}", "session {U} expired", "session token of user {d5} revoked", "bad credentials for {email}", "credentials provider {word} returned no credentials", "missing header X-Api-Key", "authorization: denied by policy {word}-{d3}", "Basic auth is deprecated, use a token", "access token validation: audience {word} expected, got {word}", "issuing token for {word} with scope {word}:read", "token refresh scheduled in {d4}s", "password authentication is disabled", "login attempt by {word} from {ip}", "verification code sent to +1555{d7}", "one-time code expired", "api key {word} created by {email}", "cookie {word} rejected: SameSite", "the secret of {word} is rotated daily", "private key file /etc/{word}/{word}.key loaded", "token endpoint answered {status} in {d3}ms", "token: unexpected end of input", "secret key must be set", "password is too weak", "password is required", "token is not active", "Bearer realm={word}", "digest mismatch: want sha256:{h64}, got sha256:{h64}", "token exchange for subject {U} done", "cannot verify JWT: kid {u20} not in JWKS", "key {U} has no permission", "user {word} logged in with password from {ip}", "auth method password chosen for {word}"}

var ordinarySlots = map[string][]string{
	"method": {"GET", "POST", "PUT", "DELETE"}, "status": {"200", "201", "304", "401", "403", "404", "500"},
	"agent":     {"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "curl/8.5.0", "kube-probe/1.29", "python-requests/2.31.0", "Go-http-client/2.0", "okhttp/4.12.0"},
	"agentplus": {"curl/8.5.0", "Mozilla/5.0%20(X11;%20Linux%20x86_64)"},
	"sep":       {"=", ": ", " => ", " = ", ":"},
	"name":      {"password", "token", "api_key", "secret", "Authorization", "Cookie", "access_token", "client_secret", "X-Api-Key", "refresh_token", "DB_PASSWORD", "GITHUB_TOKEN", "x-auth-token", "passphrase", "private_key", "session_token"},
	"mask":      masks,
	"query":     {"", "", "?id={d6}", "?page=2&sort={word}", "?state={u24}&nonce={u22}", "?session_state={U}", "?v={h32}", "?cursor={u30}", "?code={d3}", "?lang=en&country_code=DE", "?response_type=code&client_id={word}&code_challenge={u32}", "?access_token=[FILTERED]&x=1", "?utm_source={word}&gclid={u60}", "?fbclid={u45}", "?next_page_token={u24}", "?key={word}&value={word}", "?csrf={u24}", "?etag=%22{h32}%22", "?hash={h64}", "?token_type=bearer", "?q={word}+{word}&sig_alg=rsa", "?digest=sha256:{h64}", "?redirect_uri=https%3A%2F%2F{word}.example%2Fcb%3Fid%3D{d5}", "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260304T050607Z&X-Amz-Expires=3600", "?trace={h32}&span={h16}", "?ids={U},{U}", "?filter=%7B%22{word}%22%3A{d3}%7D", "?error=login_required&error_description=session+expired"},
	"cookie":    {"theme=dark; _ga=GA1.2.{d10}.{d10}", "_gid=GA1.2.{d9}.{d10}; lang=en", "csrftoken={a64}; tz=UTC", "XSRF-TOKEN={u36}; cookie_consent=1", "AWSALB={b90}", "__cf_bm={u60}", "_fbp=fb.1.{d13}.{d10}; _gcl_au=1.1.{d9}.{d10}", "consent={U}; ab=variant{d1}", "JSESSIONID=[REDACTED]; theme=light", "sessionid=***"},
	"noun":      {"token", "password", "secret", "cookie", "key", "session", "api-keys", "credentials", "auth", "authorization", "login", "oauth2", "jwt"},
	"word":      strings.Fields("orders users billing session cart auth login search export audit queue worker mailer cache index report webhook payment invoice customer product tenant account policy region bucket shard broker gateway replica ledger vault gamma delta harbor tulip"),
}

// A dullLog makes up logs.
type dullLog struct {
	*rand.Rand
	out []byte
}

func newDullLog(seed uint64) *dullLog { return &dullLog{Rand: rand.New(rand.NewPCG(seed, 401))} }

func (o *dullLog) pick(list []string) string { return list[o.IntN(len(list))] }

func (o *dullLog) of(alphabet string, n int) {
	for range n {
		o.out = append(o.out, alphabet[o.IntN(len(alphabet))])
	}
}

// fill appends text with its slots filled.
func (o *dullLog) fill(text string) {
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		o.out = append(o.out, text[:open]...)
		n := strings.IndexByte(text[open:], '}')
		if n < 0 || !o.slot(text[open+1:open+n]) {
			o.out = append(o.out, '{')
			text = text[open+1:]
			continue
		}
		text = text[open+n+1:]
	}
	o.out = append(o.out, text...)
}

func (o *dullLog) slot(name string) bool {
	if list := ordinarySlots[name]; list != nil {
		if name == "mask" { // which may hold braces
			o.out = append(o.out, o.pick(list)...)
		} else {
			o.fill(o.pick(list))
		}
		return true
	}
	const small, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	const letters = small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if len(name) > 1 {
		if n, err := strconv.Atoi(name[1:]); err == nil {
			switch name[0] {
			case 'h':
				o.of("0123456789abcdef", n)
			case 'H':
				o.of("0123456789ABCDEF", n)
			case 'a':
				o.of(letters+digits, n)
			case 'l':
				o.of(small+digits, n)
			case 'd':
				o.of("123456789", 1)
				o.of(digits, n-1)
			case 'b', 'u':
				raw := make([]byte, n)
				for i := range raw {
					raw[i] = byte(o.Uint32())
				}
				enc := base64.StdEncoding
				if name[0] == 'u' {
					enc = base64.RawURLEncoding
				}
				o.out = enc.AppendEncode(o.out, raw)
			default:
				return false
			}
			return true
		}
	}
	switch name {
	case "ip":
		o.fill("203.0.113.{d2}")
	case "U":
		o.fill("{h8}-{h4}-4{h3}-a{h3}-{h12}")
	case "ts":
		o.out = fmt.Appendf(o.out, "2026-03-%02dT%02d:%02d:%02d.%03dZ", 1+o.IntN(28), o.IntN(24), o.IntN(60), o.IntN(60), o.IntN(1000))
	case "clf":
		o.out = fmt.Appendf(o.out, "%02d/Mar/2026:%02d:%02d:%02d +0000", 1+o.IntN(28), o.IntN(24), o.IntN(60), o.IntN(60))
	case "date":
		o.out = fmt.Appendf(o.out, "2026-03-%02d", 1+o.IntN(28))
	case "time":
		o.out = fmt.Appendf(o.out, "%02d:%02d:%02d", o.IntN(24), o.IntN(60), o.IntN(60))
	case "ulid":
		o.of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26)
	case "Word":
		w := o.pick(ordinarySlots["word"])
		o.out = append(o.out, w[0]-32)
		o.out = append(o.out, w[1:]...)
	case "email":
		o.fill("{word}.{word}@example.com")
	case "path":
		for range 1 + o.IntN(4) {
			o.fill("/" + o.pick([]string{"{word}", "{word}s", "{noun}", "{noun}s", "{d5}", "{U}", "{h24}", "{h40}", "{u16}", "v2", "{word}-{h8}.js", "{word}.{h20}.css", "{word}:{d3}", "{l26}"}))
		}
	case "sentence":
		words := strings.Fields("the of for and with from after before no new old was is not found created index order user cart request timeout retry started stopped token password secret key cookie session auth login bearer basic digest signature header value policy shard")
		for i := range 4 + o.IntN(6) {
			if i > 0 {
				o.out = append(o.out, ' ')
			}
			o.out = append(o.out, o.pick(words)...)
		}
	case "talk":
		o.fill(o.pick(talks))
	case "colons":
		for i := range 20 {
			o.fill([]string{"{H2}", ":{H2}"}[min(i, 1)])
		}
	case "hexrow":
		for range 16 {
			o.fill("{h2} ")
		}
	default:
		return false
	}
	return true
}

// line returns the next line, perhaps as something that collects logs wraps it.
func (o *dullLog) line() []byte {
	o.out = o.out[:0]
	o.fill(o.pick(ordinaryLines))
	switch text := string(o.out); o.IntN(8) {
	case 0:
		quoted, _ := json.Marshal(text + "\n")
		o.out = fmt.Appendf(o.out[:0], `{"log":%s,"stream":"stdout","time":"2026-03-04T05:06:07.089Z"}`, quoted)
	case 1:
		quoted, _ := json.Marshal(text)
		o.out = fmt.Appendf(o.out[:0], `{"level":"debug","ts":1772600767.089,"msg":%s}`, quoted)
	case 2:
		o.out = append([]byte("Mar  4 05:06:07 web-1 app[123]: "), text...)
	}
	return append(o.out, '\n')
}

// TestSilence says that ordinary logs raise at most one alarm in a million lines.
func TestSilence(t *testing.T) {
	t.Parallel()
	const seeds = 4
	s, lines, alarms := NewScanner(), 0, 0
	for seed := range uint64(seeds) {
		o := newDullLog(seed + uint64(*ordinaryMB)<<8)
		for size := 0; size < *ordinaryMB*1e6/seeds; {
			var block []byte
			for len(block) < 256<<10 {
				block = append(block, o.line()...)
				lines++
			}
			size += len(block)
			for _, sp := range s.Scan(&parsers.Block{Data: block}) {
				alarms++
				if alarms <= 200 {
					lo := strings.LastIndexByte(string(block[:sp.Start]), '\n') + 1
					hi := sp.End + strings.IndexByte(string(block[sp.End:]), '\n')
					t.Logf("%s: %s\n\t%s", sp.Kind, block[sp.Start:sp.End], block[lo:hi])
				}
			}
		}
	}
	if alarms > lines/1e6 {
		t.Errorf("%d alarms in %d lines", alarms, lines)
	}
}
