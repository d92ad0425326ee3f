package leak

import (
	"bytes"

	"why401/detectors"
)

// judge decides whether a field's value is a credential.
func (s *Scanner) judge(f *field) {
	switch f.class {
	case authHeader:
		if !s.inKey(f) {
			s.authorization(f)
		}
	case challenge:
		s.done = max(s.done, min(s.valueEnd(f, endOfHeader), f.v+maxValue))
	case hashed:
		s.hashed(f)
	case cookies:
		if f.bracket == '{' { // a map: its keys are names of cookies
			s.cookieMap = s.hi
			return
		}
		if f.is && f.sep == ' ' && f.bracket == 0 { // session cookie set to x
			f.class = cookie
			s.secretValue(f)
			return
		}
		if f.lo >= s.cookiesEnd {
			s.cookieHeader(f)
		}
	default:
		s.secretValue(f)
		if f.class == otp && s.t[f.hi-1]|0x20 == 's' {
			s.moreCodes(f)
		}
	}
}

// moreCodes judges the values after the first of a list of codes.
func (s *Scanner) moreCodes(f *field) {
	v := *f
	for range 16 {
		i, gap := v.v, 0
		for i < s.hi && (isAlnum(s.t[i]) || s.t[i] == '-') {
			i++
		}
		for ; gap < 8; gap++ {
			c, n := s.at(i)
			if n == 0 || c != '"' && c != '\'' && c != ',' && c != ' ' {
				break
			}
			i += n
		}
		if v.v = i; gap == 0 || i >= s.hi || !isAlnum(s.t[i]) {
			return
		}
		if e := endOfWord(s.t, i, s.hi); !hasDigit(s.t[i:e]) {
			return
		}
		v.sep, v.quote = '=', 0
		s.secretValue(&v)
	}
}

// location says where a field's value travelled, as far as the notation shows.
func (f *field) location(s *Scanner) string {
	switch {
	case f.class == authHeader || f.class == challenge:
		if f.query && f.sep == '=' {
			return "query"
		}
		return "header"
	case f.class == cookies || f.class == cookie:
		return "cookie"
	case f.query:
		return "query"
	case f.sep == ':' && !f.quoted && bytes.IndexByte(s.t[f.lo:f.hi], '-') >= 0:
		return "header"
	case f.lo >= s.lo+2 && s.t[f.lo-1] == '-' && s.t[f.lo-2] == '-':
		return "command_line"
	}
	return "body"
}

const (
	maxValue = 64 << 10 // bytes of a value that are looked at

	shortestToken = 8       // bytes that the values of apiKey, token, refresh and secret have at least
	longValue     = 256     // a longer one, found to be no credential, isn't looked into again
	maxWords      = 6       // of a header's value: schemes, a mask, a credential
	maxParams     = 4 << 10 // bytes of a list of parameters
)

