package leak

// leaks are lines that leak, by what the table is about.
var leaks = []string{`
headers
Authorization: Bearer {o}
authorization:bearer {o}
AUTHORIZATION: BEARER {j}
Authorization : Token {h}
Authorization: {j}
Authorization: Bearer Bearer {o}
Proxy-Authorization: Basic {b}
HTTP_AUTHORIZATION=Bearer {o}
X-Api-Key: {o}
x-auth-token: {u}
X-Vault-Token: {v}
PRIVATE-TOKEN: {o}
X-Amz-Security-Token: {w}
> Authorization: Bearer {o}
http-outgoing-7 >> "Authorization: Bearer {o}[\r][\n]"
sec-websocket-protocol: bearer.{j}
x-ms-authorization-auxiliary: Bearer {j}
X-Hub-Signature-256: sha256={S}
`, `
schemes
Authorization: Digest username="bob", realm="r", nonce="n0n5e", uri="/", response="{h}", qop=auth
Authorization: Hawk id="dh37", ts="1353832234", nonce="j4h3g2", mac="{o}"
Authorization: OAuth oauth_consumer_key="app", oauth_token="{o}", oauth_signature_method="HMAC-SHA1"
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260304/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature={S}
Authorization: NTLM {N}
proxy: Authorization: Negotiate {K}
Authorization: SSWS {o}
Authorization: GenieKey {u}
Authorization: Bearer {O}
Authorization: MyScheme {o}
header="Authorization: token-sudo user=\"bob\",token=\"{h}\""
`, `
json
{"headers":{"Authorization":"Bearer {o}"}}
{"headers":{"Authorization":["Bearer {o}"]}}
{"msg":"{\"headers\":{\"authorization\":\"Bearer {o}\"}}"}
{"a":"{\"b\":\"{\\\"authorization\\\":\\\"Bearer {o}\\\"}\"}"}
{"password":"{p}","user":"bob"}
{"password":"{P}"}
{"client_secret": "{o}", "grant_type": "client_credentials"}
{"access_token":"{o}","refresh_token":"{h}","token_type":"Bearer","expires_in":3600}
{"uri":"/cb?state=ab\u0026access_token={h}\u0026expires=3600"}
{"name":"X-Api-Key","value":"{o}"}
{"key":"http.request.header.authorization","value":{"arrayValue":{"values":[{"stringValue":"Bearer {o}"}]}}}
{"auths":{"r.example":{"auth":"{b}"}}}
\u0022authorization\u0022:\u0022Bearer {o}\u0022
`, `
maps
map[Accept:[*/*] Authorization:[Bearer {o}] User-Agent:[x]]
http.Header{"Authorization":[]string{"Bearer {o}"}, "Accept":[]string{"*/*"}}
{'headers': {'Accept': '*/*', 'Authorization': 'Bearer {o}'}, 'params': None}
[(b'authorization', b'Bearer {o}')]
("authorization", "Token {o}")
{"authorization" => "Bearer {o}", "accept" => "*/*"}
{:headers {"authorization" "Token {o}", "host" "api.example"}}
[Authorization] => Bearer {o}
{Accept=*/*, Authorization=Bearer {o}, Host=api.example}
{Authorization=[Bearer {o}], Host=[api.example]}
[ 'Host', 'api.example', 'Authorization', 'Bearer {o}', 'Accept', '*/*' ]
headers={ authorization: [ 'Authorization', 'Bearer {o}' ] }
{Authorization: Some("Bearer {o}")}
<header><name>Authorization</name><value>Bearer {o}</value></header>
<wsse:Password Type="...#PasswordText">{p}</wsse:Password>
<entry key="password">{p}</entry>
Auth Config AuthConfig{username=bob, password={p}, serverAddress=https://r.example/}
`, `
urls
GET /x?access_token={o}&v=1 HTTP/1.1
GET /cb?code={o}&state=xyz HTTP/1.1
GET /ws?jwt={j} 101
GET /x?api_key={h}
GET /p?redirect=https%3A%2F%2Fa.example%2Fcb%3Ftoken%3D{o}%26state%3D1
GET /f?authz=Bearer%20{j} 200
GET /p?authorization=Basic+{b} 200
/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260304&X-Amz-Signature={S}
connecting to postgresql://app:{p}@db.internal:5432/app?sslmode=disable
redis://:{o}@cache.example:6379/0
https://oauth2:{o}@git.example/x.git
https://{o}@pypi.example/simple
jdbc:mysql://db:3306/app?user=app&password={p}
jdbc:oracle:thin:scott/{P}@//db:1521/x
Server=tcp:db,1433;User ID=app;Password={p};Encrypt=True
Sending magic link https://a.example/login/magic/{h} to bob@example.com
GET /password/edit?reset_password_token={o}
`, `
commands
curl -fsS -u svc:{p} https://a.example/
curl -u 'svc:{P}' https://a.example/
curl -H 'Authorization: Bearer {o}' https://a.example/
http -a bob:{p} GET https://a.example/v1
mysqldump -uapp -p{p} app
sshpass -p {p} ssh web-1
redis-cli -h cache -a {p} ping
ldapsearch -x -D cn=admin -w {p} -b dc=example
wget --http-password={p} https://a.example/
java -jar app.jar --db.password={p}
PGPASSWORD={p} psql -h db
#3 Client.php(187): App\Client->login('bob', '{p}')
`, `
cookies
Cookie: JSESSIONID={h}; theme=dark
Cookie: lang=en; sessionid={o}
Cookie: wordpress_logged_in_4affd9d804dacce6e854d20e5b35fb27={o}; _oauth2_proxy={o}
set-cookie: connect.sid={c}; Path=/; HttpOnly
{"cookie":"lang=en; auth_token={j}; _ga=GA1.1.1"}
cookies={"user_session": "{o}", "tz": "UTC"}
203.0.113.5 - - "GET /" 200 5 "-" "curl/8.5.0" "lang=en; session={s}"
`, `
prose
Illegal header value b'Bearer {o}\n'
Unexpected char 0x0a at 61 in Authorization value: Bearer {o}
ERROR unknown API key: {o}
Incorrect API key provided: {k}.
Unable to read JSON value from token: {j}
invalid token '{o}'
the password for user bob is '{p}'
Your verification code is {d}
slack client init token {g} done
using {g} for the clone
{D}
sent {D} with it
raw SAMLResponse: {x}
generated security password: {u}
password changed from "{p}" to "{P}"
OTP for +15550100 is {d}
Your one-time password is {d}. It expires in 5 minutes
2FA code {d} accepted for bob
Use code {d} to sign in
initial admin password written: {p}
The initial password for user 'elastic' is: {p}
ADMIN_PASSWORD is not set, using {p}
#0 mysqli_real_connect(Object(mysqli), 'db', 'app', '{p}', 'app')
&lt;password&gt;{p}&lt;/password&gt;
\u003cpassword\u003e{p}\u003c/password\u003e
msg=code={o}&redirect_uri=https%3A%2F%2Fx
<input type=\"password\" name=\"pw\" value=\"{p}\">
{"apiKeys":["{o}"]}
`, `
numbers
{"otp": "{d}"}
otp={d}
`, `
escapes
` + "\x1b[36mAuthorization\x1b[0m: \x1b[32mBearer \x1b[0m{o}" + `
&quot;Authorization&quot;:&quot;Bearer {o}&quot;
%22Authorization%22%3A%22Bearer%20{o}%22
`, `
partial
Authorization: [REDACTED] {S}
headers: {Authorization=***, X-Api-Key={h}, Accept=*/*}
GET /cb?access_token=[FILTERED]&refresh_token={o}&state=ab 302
`, `
protocols
---> PASS {P}
FTP command: Client "192.0.2.1", "PASS {P}"
C: PASS {p}
A001 LOGIN bob {p}
C: a1 LOGIN "bob" "{p}"
1700000000.1 [0 192.0.2.1:5000] "AUTH" "{p}"
1700000000.1 [0 192.0.2.1:5000] "AUTH" "app" "{p}"
redis: command AUTH {o} failed
PRIVMSG NickServ :IDENTIFY {P}
login attempt [root/{p}] failed
Bad credentials: bob:{p}
user/pass: bob/{p}
keytool -list -keystore /etc/x.jks -storepass {p}
type=EXECVE argc=3 a0="curl" a1="-u" a2="bob:{p}"
exec ["curl", "-u", "bob:{p}", "https://x.example"]
`, `
statements
INSERT INTO users (name, password) VALUES ('bob', '{p}')
INSERT INTO t (id, api_token, name) VALUES (1, '{o}', 'x'), (2, '{h}', 'y')
replace into t (id, secret) values (1, "{o}")
`, `
a value before its name
{h} is not a valid API key
Rejected {o} (unknown api key)
got '{o}' as bearer token
`, `
names of programs
SMTP_PASS={p}
ldap_bind: dn=cn=admin pw={P}
psk={p}
//registry.example/:_auth={b}
Unseal Key 1: {o}
Your code: {d}
Setting password for user "bob" to "{p}"
Elasticsearch password for the elastic user: {p}
PASSWORD elastic = {p}
<member><name>password</name><value><string>{p}</string></value></member>
<key>AuthToken</key><string>{o}</string>
"private_key":"-----BEGIN PRIVATE KEY-----\n{S}\n-----END PRIVATE KEY-----\n"
`, `
pairs and records
ImmutableMultiDict([('username', 'bob'), ('password', '{p}')])
[["email", "bob@example.com"], ["password", "{p}"]]
Config { api_key: Secret("{o}"), port: 80 }
BasicNameValuePair [name=password, value={p}]
a:2:{s:4:"user";s:3:"bob";s:8:"password";s:14:"{p}";}
[{user,"bob"},{password,"{p}"}]
#{password => <<"{p}">>,user => <<"bob">>}
{amqp_params_network,<<"app">>,<<"{p}">>,<<"/">>,"mq.example",5672}
{"password": {"string": "{p}"}}
{"apiKey": {"S": "{o}"}}
{"jsonrpc":"2.0","method":"login","params":["bob","{p}"],"id":1}
{"id":2,"method":"user.authenticate","params": ["{o}"]}
{"argv":["app","--token","{o}","-v"]}
db.auth("bob", "{p}")
ldap_simple_bind(ld, "cn=admin", "{p}")
SET PASSWORD FOR 'bob'@'localhost' = '{p}'
CONFIG SET requirepass {p}
header 'X-Auth-Token' has value '{o}'
session cookie set to {o}
loaded {User:bob Password:{p} Host:db Port:5432}
Namespace(user='bob', password='{p}', verbose=False)
LoginRequest[username=bob, password={p}]
#hash((password . "{p}") (user . "bob"))
{basic_auth,{"bob","{p}"}}
RawHeader(x-api-key,{o})
fill("#password", "{p}")
username bob password 0 {p}
Login OK: [bob/{p}] (from client ap1 port 0)
basic.auth.user.info=bob:{p}
spark.hadoop.fs.s3a.secret.key={o}
<key>Password</key>\n<string>{p}</string>
- name: DB_PASSWORD\n  value: {p}\n
Your login code is {d}
mutation { login(email: "bob@example.com", password: "{p}") { token } }
LoginAttempt(bob,Password({p}),None)
http.Header{"X-Api-Key":[]string{"{u}"}}
sendto(9, "*2\r\n$4\r\nAUTH\r\n$14\r\n{p}\r\n", 36, 0, NULL, 0) = 36
sendto(9, "*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$14\r\n{p}\r\n", 36, 0, NULL, 0) = 36
$1 = {user = 0x5581 "bob", password = 0x55a2 "{p}", port = 5432}
/Stage[main]/App/Mysql_user[app]/password: changed '{p}' to '{P}'
CREATE LOGIN app WITH PASSWORD = N'{p}', CHECK_POLICY = OFF
app:{P}@tcp(db.example:3306)/app?parseTime=true
headers=[authorization: Basic {b}, te: trailers]
..Authorization: Bearer {o}..Accept: */*....
[{"x-api-key", "{e}"}]
body:[{L}]
access_key='AKIDEXAMPLE12345', secret_key='{o}'
username ops secret {p}
{"name":"cn=admin","credentials":"{p}"}
New-Object PSCredential('bob', '{p}')
AccountName=acct;client-secret-value="{o}"
PATH=/usr/bin\0API_TOKEN={o}\0HOME=/root
mechanism=PLAIN response=\x00svc\x00{p} locale=en_US
ParameterKey=DBPassword,ParameterValue={p}
JWT_SECRET not set, generated {S}
private key: {S}
SecretID: {u}
INSERT INTO "users" ("email","password") VALUES ($1,$2) ["bob@example.com", "{p}"]
UPDATE "users" SET "name" = $1, "password" = $2 WHERE "id" = $3 ["bob", "{p}", 7]
[Parameters=[@p0='bob', @p1='{p}' (Nullable = false)], CommandType='Text'] UPDATE Users SET Name = @p0, Password = @p1
[Parameters=[@p0='{p}', @p1='b'], CommandType='Text'] INSERT INTO Users (Password, Name) VALUES (@p0, @p1)
INSERT INTO users (name, password) VALUES (%s, %s) [generated in 0.0002s] ('bob', '{p}')
{ bindings: [ 'bob', '{p}' ], sql: 'insert into "users" ("name", "password") values (?, ?)' }
│ api_key │ {o} │
<password:{p}>
user.password.value={p}
new_password_confirmation={p}
password1={p}
passwords[0]={p}
https://{o}:@api.example/v1
HikariConfig - password................................"{p}"
settings: map[database:map[password:{P} user:app]]
new PDO('mysql:host=db', 'app', '{p}')
CURLOPT_USERPWD => {e}
##vso[task.setvariable variable=token]{o}
MANAGEMENT: CMD 'password "Auth" "{p}"'
Register: sip:100:{p}@pbx.example
sp_addlogin 'app', '{p}'
UPDATE users SET password=?, name=? WHERE id=? ["{p}", "bob", 7]
`, `
languages
mot de passe : {p}
Mot de passe: {P}
Passwort: {p}
Kennwort={p}
contraseña: {p}
senha: {p}
пароль: {p}
Пароль: {p}
密码: {p}
密码：{p}
パスワード：{p}
{"密码":"{p}"}
`, `
more commands
net use Z: \\srv\share {p} /user:bob
net user bob {p} /add
sqlplus -s scott/{p}@db
sqlcmd -S db -U sa -P {p} -Q "select 1"
mosquitto_pub -h mq -u bob -P {p} -t a
ipmitool -H bmc -U admin -P {p} chassis status
rabbitmqctl add_user bob {p}
htpasswd -b /etc/nginx/.htpasswd bob {p}
echo "bob:{p}" | chpasswd
lftp -u bob,{p} ftp.example
zip -P {p} out.zip a
7z x -p{p} a.7z
cypher-shell -u neo4j -p {p}
etcdctl -u root:{p} get /
ab -n 1 -A bob:{p} https://x.example/
addauth digest bob:{p}
rootpw {p}
snmpget -v3 -u ops -A {p} 192.0.2.9
skopeo copy --src-creds bob:{p} docker://x docker://y
rclone copy --webdav-pass {p}
PRIVMSG NickServ :IDENTIFY bob {p}
sonar-scanner -Dsonar.login={h}
schtasks /create /ru bob /rp {p} /tn job
+ sh -c 'echo {p} | sudo -S apt-get update'
printf '%s' '{p}' | docker login --username ci --password-stdin ghcr.example
"ACL" "SETUSER" "bob" "on" ">{p}" "~*"
ACL SETUSER bob on >{p} allkeys
unzip -o -P {p} in.zip
curl -b "JSESSIONID={h}; theme=dark" https://a.example/
snmpwalk -v2c -c {p} 192.0.2.1 system
`, `
sentences and declarations
a1 LOGIN bob "{p}"
root password is now {p}
backup codes: {d} {d}
"recovery_codes":["{d}","{d}"]
password: str = '{p}'
let api_key: &str = "{o}";
secret: SecretStr = SecretStr("{p}")
║ admin_password ║ {p} ║
┃ token ┃ {o} ┃
GET /shop/(S({h}))/orders.aspx 200
{"method":"user.login","params":[{"args":[["bob","{p}"]]}],"id":3}
jwt=[header].{q}
`,
}

