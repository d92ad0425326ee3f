package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// The prefilter finds, in one pass, every place where a word of the list below
// stands, in any case. It looks at three bytes at every second offset: a word of
// four bytes or more always shows one of two three-byte groups there. A table
// says which groups occur in words, and by which bytes they may be followed.
// What hits is compared in full.

// An action says what to do where a word was found.
type action uint8

const (
	actName    action = iota // part of the name of a field that may hold a credential
	actForeign               // such a name, in letters that names don't have
	actScheme                // an auth-scheme, RFC 9110 section 11.1
	actToken                 // the first characters of a token of a known form
	actJWT                   // the first characters of a JOSE header
	actCommand               // a program that takes credentials as arguments
	actCall                  // a function that takes a password
	actPath                  // a path segment before a link's secret
	actBase64                // a header's name or scheme, base64
	actHexRun                // a header's name, in hexadecimal digits
	actBytes                 // a header's name, as a list of decimal bytes
	actHex                   // a header's name in a hexdump
	actKey                   // a PEM block
	actSpoken                // a sentence after which a password stands alone
	actVerb                  // a protocol's command that takes a password
	actSQL                   // the values of an INSERT
	actParams                // the positional parameters of a call by JSON-RPC
)

// A word is one entry of the prefilter: its folded text and what it means.
type word struct {
	text string
	act  action
	form uint8 // index into tokenForms for actToken, characters before it in its group for actBase64
	win  uint8 // offset of the four bytes that are looked for
	pair bool  // a name and a password follow

	phrase uint8 // bytes of a name of two words, 0 for one
}

const (
	gramBits = 15
	gramMul  = 0x5E8405 // few common groups share a place with one of a word

	fold8 = 0x2020202020202020
	fold4 = fold8 & math.MaxUint32
)

// A gramEntry is a word that shows a group of three bytes at off.
type gramEntry struct {
	want, mask uint64 // what the word has of the eight bytes from one before the group, the lowest first
	word       uint16
	next       uint16 // entry of the same group, 0 for none
	off        uint8
	whole      bool // the eight bytes hold all of the word
}

// A prefilter looks for its words.
type prefilter struct {
	words   []word
	flags   [1 << gramBits]uint8  // by group: the kinds of the bytes that may follow; small enough for the first cache
	first   [1 << gramBits]uint16 // by group: index into entries, 0 for none
	entries []gramEntry           // from 1
}

// builtin has the words below, and no user's.
var builtin = sync.OnceValue(func() *prefilter {
	pf := new(prefilter)
	pf.build(builtinWords())
	return pf
})

var follow [256]uint8 // the kind of a byte, one bit