// secretValue judges the value of a field that isn't a header of credentials.
func (s *Scanner) secretValue(f *field) {
	stop := endOfToken
	switch {
	case f.query:
		stop = endOfQuery
	case f.class == password:
		stop = endOfPassword
	}
	if f.class == signature && s.saslText(f) {
		return
	}
	end := s.valueEnd(f, stop)
	if end <= f.v {
		return
	}
	if f.bracket == '{' && f.quote != 0 && s.isKey(end) || f.bracket == '(' && f.quote == 0 && f.words == 0 && end < s.hi && s.t[end] == ' ' {
		return // a key; a remark, (known after apply)
	}
	if c, _ := s.at(end); c == '&' && f.sep == '=' && f.class != password {
		f.query = true
	}
	if f.class == password && f.words > 0 && f.quote == 0 && end+1 < s.hi { // a generated one may hold any sign
		if e := endOfWord(s.t, end, s.hi); e == s.hi && !bytes.ContainsAny(s.t[end:e], "\"'=\\}") && end-f.v >= 3 {
			end = e
		}
	}
	if f.class == password && f.quote == 0 && !f.query {
		end = s.passwordEnd(f, end)
	}
	p := s.decode(f.v, min(end, f.v+maxValue))
	b := p.b
	if f.quote == 0 && len(b) > 0 && b[0] == '$' && end < s.hi { // ${{ secrets.X }} holds blanks
		if len(b) > 1 && (b[1] == '{' || b[1] == '(') {
			return
		}
	}
	i, e := 0, len(b)
	for i < e && isSpace(b[i]) {
		i++
	}
	for e > i && (isSpace(b[e-1]) || f.quote == 0 && b64Trail(b[e-1]) && !hasSuffix(b[i:e], "..")) { // an ellipsis is a mask
		e--
	}
	if i == e {
		return
	}
	scheme := ""
	if sp := bytes.IndexByte(b[i:e], ' '); sp > 0 && f.class != password { // "token": "Bearer x"
		var buf [32]byte
		if sp < 24 && schemeOfWord(small(buf[:0], b[i:i+sp])) != noScheme {
			s.credentials(&p, f.location(s), false, true)
			return
		}
		if f.quote == 0 {
			return
		}
	}
	if c, n := s.at(end); c == ';' && n > 0 {
		f.listed = true
	}
	v := b[i:e]
	if hasPrefix(v, "-----BEGIN") && bytes.Contains(v, []byte("-----END")) { // judged there
		return
	}
	defer s.skipLong(&p, i, e)
	if f.class == signature {
		for _, h := range [...]string{"sha256=", "sha1=", "sha512=", "v0=", "v1="} {
			if hasPrefix(v, h) {
				i += len(h)
				v = b[i:e]
			}
		}
	}
	if f.sep == '=' && f.words == 0 && len(v) < 32 && f.class >= apiKey && f.class <= password {
		if isParameter(v) {
			s.boundByName(v, f.v, f.class)
			return
		}
		if n := s.parameter(v, f.v); n > 0 {
			s.bound(n, end, f.class)
			return
		}
	}
	if len(v) < shortestToken && f.class >= apiKey && f.class <= secret {
		return
	}
	g := assess(v)
	if v = b[i:e]; len(v) > 0 && v[0] == '@' && f.sep == ':' && !f.spaced && f.quote == 0 { // https://$TOKEN:@host
		return
	}
	if f.class == password && g == nothing && digest(s.t[p.raw(i):s.hi]) {
		s.note(f.v, PasswordHash)
	}
	if f.class == otp && g == nothing && len(v) <= 12 && hasDigit(v) && !isHash(v) { // any digit shown is too much
		g = shown
	}
	if g == nothing || f.class != signature && isHash(s.t[f.v:s.hi]) || !s.secretly(f, v, g, end) {
		return
	}
	sp := Span{Kind: kindOf[f.class], Scheme: scheme, Location: f.location(s), Severity: detectors.High, Confidence: 0.9}
	if form := formOf(v); form != nil && g == recognised {
		sp.Kind, sp.Confidence = form.kind, 0.99
	} else if josePart(v) {
		sp.Kind, sp.Confidence = "jwt", 0.98
	}
	switch {
	case g == shown:
		sp.Severity, sp.Confidence = detectors.Low, 0.6
	case f.class == otp || f.class == signature && !f.query:
		sp.Severity = detectors.Low
	case f.class == authCode || f.class == loose:
		sp.Severity = detectors.Medium
	}
	if f.class == signature && f.query {
		sp.Kind = "presigned-url"
	}
	if f.class == declared {
		sp.Kind, sp.Confidence = "own-name", 0.95
		sp.Location, _ = s.declaredValue(f, v, g, true)
	}
	sp.Number = f.number(s, v)
	s.emit(p.raw(i), s.rawEnd(&p, e), sp)
}

