package rules

import (
	"bytes"
	"slices"
	"strings"
)

// What of a text a client wrote, by what stands around it: rules don't look there.

// maskable reports whether a user's name is to be left out wherever it stands: a
// name of one plain word could as well be one of the server's own.
func maskable(user []byte) bool {
	if len(user) < 3 || bytes.Contains(user, []byte("anonymous")) {
		return false
	}
	for _, c := range user {
		if !('a' <= c|0x20 && c|0x20 <= 'z') {
			return true
		}
	}
	return false
}

// own are the parts of URLs and paths that a client doesn't choose.
var own = [][]byte{
	[]byte("jwks"), []byte("certs"), []byte("openid-configuration"), []byte("introspect"), []byte("tokenreview"), []byte("userinfo"),
	[]byte("oauth2/auth"), []byte("oauth2/token"), []byte("oauth/token"), []byte("connect/token"), []byte("htpasswd"), []byte("keytab"), []byte("discovery/keys"), []byte("ldap"),
}

// clientText returns how many bytes from i on to leave out: a URL's query, the
// path of a request, a quoted name after the word "user" and its like. The word
// before i starts at word.
func clientText(b []byte, word, i int) int {
	switch b[i] {
	case '?':
		if i+1 < len(b) && isAlnum(b[i+1]) {
			return wordEnd(b, i) - i
		}
		return 0
	case '/':
		if i > 0 && (isAlnum(b[i-1]) || b[i-1] == '/') || i+1 >= len(b) || !isAlnum(b[i+1]) {
			return 0 // "missing/malformed", a scheme's "//"
		}
		return requestPath(b, i)
	}
	if b[i] == '=' || b[i] == ':' || b[i] == '"' {
		if n := clientValue(b, word, i); n > 0 {
			return n
		}
	}
	if b[i] == ' ' && string(b[word:i]) == "hostname" && bytes.HasPrefix(b[i:], []byte(" unknown")) {
		return len(" unknown")
	}
	if !nameFollows(b[word:i]) {
		return 0
	}
	j := i
	for j < len(b) && (b[j] == ' ' || b[j] == ':' || b[j] == '=') {
		j++
	}
	if j >= len(b) || b[j] == '\n' || bytes.HasPrefix(b[j:], []byte("<anonymous>")) || bytes.HasPrefix(b[j:], []byte("system:anonymous")) || bytes.HasPrefix(b[j:], []byte(`"system:anonymous`)) {
		return 0
	}
	if q := b[j]; q == '\'' || q == '"' || q == '`' {
		close := q
		if q == '`' {
			if n := bytes.IndexAny(b[j+1:min(len(b), j+300)], "`'"); n >= 0 {
				return j + 1 + n - i
			}
			return 0
		}
		if n := bytes.IndexByte(b[j+1:min(len(b), j+300)], close); n >= 0 {
			return j + 1 + n - i
		}
		return 0
	}
	if b[i] == '=' || j > i+1 && b[i] == ':' { // user=x, user: x
		return valueEnd(b, j) - i
	}
	if j == i+1 && b[i] == ' ' {
		end := valueEnd(b, j)
		if end < len(b) && b[end] == ':' && !slices.Contains(states, string(b[j:end])) && !slices.Contains(ofUsers, string(b[j:end])) || follows(b, word, "for ") || follows(b, word, "by ") || follows(b, word, "invalid ") && follows(b, word-len("invalid "), "for ") {
			return end - i
		}
	}
	return 0
}