// nameWords are found in names that hold credentials. Names of three letters
// are listed with what may follow them.
var nameWords = []string{
	"uthoriz", "authz", "xauth", "x-auth", "x_auth", "auth=", "auth\"", "auth'", "auth\\", "auth:", "authcode",
	"api-k", "api_k", "apik", "api k", "api.k", "access-k", "access_k", "accessk", "-key:", "_key", "-key\"", "-key'", "key=", "\"key\"", "key%3d",
	"accountkey", "subscription-k", "functions-k", "authkey", "auth-key", "secretkey", "privatekey", "signingkey", "masterkey",
	"auth_pw", "bindpw", "bind_pw", "passw", "passphr", "passcode", "pass=", "pass:", "pass\"", "pass'", "pass>", "pass\\", "pass%3d", "pwdhash", "pwd_hash", "pwd=", "pwd:", "pwd\"", "pwd'", "pwd\\", "pwd>", "pwd%3d",
	"secret", "token", "cookie", "session", "sessid", "sess=", "_sess", "?sid=", "&sid=", ";sid=", " sid=", "\"sid=", "\"sid\"", "sid%3d", "'sid'", ".sid", "_sid", "credential",
	"sig=", "sig%3d", "signature", "code=", "code%3d", "code\"", "code\\\"", "code'", "verification code", "security code", "login code", "one-time code", "confirmation code", "reset code", "backup code", "recovery code", "backup_code", "recovery_code", "backupcode", "recoverycode", "2fa code", "mfa code", "sms code", "otp code", "totp code", "use code", "identified by", "otp=", "otp: ", "otp\"", "otp ", "otp'", "otp\\",
	"samlre", "assertion", "ticket", "remember", ".aspnet", "login_", "hmac=", "hmac\"", "jwt=", "jwt:", "jwt\"", "jwt'", "response=",
	"x-amz-s", "registry-auth", "dsn=", "verifier", "pin=", "pin:", "pin\"", "pin'", "pin\\", "nonce=",
	" pw=", "_pw=", "_pw:", "\"pw\"", "\"pw\\", "'pw'", "psk=", "psk:", "psk\"", "psk \"", "psk \\\"", "userpwd", "snmp-server community", "\tresp=", "\\tresp=", "unseal key", "recovery key", "your code", "access code", "sign-in code", "creds", "cred=", "private key", "requirepass", "masterauth", "device_code", "auth_code", "<auth ", "login attempt", "user/pass", "login ok", "login incorrect", "addauth digest", "user.info", "rootpw", "securestring", "sonar.login", "x-honeycomb-team",
	"mot de passe", "motdepasse", "mot_de_passe", "kennwort", "contrasena", "senha", "wachtwoord", "adgangskode", "heslo", "salasana", // a password's in other languages
}

// foreignWords are other languages' words for a password that ASCII can't write.
var foreignWords = []string{"contraseña", "lösenord", "hasło", "şifre", "пароль", "Пароль", "密码", "密碼", "口令", "パスワード", "비밀번호"}

// schemeWords are the auth-schemes that announce a credential by themselves.
var schemeWords = []string{
	"bearer", "basic ", "basic+", "basic%20", "basic\\u", "basic\x1b", "digest ", "negotiate ", "ntlm ", "auth plain ", "auth login ", "authenticate plain ", "authenticate login ", "authenticate \"plain\" \"", "authenticate \\\"plain\\\" \\\"", "hawk ", "ssws ", "geniekey",
	"splunk ", "aws4-hmac", "oauth ",
}

var commandWords = []string{
	"curl ", "curl\"", "curl'", "curl\\", "http -", "https -", "mysql", "mariadb", "sshpass", "redis-cli", "docker login", "mongo", "ldap", "psql ", "--user", "podman login", "helm ", "smbclient", "net use", "kinit", "az login", "openssl", "net user", "sqlplus", "sqlcmd", "bcp ", "mosquitto", "ipmitool", "zip -", "rabbitmqctl", "htpasswd ", "chpasswd", "lftp ", "schtasks", "xfreerdp ", " -p ", " -u ", " -a ", "7z x ", "7z a ", "7z e ", "7z l ", "snmpget ", "snmpwalk ", "snmpset ", "snmpbulk", "snmptrap ", "unzip -", "setuser", "sudo -", "--password-stdin",
}

var callWords = []string{"auth=(", "getconnection(", "login(", "authenticate(", "attempt(", "signin(", "sign_in(", "password(", "simple_bind_s(", "bind_s(", "mysqli_connect(", "mysqli_real_connect(", "basicauth(", "logon(", "db.auth(", "basic_auth", "credential(", "credentials(", "authentication(", "simple_bind(", "bindata(0, ", "amqp_params_network,", "amqp_params_direct,", "->bind(", "pdo->__construct(", "new pdo(", "dbi connect(", "sp_addlogin ", "mysqli->__construct("}

var pathWords = []string{"/magic", "/reset", "/verify/", "/invite", "/activat", "/confirm", "gram.org/bot", "/services/t", "/incomingwebhook", "/webhooks/", "magic-link", "magic_link", "/(s(", "/(f("}

