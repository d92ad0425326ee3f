package leak

import (
	"bytes"
	"strings"
)

// placeholders are the whole values that stand for none, folded and without
// what stands around them.
var placeholders = set(
	"redacted masked filtered hidden removed omitted secure secured sanitized sanitised protected private censored scrubbed suppressed elided obfuscated encrypted deleted dropped stripped "+
		"secret token password passwd pwd pass key apikey value string text none null nil undefined nan empty blank unset missing absent unknown default "+
		"true false yes no on off ok na n/a - -- --- . .. ... * ? todo tbd changeme change_me changeit example sample dummy placeholder test fake your yours "+
		"accesstoken mytoken yourtoken apitoken authtoken bearertoken jwt bearer basic digest auth authorization credentials credential header headers cookie session "+
		"object objectobject anonymous guest required optional invalid valid expired malformed present provided supplied given set found enabled disabled rejected accepted verified "+
		"mismatch incorrect wrong changed reset updated failed failure success succeeded bad denied allowed revoked active inactive not is was has with for from in and or the a an of to on "+
		"refresh access id grant type authorization_code refresh_token access_token id_token client_credentials password_grant implicit opaque uuid plain ascii utf8 utf16 latin1 base64 amd64 arm64 i386 armhf int bool str bytes list map array dict struct interface byte "+
		"len length size chars characters hmac sha1 sha256 sha512 md5 hash hashed digest signature encrypted file env vault stdin prompt ask callback code confirm new old current "+
		"pbkdf2 bcrypt argon2 argon2id scrypt sensitive confidential snip snipped truncated cut data info blacklisted", " ")

func set(list, sep string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range bytes.Split([]byte(list), []byte(sep)) {
		m[string(w)] = true
	}
	return m
}

var placeholderShapes = shapesOf(placeholders)

// hidden are the stems that a redaction's words contain, by their first letter.
var hidden = [256][]string{
	'r': {"redact", "removed"}, 'm': {"mask"}, 'f': {"filtered"}, 'h': {"hidden"}, 'o': {"omitted", "obfuscat"},
	's': {"sanitiz", "sanitis", "scrub", "suppress", "sensitive", "snip"}, 'c': {"censor"},
}

// hides reports whether w holds one of them.
func hides(w []byte) bool {
	for i, c := range w {
		for _, h := range hidden[c] {
			if hasPrefix(w[i:], h) {
				return true
			}
		}
	}
	return false
}

