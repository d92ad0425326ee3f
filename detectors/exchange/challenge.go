package exchange

import (
	"bytes"
	"strings"
)

// A challenge is one of those that an answer makes (RFC 9110, section 11.6.1).
type challenge struct {
	scheme string // as written
	params []param
}

type param struct{ name, value string }

// get returns the value of a parameter, "" where there is none.
func (c *challenge) get(name string) string {
	for _, p := range c.params {
		if strings.EqualFold(p.name, name) {
			return p.value
		}
	}
	return ""
}

const maxChallenges = 16 // and as many parameters of each

// challenges reads the value of a WWW-Authenticate header, or of several joined by commas.
func challenges(b []byte) (list []challenge) {
	for {
		b = bytes.TrimLeft(b, " \t,")
		n := tokenEnd(b)
		if n == 0 {
			return list
		}
		word := string(b[:n])
		rest := bytes.TrimLeft(b[n:], " \t")
		switch {
		case len(rest) > 0 && rest[0] == '=' && len(list) > 0: // name=value
			var value string
			value, b = paramValue(rest[1:])
			if c := &list[len(list)-1]; len(c.params) < maxChallenges {
				c.params = append(c.params, param{word, value})
			}
		case len(list) == maxChallenges:
			return list
		default:
			list = append(list, challenge{scheme: word})
			b = rest
			if n := token68End(rest); n > 0 { // Negotiate oRQwEq==
				b = rest[n:]
			}
		}
	}
}

// paramValue reads a token or a quoted string.
func paramValue(b []byte) (value string, rest []byte) {
	b = bytes.TrimLeft(b, " \t")
	if len(b) == 0 || b[0] != '"' {
		n := bytes.IndexAny(b, ", \t")
		if n < 0 {
			n = len(b)
		}
		return string(b[:n]), b[n:]
	}
	var v []byte
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '"':
			return string(v), b[i+1:]
		case b[i] == '\\' && i+1 < len(b):
			i++
		}
		v = append(v, b[i])
	}
	return string(v), nil
}

// token68End returns the length of the token68 at the start of b, 0 where a
// parameter or another challenge stands there.
func token68End(b []byte) int {
	n := 0
	for n < len(b) && (isToken[b[n]] || b[n] == '/' || b[n] == '+') {
		n++
	}
	for n > 0 && n < len(b) && b[n] == '=' {
		n++
	}
	if n < len(b) && b[n] != ',' && b[n] != ' ' || n > 0 && n < 16 && bytes.IndexByte(b[:n], '=') < 0 {
		return 0
	}
	return n
}

// tokenEnd returns the length of the token (RFC 9110, section 5.6.2) at the start of b.
func tokenEnd(b []byte) int {
	n := 0
	for n < len(b) && isToken[b[n]] {
		n++
	}
	return n
}

var isToken = func() (t [256]bool) {
	for c := range t {
		t[c] = c > ' ' && c < 0x7f && strings.IndexByte(`"(),/:;<=>?@[\]{}`, byte(c)) < 0
	}
	return t
}()