var hexWords = []string{
	"75 74 68 6f 72", "72 69 7a 61", "69 7a 61 74", "7a6174", "6172 6572", "61 72 65 72", "42 65 61 72", "6f7269", "7468 6f72", "726 97a", "697a 61", "72 697a",
	"75746867", "757468", "7a 61 74 69", "74 68 6f 72 69", "68 6f 72 69 7a", "61 75 74 68", "41 75 74 68", "61 74 69 6f 6e", "7a61 7469",
	"61 73 73 77", "6173 7377", "73 7377", "7373 776f", "73 73 77 6f", "73 77 6f 72", "7377 6f72",
}

var keyWords = []string{"-----begin", "age-secret-key-", "private-lines: "}

// encodedNames are looked for in base64: what header blocks and bodies hold.
var encodedNames = []string{
	"Authorization", "authorization", "Bearer ", "Basic ",
	"password", "Password", "_secret", "api_key", "api-key", "Api-Key", "API-Key", "apiKey", "_token", "-Token",
}

// base64Forms returns what name looks like in base64 at each alignment, without
// the characters that its neighbours share, and how many characters of its first
// group of four lie before it.
func base64Forms(name string) (forms [3]string, skipped [3]int) {
	for pad := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte("\x00\x00"[:pad] + name))
		lo := (pad*8 + 5) / 6
		hi := (pad + len(name)) * 8 / 6
		forms[pad], skipped[pad] = text[lo:hi], lo
	}
	return forms, skipped
}

// verbWords are the commands of FTP, POP3, IMAP, Redis and IRC that take a password.
var verbWords = []string{"pass ", "auth ", "auth\\r\\n$", "auth\\\\r\\\\n$", "\"auth\" \"", "\"auth\\", "login ", "identify "}

var spokenWords = []string{"334 ugfzc3dvcmq6", "following password", "password for the ", "following command to"}

func init() {
	for c := range 256 {
		follow[c] = 1 << kind(byte(c)|0x20)
	}
}

func builtinWords() (words []word) {
	add := func(list []string, act action) {
		for _, w := range list {
			words = append(words, word{text: string(lower([]byte(w))), act: act, pair: pairWords[w]})
		}
	}
	add(nameWords, actName)
	for _, w := range foreignWords {
		add([]string{w, strings.Trim(strconv.QuoteToASCII(w), `"`)}, actForeign) // as it is, and in JSON's escapes
	}
	add(schemeWords, actScheme)
	add(commandWords, actCommand)
	add(callWords, actCall)
	add(pathWords, actPath)
	add(hexWords, actHex)
	add([]string{"7574686f72697a", "617069206b6579", "6170692d6b6579", "4265617265722", "617373776f7264", "5f736563726574", "6170695f6b6579"}, actHexRun)
	for _, name := range []string{"uthoriz", "Bearer", "Basic ", "assword", "pi-key", "pi_key"} {
		list := strings.Trim(fmt.Sprint([]byte(name)), "[]")
		for _, sep := range []string{" ", ",", ", "} {
			words = append(words, word{text: string(lower([]byte(strings.ReplaceAll(list, " ", sep)))), act: actBytes})
		}
	}
	for _, name := range encodedNames {
		forms, skipped := base64Forms(name)
		for i, text := range forms {
			words = append(words, word{text: string(lower([]byte(text))), act: actBase64, form: uint8(skipped[i])})
		}
	}
	add(verbWords, actVerb)
	add([]string{"values (", "values("}, actSQL)
	add([]string{"params\"", "params\\"}, actParams)
	add(keyWords, actKey)
	add(spokenWords, actSpoken)
	// The first four characters of base64 of {"x, x any letter, and of {\n and { ".
	for c := 'a'; c <= 'z'; c++ {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		w := "eyj" + string(alphabet[c&63])
		words = append(words, word{text: string(lower([]byte(w))), act: actJWT})
	}
	add([]string{"eyAi", "ewog", "ewoJ", "ew0K"}, actJWT)
	for i, f := range tokenForms {
		w := word{text: string(lower([]byte(f.prefix))), act: actToken, form: uint8(i)}
		if len(f.prefix) > 3 {
			words = append(words, w)
			continue
		}
		for c := range 256 {
			if b := byte(c); b|0x20 == b && isAlnum(b) {
				x := w
				x.text += string(rune(b))
				words = append(words, x)
			}
		}
	}
	return words
}