// saslText judges a message of SASL's PLAIN that is printed as it is: \0name\0password
// (RFC 4616).
func (s *Scanner) saslText(f *field) bool {
	c, n := s.at(f.v)
	if c != 0 || n < 2 {
		return false
	}
	i := f.v + n
	for i < s.hi && (nameChar(s.t[i]) || s.t[i] == '@') {
		i++
	}
	if c, n = s.at(i); c != 0 || n < 2 {
		return false
	}
	v := *f
	v.class, v.v, v.sep = password, i+n, '='
	s.secretValue(&v)
	return true
}

// inStruct reports whether what stands at i is in a map or struct as Go prints them:
// map[user:x password:y], {User:x Password:y}.
func (s *Scanner) inStruct(i int) bool {
	before := s.t[max(s.lo, i-200):i]
	open := bytes.LastIndexAny(before, "{}[]")
	return open >= 0 && (before[open] == '{' || bytes.HasSuffix(before[:open+1], []byte("map[")))
}

// isKey reports whether the quote at end closes the key of an object.
func (s *Scanner) isKey(end int) bool {
	_, n := s.at(end)
	c, _ := s.at(s.spaces(end + n))
	return c == ':'
}

// inKey reports whether f's name is a part of a key or a path, cache:token:7, and
// no field.
func (s *Scanner) inKey(f *field) bool {
	if f.sep != ':' || f.spaced || f.quoted || f.quote != 0 || f.lo < s.lo+2 || !wordChar[s.t[f.lo-2]] {
		return false
	}
	if s.t[f.lo-1] == ' ' && f.class != authHeader { // GET token:7
		before := s.t[max(s.lo, f.lo-12) : f.lo-1]
		return storeVerbs[string(before[bytes.LastIndexAny(before, " \"'")+1:])]
	}
	e := endOfWord(s.t, f.v, s.hi)
	switch s.t[f.lo-1] {
	case ':', '/':
		return f.class != authHeader || e == s.hi || schemeAt(s.t[f.v:e]) == noScheme
	case '=': // key=token:orders:7
		return bytes.IndexByte(s.t[f.v:e], ':') > 0
	}
	return false
}

// storeVerbs are commands of Redis and memcached that are followed by a key.
var storeVerbs = set("GET SET DEL SETEX SETNX PSETEX GETEX GETDEL MGET EXISTS EXPIRE TTL PTTL HGET HSET HGETALL HDEL INCR UNLINK get set delete", " ")

// number reports whether v is a bare number of JSON.
func (f *field) number(s *Scanner, v []byte) bool {
	return f.quote == 0 && f.quoted && f.lo > s.lo && s.t[f.lo-1] == '"' && f.sep == ':' && digitsOnly(v)
}

// endOfWord returns where the run without blanks at i ends, as far as one looks.
func endOfWord(t []byte, i, hi int) int {
	for n := 0; i < hi && n < 64 && !isSpace(t[i]); n++ {
		i++
	}
	return i
}

var kindOf = [...]string{apiKey: "api-key", token: "token", refresh: "refresh-token", secret: "secret", password: "password", otp: "otp", authCode: "oauth-code", signature: "signature", presigned: "presigned-url",
	saml: "saml", assertion: "assertion", ticket: "ticket", key: "api-key", loose: "token", cookie: "cookie", nonces: "", declared: "own-name"}

func digitsOnly(v []byte) bool {
	for _, c := range v {
		if !isDigit(c) {
			return false
		}
	}
	return len(v) > 0
}