// clean are lines that don't leak.
const clean = `Failed password for kim from ::ffff:192.0.2.9 port 46996 ssh2
token for kim from ::ffff:192.0.2.9 refused
ii  passwd         1:4.13+dfsg1-1+deb12u1   amd64  change and administer passwords
status installed passwd:amd64 1:4.13+dfsg1-1
gpg: --passphrase= can be used only with --batch
the target is identified by ` + "`make install`" + `
convert password to UTF-8. PR 4411 by bob
x-correlation-token: 3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34
echo "deb https://apt.example/ stable2 main" | sudo -S tee /etc/apt/sources.list
echo bob1234567 | sudo tee /etc/motd
ACL SETUSER bob on nopass ~* +@all
curl -b cookies1.txt https://a.example/
snmpwalk -v2c -c public 192.0.2.8
token is now valid
the password is now stored with bcrypt2
backup codes: regenerated 10
password: str = None
token: String = config.token1
║ password ║ varchar(255) ║
a2 LOGIN bob {14}
{"accessKey":"a1B2c3D4e5F6g7H8i9J0","bucket":"x"}
#<OAuth2::AccessToken:0x000055d1 @token="{{token}}">
Notice: /Stage[main]/App/password: changed [redacted] to [redacted]
mot de passe : ********
getToken(user12345) Token(type=bearer7) Password(12345678)
var $api_key
password=%env(DB_PASSWORD)%
password=#{db.password}
password=ENC(AbCdEf0vJtubXfFSw5mnhQJp4g==)
password={cipher}e9725b72c6e675bb76f46dc3be918bf0cba31b68972920e48789e9d2c0e5c62a
password=$ANSIBLE_VAULT;1.1;AES256
[Parameters=[@p0='?' (Size = 4000), @p1='?'], CommandType='Text'] UPDATE Users SET Password = @p1
  + password = (known after apply)
checking password.... ok
password "Auth" is needed
GET /tiles?access_token=pk.eyJ1IjoiYWNtZSJ9.G5YZ2-Sf9ZnCaeIwlxp6Ug
apiKey: "pk_live_51H8abcdefghijklmnopqrs"
{"auth":{"identity":{"password":{"user":{"name":"bob","password":"your-api-key-here"}}}}}
mounted secret db-creds-37eaf663 into container
client secret expired for app 3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34
redis: GET token:3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34 -> nil
lock token 3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34 acquired
csrf token UXqjv5a28PM48Q0Iy7aEtvsH3owtaLul2NjiytKSi88 mismatch
{\"api_key\":\"\u003cYOUR_ACCESS_TOKEN\u003e\",\"id\":\"x\"}
password for user bob changed to a stronger one
Use code SAVE20 to get a discount
UPDATE "users" SET "name" = $1, "password" = $2 WHERE "id" = $3 ["bob12345", "[FILTERED]", 7]
binding parameter [2] as [VARCHAR] - [harbor-tulip-22]
token expired, generated at 2026-03-04
DEBUG password=rW2f...
is found password was (cart=6263, index=null)
shard password to [d167ce61-15d0-b360-e012-6ea2e12c242a]
GET cache:token:ab811a85850306df89b0cfa81e724ac0 hit
docker run registry.example/password:90a359a
    password = cache.key(index, secret=True)
connect(user=user, password=settings.db_password)
SELECT * FROM users WHERE "users"."password" = $1
UPDATE users SET password = :password WHERE id = :id
klog secret="batch-b8cbeac117-yklfn" uid="9dbd5a8b-0f91-74cb-c589-98355cb0299c"
service - policy found secret [f19adcd8-4b43-ebad-5613-7a0c7c787030]
Consumer clientId=key-4d690083-4c54-e0cf-1b25-91481468f312
{:session-id "8022d4b5-aa7a-bbf8-7358-b413e8c566c0"}
Pulled image registry.example/user/password@sha256:d3c363fa5392de9242f86b4b51af94d27285e69ecb18eb48b80
level=info msg="the password expired" id=98355cb0-2990-c3bf-ece5-45a82e0284de
"created index cookie" name="user-d645aaaf2a-7njzb"
{"method":"login.get","params":["e1bef9cf6e47dec25f9b9f1190d69230",96],"id":42}
("password", "This field is required.")
fields: ["password", "email", "sha256"]
["password","username2","x"]
{"method":"login","params":["bob"],"id":1}
{"method":"getblock","params":["00000000c937983704a73af28acdec37"],"id":1}
{"token": 1712345678}
{"token": 12345}
net use Z: \\\\srv\\share /user:bob
net user bob /active:yes
sqlplus / as sysdba
rabbitmqctl list_users
htpasswd -c /etc/nginx/.htpasswd bob
zip -r out.zip build/a1b2c3d4
mosquitto_pub -h mq -p 1883 -t a
'password' is required
session cookie set to expire in 3600 seconds
{password,required}
PASS all 12 tests
PASS src/app1.test.js
Build 12: PASS build-2026-01
--- PASS: TestLogin2 (0.01s)
AUTH failed for user bob12
LOGIN user12 success99
a1 LOGIN failed
INSERT INTO users (name, password) VALUES (?, ?)
INSERT INTO users (name, password) VALUES ('bob', '[FILTERED]')
INSERT INTO audit (session_count, note) VALUES (12, 'Hello9')
Bad credentials: null
credentials=same-origin
login attempt [root/***] failed
commit 86d66c7a644fb12853ef86dcfaea21818b904ce6 is not a valid object
pass=12 fail=3
arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbC123
bypass=a1b2c3d4
cache key=token:orders:9f3a1c5be7d20846a1b2c3d4e5f60718
SET cache:authorization:9f3a1c5be7d20846a1b2c3d4e5f60718 EX 300
logs-secret [18/Mar/2026:10:20:33 +0000] GET
CREATE TABLE users (id bigint, password varchar(255) DEFAULT NULL)
pin-sha256="xXW23cp+ASQeotXKQPrTP6HAJCxVkOuihWLZZQgiPSk="; max-age=5184000
session cookie was id=0730d418-b963-4298-ae42-f6df0c184a84
GET /webhooks/50496/fGg3xKOzbAZtTCbeIAE2Bw 200
Bad password for user 'svc-backup7'
password field 'pwd2' is hidden
docker run -u 1000 -p 8080:80 web1
docker run -u 1000:1000 web1
Login incorrect (mschap: MS-CHAP2-Response is incorrect): [bob/<via Auth-Type = eap>]
pulumi config set --secret dbPassword < file
ssh -u deploy7 -p 2222
Authorization: Bearer [REDACTED]
Authorization: Bearer ****
Authorization: Basic <redacted>
Authorization: ${{ secrets.API_TOKEN }}
Authorization: Bearer undefined
Authorization: Bearer eyJhbGciOiJIUzI1NiIs...
Authorization: Bearer a1B2...y9Z0
Authorization: Bearer ghp_****
Authorization: Bearer sha256:2b9ce92aae5c78fe73177ca24fd1ae36b60ec002542b80e63f7257021a2b3c4d
Authorization: Bearer hash(sha1)=00429fc6373f0a9e6f22c4def6852235fdb2c16d
Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
Authorization: *** Sensitive Data Redacted ***
"authorization":"Bearer ***","accept":"*/*"
{"authorization":null,"token":true,"password":""}
Authorization header missing for GET /jobs
Authorization header must start with 'Bearer '
request headers: [Accept Authorization Content-Type Cookie X-Api-Key]
Bearer token provided
Bearer of the certificate CN=a.example accepted
Basic authentication enabled for realm ApplicationRealm
upgraded from Basic plan to Premium
WWW-Authenticate: Digest realm="r", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"
www-authenticate: Negotiate oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICo4GeBIGb
Failed password for invalid user admin from 192.0.2.7 port 22 ssh2
password mismatch for user "carol"
ValidationError: {'password': ['This field is required.']}
Password must be at least 12 characters and contain one uppercase letter
sudo: bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls
access_token=REDACTED&token_type=Bearer
csrf_token=9f8d7e6c5b4a39281706f5e4d3c2b1a0
state=af0ifjsldkj8723478&nonce=n0S6WzA2Mjx7Y8
next_page_token=CAUQAA8273487234kjhsdf
Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
session_id=8e03978e-40d5-43dd-bc93-6894a57f9324 user=bob
set-cookie: session=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/
Cookie: _ga=GA1.2.1234567890.1234567890; theme=dark
GET /error?code=404&lang=en
GET /api/countries?code=DE&currency_code=EUR
keydown key=Enter code=NumpadEnter
usage: prompt_tokens=984 completion_tokens=809 total_tokens=975
fetched secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/api-token-1esdXm
vault: lease renewed path=secret/data/reports/api_key lease_id=database/creds/ro/i1d6f69w4d
rejected due to token expired: exp=1795306350: greater than expected=1795306351
middleware enabled require=bearer issuer=https://id.example.com
token fingerprint 27324c96eb3f9f1b (hmac) scheme=Bearer
assumed role via access key id AKIDEXAMPLE1234567 account=123456789012
https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/7
curl -u bob:$PASSWORD https://a.example/
mysql -u root -p app
git@github.com:org/repo.git
Pulled image r.example/a@sha256:c03abbafb24ee9ec8b94448f1e5e8da7425bdd5574ab4f6cf550a0586befce5a
x-api-key: ****************7rRi
pip: Looking in indexes: https://${TOKEN}@pypi.example/simple
Connected to amqp://svc:********@rabbit:5672//
UsernamePasswordAuthenticationToken [Principal=bob, Credentials=[PROTECTED], Authenticated=true]
at com.example.auth.TokenFilter.doFilter(TokenFilter.java:123)
fatal: could not read Password for 'https://bob@git.example': terminal prompts disabled
Enter passphrase for key '/root/.ssh/id_rsa':
secret "default-token-x7k2p" not found in namespace default
MountVolume.SetUp failed for volume "kube-api-access": secret default-token-x7k2p is missing
http://[2001:db8::1]:8080/x@y.example
openssl rsa -in a.key -passin file:/etc/ssl/pass.txt
{"keys":[{"kty":"RSA","kid":"b3","use":"sig","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4","e":"AQAB"}]}
password required pam_unix.so obscure sha512
password [success=1 default=ignore] pam_unix.so obscure yescrypt
XSRF-TOKEN=9f8d7e6c5b4a39281706f5e4d3c2b1a0; path=/
renegotiate: negotiated cipher TLS_AES_256_GCM_SHA384
usage: curl -u user:password URL
docker login -u bob --password-stdin r.example
password=$2b$12$KIXQ1Zs4uW7x9yZ0aBcDeFgHiJkLmNoPqRsTuVwXyZ012345678
auth_time=1712345678 auth_method=oidc amr=pwd
GET /oauth2/authorize?response_type=code&client_id=app&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&state=af0ifjsldkj8723478
proxy for unpkg.com: https://unpkg.com/react@17.0.2/umd/react.js
-----BEGIN CERTIFICATE-----
MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ
password:
Sorry, try again
x-amz-id-2: 7hCtL5B0kq0k8kXbYUk6Yt1g6M9m5A2r4h0m0yT3pQ8mZ1nJ0bC7dE9fG2hI4jK=
x-amz-cf-id: Zr4mW2xK9vB1nT6yH8sD3gF5q7Zr4mW2xK9vB1nT6yH8sD3gF5==
AuthnRequest ID=_8e8dc5f69a98cc4c1ff3427e5ce34606fd672f91e6 sent
InResponseTo="_8e8dc5f69a98cc4c1ff3427e5ce34606fd672f91e6" Destination="https://sp.example/acs"
integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC" crossorigin
req("/ws?access_token=" + fakeToken(7), status)
stripe key pk_live_51H8abcdefghijklmnopqrs publishable`