// build makes the tables for words.
func (pf *prefilter) build(words []word) {
	group := func(text string, o int) uint32 {
		return gram(uint32(text[o]|0x20) | uint32(text[o+1]|0x20)<<8 | uint32(text[o+2]|0x20)<<16)
	}
	weight := new([1 << gramBits][8]uint16)
	for i := range len(ordinary) - 3 {
		weight[group(ordinary, i)][kind(ordinary[i+3]|0x20)]++
	}
	// cost is how often the group at o of text is taken for a word in vain.
	cost := func(text string, o int) int {
		of := &weight[group(text, o)]
		if o+4 <= len(text) {
			return int(of[kind(text[o+3])])
		}
		n := 0
		for _, k := range of {
			n += int(k)
		}
		return n
	}
	pf.words = words
	pf.entries = make([]gramEntry, 1, 2*len(words)+1)
	for wi := len(words) - 1; wi >= 0; wi-- { // the first comes to stand before the others
		w := &words[wi]
		if text := strings.TrimRight(w.text, " \"|"); strings.IndexByte(text, ' ') > 0 { // "|" is a folded backslash
			w.phrase = uint8(len(text))
		}
		best := -1
		for o := 0; o+4 <= len(w.text); o++ {
			if c := cost(w.text, o) + cost(w.text, o+1); best < 0 || c < best {
				best, w.win = c, uint8(o)
			}
		}
		for o := int(w.win) + 1; o >= int(w.win); o-- {
			g := group(w.text, o)
			if o+3 < len(w.text) {
				pf.flags[g] |= follow[w.text[o+3]]
			} else {
				pf.flags[g] = math.MaxUint8
			}
			e := gramEntry{word: uint16(wi), off: uint8(o), whole: o <= 1 && o+7 >= len(w.text), next: pf.first[g]}
			for k := range 8 {
				if at := o - 1 + k; at >= 0 && at < len(w.text) {
					e.want |= uint64(w.text[at]) << (8 * k)
					e.mask |= math.MaxUint8 << (8 * k)
				}
			}
			pf.first[g] = uint16(len(pf.entries))
			pf.entries = append(pf.entries, e)
		}
	}
}

// gram is the table index of three folded bytes, the lowest first; what lies above them doesn't matter.
func gram(x uint32) uint32 { return x * (gramMul << 8 & math.MaxUint32) >> (32 - gramBits) }

// kind sorts bytes into eight.
func kind(c byte) byte { return (c ^ c>>3) & 7 }

// lower folds as the prefilter does: it sets the bit that tells small letters
// from capitals, in every byte.
func lower(b []byte) []byte {
	for i := range b {
		b[i] |= 0x20
	}
	return b
}