// clientValue returns the length of what stands behind the key that ends at i, if
// that is text of a client in quotes, or the name of a host that nobody knows.
func clientValue(b []byte, word, i int) int {
	j := i
	if b[j] == '"' { // of a key in quotes
		if j+1 == len(b) || b[j+1] != ':' {
			return 0
		}
		j++
	}
	if b[j] == ':' && j+1 < len(b) && b[j+1] == ' ' {
		j++
	}
	j++
	if j+1 >= len(b) {
		return 0
	}
	switch q := b[j]; {
	case b[i] == '=' && (bytes.HasPrefix(b[j:], []byte("<unknown>")) || bytes.HasPrefix(b[j:], []byte("unknown"))):
		switch string(b[word:i]) {
		case "host", "hostname", "rdns", "ptr", "country", "city", "region", "geo":
			return valueEnd(b, j) - i
		}
	case q == '"' || q == '\'' || q == '<':
		if !clientWrites(b, word, i) {
			break
		}
		if q == '<' { // "helo=<name>"
			q = '>'
		}
		n := j + 1
		for n < len(b) && b[n] != q && b[n] != '\n' {
			if b[n] == '\\' {
				n++
			}
			n++
		}
		if n < len(b) && b[n] == q {
			n++
		}
		return min(n, len(b)) - i // where a line was cut, its rest is the client's
	}
	return 0
}

// clientWrites reports whether b[word:i] ends the name of a field that holds what
// people type or what a client says of itself. Exim's T is a mail's subject.
func clientWrites(b []byte, word, i int) bool {
	switch string(b[word:i]) {
	case "subject", "Subject", "comment", "query", "search", "ua", "useragent", "userAgent", "referer", "referrer", "Referer", "helo", "HELO", "ehlo", "EHLO":
		return true
	case "agent", "Agent":
		return word > 4 && bytes.EqualFold(b[word-5:word-1], []byte("user")) && (b[word-1] == '_' || b[word-1] == '-' || b[word-1] == '.')
	case "T":
		return b[i] == '=' && word > 0 && b[word-1] == ' '
	}
	return false
}

// ofUsers are no names behind "user", though a colon follows: "unknown user agent: x".
var ofUsers = strings.Fields(`agent agents preference preferences config configuration setting settings option options type field property
	attribute error errors id ids name names group groups role roles table session sessions profile input data store storage service`)

// requestPath returns the length of the path at i, 0 if it is the server's own.
func requestPath(b []byte, i int) int {
	end := wordEnd(b, i)
	path := b[i:min(end, i+200)]
	for _, o := range own {
		if bytes.Contains(path, o) {
			return 0
		}
	}
	return end - i
}

// follows reports whether b[:at] ends with s.
func follows(b []byte, at int, s string) bool {
	return at >= len(s) && string(b[at-len(s):at]) == s
}

// states may follow "user" and stand before a colon, as a name may.
var states = []string{"denied", "rejected", "refused", "locked", "disabled", "blocked", "unknown", "invalid", "expired", "inactive", "error", "failed", "found",
	"failure", "failures", "denial", "rejection", "attempt", "attempts", "succeeded"}

// nameFollows reports whether w is a word after which a client's name stands.
func nameFollows(w []byte) bool {
	switch len(w) {
	case 4:
		return string(w) == "user" || string(w) == "User"
	case 5:
		return string(w) == "login" || string(w) == "email"
	case 8:
		return string(w) == "username" || string(w) == "userName" || string(w) == "Username"
	}
	return false
}

// authorityEnd returns the end of the host and port at i.
func authorityEnd(b []byte, i int) int {
	for i < len(b) && (isAlnum(b[i]) || b[i] == '.' || b[i] == ':' || b[i] == '-' || b[i] == '@' || b[i] == '[' || b[i] == ']') {
		i++
	}
	return i
}

// wordEnd returns the end of what starts at i and goes on to a blank or a quote.
func wordEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != '"' && b[i] != '\'' && b[i] != '>' && b[i] != ')' && b[i] != ']' && b[i] != '|' && b[i] != ',' && b[i] != ';' {
		i++
	}
	return i
}

// valueEnd returns the end of a value without quotes.
func valueEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != ';' && b[i] != ':' && b[i] != ')' && b[i] != ']' && b[i] != '|' && b[i] != '"' {
		i++
	}
	return i
}