// records are texts of several lines.
var records = []string{`
      headers {
        key: "authorization"
        value: "Bearer {o}"
      }
`, `
          {
            "name": "X-Api-Key",
            "value": "{o}"
          },
`, `
Authorization:
  Bearer {o}
`, `
authorization: [
  "Bearer {o}"
]
`, `
Please use the following password to proceed:

{h}

`, `
Authorization: Bearer {W1}
  {W2}
`, `
PuTTY-User-Key-File-3: ssh-ed25519
Private-Lines: 1
{o}
Private-MAC: 9f3a1c5be7d20846a1b2c3d4e5f60718
`, `
Authorization: Bearer {j}
x-request-id=abc123def456
`, `
Authorization: Bearer {j}
finished-request-4411
`, `
AUTHENTICATE "PLAIN" "{a}"
https://{o}:x-oauth-basic@git.example/a/b
: PSK "{p}"
`, `
$password
[1] "{p}"
`, `
==>  Preparing: insert into users (name, password) values (?, ?)
==> Parameters: bob(String), {p}(String)
`, `
org.hibernate.SQL : update users set name=?, password=? where id=?
o.h.orm.jdbc.bind : binding parameter (1:VARCHAR) <- [bob12345]
o.h.orm.jdbc.bind : binding parameter (2:VARCHAR) <- [{p}]
`, `
{"msg":"- name: DB_PASSWORD"}
{"msg":"  value: {p}"}
`, `
C: AUTH LOGIN
S: 334 UGFzc3dvcmQ6
C: {m}
`, `
password:
Sorry, try again
`, `
POST /login
username: bob
password: {p}
`,
}