// samples are the credentials printed in standards and manuals (RFC 7617, 6749,
// 6750, 7519, 9449, AWS documentation), and words that mark one's own as such.
var samples = [][]byte{
	[]byte("QWxhZGRpbjpvcGVuIHNlc2FtZQ"), []byte("dXNlcm5hbWU6cGFzc3dvcmQ"), []byte("dXNlcjpwYXNzd29yZA"), []byte("dXNlcjpwYXNz"), []byte("czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
	[]byte("2YotnFZFEjr1zCsicMWpAA"), []byte("tGzv3JOkF0XG5Qx2TlKWIA"), []byte("SplxlOBeZQQYbYS6WxSbIA"), []byte("mF_9.B5f-4.1JqM"), []byte("vF9dft4qmT"),
	[]byte("wJalrXUtnFEMI"), []byte("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"), []byte("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), []byte("6629fae49393a05397450978507c4ef1"),
	[]byte("dGVzdDoxMjPCow"), []byte("8YhnKrj7kzJz"),
}

// isPlaceholder reports whether v stands in for a value: ${X}, <token>, YOUR_KEY,
// null, [FILTERED], ********.
func isPlaceholder(v []byte) bool {
	switch v[0] {
	case 'E', '#', '{', '%', '$': // what is filled in later, or encrypted: by Jasypt, Spring, Symfony and Ansible
		for _, p := range [...]string{"ENC(", "#{", "{cipher}", "%env(", "$ANSIBLE_VAULT"} {
			if hasPrefix(v, p) {
				return true
			}
		}
	}
	switch v[0] {
	case '<', '[', '(', '{': // <token>, <masked>, [FILTERED], {{token}}
		return isBracketed(v)
	case '$':
		if len(v) > 1 && digitsOnly(v[1:]) { // a parameter of a statement
			return true
		}
		return len(v) == 1 || (v[1] == '{' || v[1] == '(') && isBracketed(v[1:]) || isName(v[1:])
	case '%':
		if n := bytes.IndexByte(v[1:], '%'); n > 0 && isName(v[1:n+1]) {
			return true
		}
		if len(v) < 6 && isAlpha(v[len(v)-1]) || len(v) > 2 && v[1] == '(' { // a format verb
			return true
		}
	case ':': // :name, a parameter of a statement
		if len(v) > 2 && isPlainName(v[1:]) {
			return true
		}
	case '@':
		if len(v) > 1 && (v[1] == '/' || v[1] == '-') || isParameter(v) { // curl reads a file
			return true
		}
	}
	if len(v) < 64 {
		var buf [64]byte
		w := lowerAlnum(buf[:0], v)
		if len(w) == 0 && len(v) < 16 {
			return true
		}
		if placeholderShapes.may(w) && placeholders[string(w)] {
			return true
		}
		if !hasDigit(w) && hides(w) {
			return true
		}
		if hasPrefix(w, "your") && len(w) < 32 || hasSuffix(w, "here") && (hasPrefix(w, "token") || hasPrefix(w, "insert") || hasPrefix(w, "key") || hasPrefix(w, "api") || hasPrefix(w, "secret") || hasPrefix(w, "password") || hasPrefix(w, "access")) {
			return true
		}
		if hasPrefix(v, "env:") || hasPrefix(v, "ENV[") || hasPrefix(v, "secrets.") || hasPrefix(v, "vault:") || hasPrefix(v, "process.env") || hasPrefix(v, "os.environ") || hasPrefix(v, "file:") || hasPrefix(v, "secretKeyRef") {
			return true
		}
		if allX(v) {
			return true
		}
	}
	if bytes.IndexByte(v, '{') > 0 && v[len(v)-1] == '}' && len(v) < 64 { // sha256~{token}
		return true
	}
	return false
}

// isParameter reports whether v is a parameter of a statement with a name: @p1, @password.
func isParameter(v []byte) bool {
	if len(v) < 2 || len(v) > 32 || v[0] != '@' {
		return false
	}
	return isPlainName(bytes.TrimRight(v[1:], "0123456789"))
}

// isBracketed reports whether v is a word in brackets and hardly anything after.
func isBracketed(v []byte) bool {
	n := bytes.LastIndexAny(v[:min(len(v), 64)], ">])}")
	if n < 0 {
		return len(v) < 40
	}
	return len(v)-n < 8
}

// isName reports whether v begins with the name of a variable, in capitals.
func isName(v []byte) bool {
	if len(v) == 0 || !(v[0] == '_' || v[0] >= 'A' && v[0] <= 'Z') {
		return false
	}
	for _, c := range v {
		if !(c == '_' || c >= 'A' && c <= 'Z' || isDigit(c)) {
			return c == '.' || c == ':' || c == '}'
		}
	}
	return true
}

// allX reports whether v is xxxx, XXXX-XXXX, 0000 or the like.
func allX(v []byte) bool {
	if len(v) < 3 {
		return false
	}
	first := byte(0)
	for _, c := range v {
		if c == '-' || c == '.' || c == '_' || c == ':' {
			continue
		}
		if first == 0 {
			first = c | 0x20
		}
		if c|0x20 != first || first != 'x' {
			return false
		}
	}
	return true
}

func isSample(v []byte) bool {
	if sampleStart[v[0]] || len(v) > 64 {
		for _, x := range samples {
			if bytes.HasPrefix(v, x) || len(v) > 64 && bytes.HasSuffix(v, x) {
				return true
			}
		}
	}
	return len(v) >= 10 && bytes.Contains(v, []byte("EXAMPLEKEY"))
}

// sampleStart are the first bytes of samples.
var sampleStart [256]bool

func init() {
	for _, x := range samples {
		sampleStart[x[0]] = true
	}
}

func init() {
	for c := 0x80; c < 256; c++ {
		maskChars[c] = true
	}
}

func init() {
	for c := range 256 {
		switch b := byte(c); {
		case isDigit(b):
			tokenKinds[c] = digitKind
		case b >= 'a' && b <= 'z':
			tokenKinds[c] = lowerKind
		case b >= 'A' && b <= 'Z':
			tokenKinds[c] = upperKind
		case strings.IndexByte("-_.~+/=%:|!$", b) >= 0:
			tokenKinds[c] = otherKind
		}
	}
}