// secretly weighs a value's grade against its name and the notation.
func (s *Scanner) secretly(f *field, v []byte, g grade, end int) bool {
	said := f.sep == '=' || f.sep == '|' && mixed(v) || f.quote != 0 || f.attr || f.quoted || f.pair // a notation, not a sentence
	switch {
	case f.words > 0:
		said = false
	case f.sep == ':' && !f.spaced && f.class == password && g == plain:
		said = said || s.inStruct(f.lo)
	case f.sep == ',' && (f.flag || f.tuple && s.tupleCloses(end)) && f.quote != 0: // else it may be a list of names
		said = f.class == password && chosen(v) && len(v) >= 8 || f.class != password && f.tuple && len(v) >= 16 && g == plain && !isSlug(v) && bytes.IndexByte(v, ' ') < 0
	case f.sep == ',' && !f.pair:
		said = false
	}
	if f.class == secret && !f.query && len(v) <= 24 && isAccessKey(s.t[f.lo:f.hi]) {
		return false // its id, as S3's clients and servers call it
	}
	if g != recognised && s.inKey(f) || g == tokenLike && hasClock(v) || f.quote == 0 && isAddress(v) {
		return false
	}
	switch f.class {
	case declared:
		_, ok := s.declaredValue(f, v, g, said)
		return ok
	case password:
		return passwordLike(f, v, g, said)
	case otp:
		if len(v) > 12 {
			return f.sep != ' ' && f.words == 0 && chosen(v)
		}
		return (f.sep != ' ' || f.is || digitsOnly(v) && len(v) >= 6 && len(v) <= 8) && !isPair(v) && len(v) >= 4 && len(v) <= 12 && hasDigit(v)
	case token, refresh, apiKey, secret:
		return s.tokenValue(f, v, g, said, end)
	case authCode:
		return g >= plain && len(v) >= 10 && mixed(v)
	case cookie:
		if raw := s.t[f.lo:f.hi]; hasSuffix(raw, "_id") || hasSuffix(raw, "-id") || hasSuffix(raw, "Id") || hasSuffix(raw, "ID") && raw[0]|0x20 == 's' {
			if !f.query && !f.listed && f.lo >= s.cookieMap { // an identifier, not the cookie
				return false
			}
		}
		return (f.words == 0 || !isPair(v)) && (g >= tokenLike || g == plain && len(v) >= 10 && mixed(v))
	case presigned:
		return g >= tokenLike
	case signature:
		if f.sep == ':' && !f.quoted && bytes.IndexByte(s.t[f.lo:f.hi], '-') > 0 {
			return g >= tokenLike && len(v) >= 20
		}
		return (f.query || f.escaped(s)) && f.sep == '=' && (g >= tokenLike || len(v) >= 20 && g == plain)
	case saml:
		return len(v) >= 60
	case assertion:
		return g >= tokenLike && len(v) >= 32
	case ticket:
		return hasPrefix(v, "ST-") || hasPrefix(v, "TGT-") || hasPrefix(v, "PT-") || f.query && g >= tokenLike
	case key:
		return g == recognised || f.query && f.sep == '=' && g >= tokenLike && len(v) >= 20 && !isUUID(v)
	case loose:
		return s.loosely(f, v, g)
	}
	return false
}

// verdict reports whether the field may be a test's: "PASS: x".
func (f *field) verdict() bool {
	return f.hi-f.lo == 4 && f.sep == ':' && f.spaced && !f.quoted && f.quote == 0 && f.capital
}

// passwordLike weighs the value of a password's name: said where a notation, and
// not a sentence, joins the two.
func passwordLike(f *field, v []byte, g grade, said bool) bool {
	if len(v) <= 3 && f.hi-f.lo == 4 && digitsOnly(v) || f.verdict() && chosen(v) && isAlnum(v[len(v)-1]) && !bytes.ContainsAny(v, "!#$%&*@") {
		return false // pass=12 fail=3, PASS: TestLogin2
	}
	if f.words > 0 && (f.quote == 0 && isPair(v) || f.bracket != 0 && isUUID(v)) { // what the sentence is about
		return false
	}
	if f.quote == 0 && (f.spaced && isCall(v) || isPath(v) || f.sep == ' ' && bytes.IndexByte(v, '(') > 0) { // source code, a column's type
		return false
	}
	if v[0] == '/' && f.hi-f.lo <= 4 || isSentence(v) || isReference(v) { // PWD, the working directory
		return false
	}
	if g >= plain || g == shown {
		if f.sep == ' ' && f.quote == 0 {
			if f.words > 0 {
				return f.is && (chosen(v) || g == tokenLike)
			}
			return chosen(v) && len(v) >= 8 && !bytes.ContainsAny(v, "=:/.") && !isUUID(v)
		}
		return said || f.sep == ':' && f.words == 0 && (chosen(v) || g == tokenLike) || f.words > 0 && f.quote != 0 || (chosen(v) && f.words > 0 && f.sep != ' ') || f.is && f.sep == ':' && g == plain || g == tokenLike
	}
	return said && f.sep != ' ' && len(v) >= 3
}