// ordinary shows which groups of letters are common in logs, for the choice of
// the part of each word that is looked for.
const ordinary = `mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/124.0.0.0 safari/537.36 (macintosh; intel mac os x 10_15_7)
(x11; linux x86_64; rv:125.0) gecko/20100101 firefox/125.0 android mobile kube-probe/1.30 prometheus googlebot bingbot okhttp/4.12 go-http-client/1.1 python-requests/2.31 curl/8.5
203.0.113.7 - alice [04/mar/2026:05:06:07 +0000] "get /index.html http/1.1" 200 512 "https://www.example.com/" "post /api/v1/orders" 302 401 403 404 500 "-" "get / http/2.0" 304 0 "-"
/static/app.js /images/logo.png /favicon.ico /robots.txt /products/17 /cart /login /logout /account /users/me /health /status /metrics /api/v2/items?page=2&limit=20 author oauth authors path=/ /admin /wp-login.php
id= uid= valid= remote= method=get method=post status=200 path=/index dur=12us user=- ip=10.0.0.1 port=443 addr= code= reason=invalid key= name= type= size= count= offset= level=info msg= err= error= caller= ts=
{"time":"2026-01-01t00:00:00.000z","level":"info","msg":"request completed","message":"","logger":"http.log.access","remote_addr":"10.0.0.1","remote_user":"","request_method":"get",
"request_uri":"/","status":200,"bytes":0,"duration":0.01,"user_agent":"","http_referer":"https://www.example.com/","upstream_response_time":"0.012","trace_id":"","span_id":"","request_id":"","client_ip":"","headers":{"host":[""],"accept":["*/*"]},
"@timestamp":"","event":{"action":"","outcome":"success"},"source":{"ip":""},"type":"","code":"","userid":"","clientid":"","realm":"","error":"","name":"","path":"","url":"","log":{"file":{"path":""}}}
2026-03-04 05:06:07,089 info app.views took 12 ms [0ee884507128] 2026-03-04t05:06:07.089z warn 1 --- [nio-8080-exec-1] o.s.web.servlet.dispatcherservlet : completed 200 ok in 3 ms
exception at java.lang.thread.run(thread.java:840) org.springframework.web.filter com.example.shop.service.orderservice caused by: java.io.ioexception: connection reset by peer traceback (most recent call last): file "/app/main.py", line 42, in handler
mar  4 05:06:07 web-1 sshd[1234]: accepted publickey for root from 10.0.0.1 port 22 ssh2 failed password for invalid user from connection closed by authenticating user [preauth] pam_unix(sshd:auth): authentication failure; session opened for user by (uid=0) session closed
systemd[1]: started session of user. kernel: [12345.678] audit: type=1400 postgres[77]: [1-1] log: duration: statement: select * from orders where id = $1 fatal: mysql redis mongo ldap dn=uid=,ou=people,dc=example,dc=com
unauthorized authorized authorization authentication authenticated authenticate login logged in as logout logon account access accessing denied permission forbidden allowed not found user users username unknown bad credentials missing token expired invalid signature verification failed header cookie
stdout stderr f p info warn error debug trace notice fatal thread main handler service server client process worker started stopping finished connection connected closed success successful failed failure failing timeout retry cache miss hit event topic publish queue message
transaction committed resource response request content-type application/json accept-encoding gzip version reserved reload curve cursor current customer contract register registry realm required record read ready created updated deleted removed assigned passed processed
connect configuration config container controller context default deploy description directory domain download enabled execute export feature field filter forward function gateway group host import index instance internal job kubernetes limit list load local manager master memory method
monitor namespace network node notification number object operation option order output package parameter payment policy pool profile project provider proxy query rate received release replica reset result role route rule schedule schema script search secret security send shutdown socket source stack start state storage stream subject system table target task template test total type update upload upstream value volume wait warning watch web write
2001:db8::8b35 10.0.0.12:8080 192.168.1.20 127.0.0.1 172.17.0.2 00:00:00 12:34:56.789 0.001 1024 65535 3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34 b32aa230a3aa725d5d6dd64534fbd094 21d0d2e230e8e2ba4f96a24a
`

// A hit is a word of the list and where it stands.
type hit struct {
	at   int
	word uint16
}