// tokenValue weighs the value of the name of a token, a key or a secret.
func (s *Scanner) tokenValue(f *field, v []byte, g grade, said bool, end int) bool {
	switch {
	case g != recognised && isObjectName(v):
		return false
	case (f.sep == ' ' || f.words > 0) && g != recognised && (isSlug(v) || (f.bracket != 0 || f.whose && f.sep == ' ') && isUUID(v)):
		return false
	case f.sep == ' ' && f.quote == 0 && f.class != apiKey && isResource(v):
		return false
	case isReference(v) && g != recognised:
		if v[0] == 'a' { // an ARN may hold the words of a name
			s.done = end
		}
		return false
	case f.quote == 0 && (isPair(v) || end < s.hi && s.t[end] == '('):
		return false
	case g < tokenLike && f.number(s, v):
		return len(v) >= 10 && !(v[0] == '1' && (len(v) == 10 || len(v) == 13)) // a time
	case g >= tokenLike || g == shown:
		return f.class != token || f.sep != ' ' || f.words > 0 || f.quote != 0 || g == recognised || len(v) >= 20
	case g <= plain && f.quote == 0 && classify(v) != noSecret: // another name
		return false
	case said && g == plain:
		return len(v) >= 8 && (mixed(v) || f.class != token) && (f.sep != ' ')
	case f.sep == ':' && g == plain:
		return len(v) >= 10 && mixed(v)
	case said && f.class == secret && g == prose:
		return len(v) >= 8 && f.sep != ' ' && f.sep != ','
	}
	return false
}

// loosely weighs names that are credentials in some places only.
func (s *Scanner) loosely(f *field, v []byte, g grade) bool {
	var buf [48]byte
	name := foldName(buf[:0], s.t[f.lo:f.hi])
	switch {
	case g == recognised:
		return true
	case hasSuffix(name, "code"):
		if f.sep != '=' || g != tokenLike && !mixed(v) {
			return false
		}
		return (f.query || f.escaped(s)) && len(v) >= 10 || g == tokenLike && len(v) >= 32 && !hexOnly(v)
	case f.attr && string(name) == "auth", string(name) == "resp":
		return saslPlain(v)
	case string(name) == "xauth" && len(v) >= 20:
		return (f.sep == '=' || f.sep == ':') && g == tokenLike
	case string(name) == "auth" || string(name) == "xauth":
		return f.sep == '=' && len(v) >= 16 && basicPair(v) || (f.query && f.sep == '=' || f.quoted && f.quote != 0 && f.sep == ':') && g >= tokenLike
	case string(name) == "sid" || string(name) == "session":
		return (f.pair || f.sep == '=' && (f.query || f.listed) && !isUUID(v) || f.lo < s.cookieMap) && g >= tokenLike
	case hasSuffix(name, "session"):
		return len(name) > 8 && g >= tokenLike && len(v) >= 20
	case string(name) == "secretid": // of Vault and Consul; elsewhere a name
		return isUUID(v)
	case string(name) == "cred", hasSuffix(name, "credential"), hasSuffix(name, "credentials"), hasSuffix(name, "secrets"):
		return (f.quote != 0 && (f.sep == '=' || f.quoted) || len(name) == 4 && f.sep == '=') && g >= plain && chosen(v) && len(v) >= 8 && bytes.IndexByte(v, '/') < 0
	}
	return f.query && f.sep == '=' && g >= tokenLike
}

func hasDigit(v []byte) bool {
	for _, c := range v {
		if isDigit(c) {
			return true
		}
	}
	return false
}