// find appends the words of which a group was looked at in t[lo:hi], by where
// that was. Together the chunks of a text give every word in it once; lo of each
// is even.
func (pf *prefilter) find(hits []hit, t []byte, lo, hi int) []hit {
	var places [stride / 2]int32
	i := lo
	for i < hi {
		i += pf.skip(t[i:min(len(t), hi+4)])
		if i+stride > hi || i+stride+4 > len(t) {
			break
		}
		found := 0
		for end := i + stride; i < end; i += 2 { // without a branch: which of them it is can't be foreseen
			f := seems(&pf.flags, binary.LittleEndian.Uint32(t[i:])|fold4)
			places[found] = int32(i)
			found += (int(f) + math.MaxUint8) >> 8
		}
		for _, at := range places[:found] {
			hits = pf.compare(hits, t, int(at))
		}
	}
	for ; i < hi && i+3 <= len(t); i += 2 {
		g := gram(uint32(t[i]|0x20) | uint32(t[i+1]|0x20)<<8 | uint32(t[i+2]|0x20)<<16)
		if f := pf.flags[g]; f != 0 && (i+3 == len(t) || f&follow[t[i+3]] != 0) {
			hits = pf.compare(hits, t, i)
		}
	}
	return hits
}

// stride is how many bytes skip looks at in one step.
const stride = 12

// skip returns how many bytes of b surely hold no looked-at group of a word, a
// multiple of stride. It is where the time goes.
func (pf *prefilter) skip(b []byte) int {
	n := len(b)
	flags := &pf.flags
	for len(b) >= stride+4 {
		f := seems(flags, binary.LittleEndian.Uint32(b)|fold4) |
			seems(flags, binary.LittleEndian.Uint32(b[2:])|fold4) |
			seems(flags, binary.LittleEndian.Uint32(b[4:])|fold4) |
			seems(flags, binary.LittleEndian.Uint32(b[6:])|fold4) |
			seems(flags, binary.LittleEndian.Uint32(b[8:])|fold4) |
			seems(flags, binary.LittleEndian.Uint32(b[10:])|fold4)
		if f != 0 {
			break
		}
		b = b[stride:]
	}
	return n - len(b)
}

// seems returns what is left of the flags of the first three of four folded bytes
// when the fourth follows: 0 if no word shows them.
func seems(flags *[1 << gramBits]uint8, four uint32) uint8 {
	return flags[gram(four)] & follow[four>>24]
}

// compare appends the words that show the group at i and stand there in full.
func (pf *prefilter) compare(hits []hit, t []byte, i int) []hit {
	g := gram(uint32(t[i]|0x20) | uint32(t[i+1]|0x20)<<8 | uint32(t[i+2]|0x20)<<16)
	var around, known uint64
	if i > 0 && i+7 <= len(t) {
		around, known = binary.LittleEndian.Uint64(t[i-1:])|fold8, math.MaxUint64
	}
	for j := pf.first[g]; j > 0; {
		e := &pf.entries[j]
		if (around^e.want)&e.mask&known == 0 {
			if p := i - int(e.off); p >= 0 && (e.whole && known != 0 || foldedAt(t[p:], pf.words[e.word].text)) {
				hits = append(hits, hit{p, e.word})
			}
		}
		j = e.next
	}
	return hits
}

// chunk is how much text is searched before what was found is looked at, while
// it is still in the cache.
const chunk = 16 << 10

// walk finds the words in the scanner's text and handles each, and every "@" that
// may end the credentials of a URL.
func (s *Scanner) walk() {
	n := len(s.t)
	s.nextAt = -1
	s.findAt()
	for lo := 0; lo < n; lo += chunk {
		s.hits = s.pf.find(s.hits[:0], s.t, lo, min(lo+chunk, n))
		for _, h := range s.hits {
			s.ats(h.at)
			s.found(&s.pf.words[h.word], h.at)
		}
	}
	s.ats(n)
}

// foldedAt reports whether b begins with text, folded.
func foldedAt(b []byte, text string) bool {
	if len(b) < len(text) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if b[i]|0x20 != text[i] {
			return false
		}
	}
	return true
}

// ats handles the "@" signs before p.
func (s *Scanner) ats(p int) {
	for s.nextAt < p {
		s.userinfo(s.nextAt)
		s.findAt()
	}
}

func (s *Scanner) findAt() {
	if n := bytes.IndexByte(s.t[s.nextAt+1:], '@'); n >= 0 {
		s.nextAt += 1 + n
	} else {
		s.nextAt = math.MaxInt
	}
}
