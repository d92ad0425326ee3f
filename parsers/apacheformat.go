package parsers

import (
	"fmt"
	"strings"
)

// apache takes a LogFormat apart: %h, %>s, %!200{Referer}i
// (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats). Backslashes
// before quotes, as the configuration has them, may stand or not.
func (t *template) apache(format string) error {
	for i := 0; i < len(format); {
		c := format[i]
		if c == '\\' && i+1 < len(format) && strings.IndexByte(`"\tn`, format[i+1]) >= 0 {
			t.text(map[byte]string{'"': `"`, '\\': `\`, 't': "\t", 'n': "\n"}[format[i+1]])
			i += 2
			continue
		}
		if c != '%' {
			t.text(format[i : i+1])
			i++
			continue
		}
		at := i
		i++
		for i < len(format) && (strings.IndexByte("<>!,^", format[i]) >= 0 || format[i]-'0' <= 9) {
			i++
		}
		arg := ""
		if i < len(format) && format[i] == '{' {
			n := strings.IndexByte(format[i:], '}')
			if n < 0 {
				return badFormat(at, "%{ without }")
			}
			arg = format[i+1 : i+n]
			i += n + 1
		}
		if i == len(format) {
			return badFormat(at, "a % without a letter")
		}
		letter := format[i]
		i++
		if letter == '%' {
			t.text("%")
			continue
		}
		key, ok := apacheKey(letter, arg)
		if !ok {
			return badFormat(at, fmt.Sprintf("%%%c is no field of Apache's", letter))
		}
		if letter == 't' && arg == "" {
			t.text("[")
			t.field(key, at)
			t.text("]")
		} else if letter == 't' && i < len(format) && format[i] == 't' {
			i++ // ti, to: trailers
			t.field("", at)
		} else if letter != 't' || !t.goesOn() {
			t.field(key, at)
			if strings.IndexByte("bBDITOSkp", letter) >= 0 {
				t.number()
			}
		}
	}
	return nil
}

// goesOn reports whether a time that follows is a part of the one before it, and makes
// one of both: %{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t.
func (t *template) goesOn() bool {
	if len(t.slots) == 0 {
		return false
	}
	last := &t.slots[len(t.slots)-1]
	switch string(last.after) {
	case "", ".", ",", " ", "T", ":":
		if last.stamp {
			last.after = nil
		}
		return last.stamp
	}
	return false
}

// apacheKey returns the key that means what the directive does, "" where it means
// nothing to us.
func apacheKey(letter byte, arg string) (key string, ok bool) {
	switch letter {
	case 'h':
		return "remote_host", true
	case 'a':
		if arg == "c" { // the peer, where mod_remoteip replaced the client
			return "", true
		}
		return "client_ip", true
	case 'u':
		return "remote_user", true
	case 't':
		return "time", true
	case 'r':
		return "request", true
	case 's':
		return "status", true
	case 'm':
		return "method", true
	case 'U':
		return "path", true
	case 'v', 'V':
		return "server_name", true
	case 'L':
		return "", true
	case 'i':
		switch strings.ToLower(arg) {
		case "host":
			return "http_host", true
		case "authorization":
			return "authorization", true
		}
		return arg, true
	case 'o':
		if strings.EqualFold(arg, "www-authenticate") {
			return "www_authenticate", true
		}
		return "", true
	case 'e', 'n', 'x':
		switch arg {
		case "UNIQUE_ID", "REQUEST_ID":
			return "request_id", true
		}
		if f := keyMeanings.find(hashKey(hashSeed, []byte(arg))).field; f >= fJA4 && f <= fHTTPVersion { // SSL_CIPHER, and what modules add
			return arg, true
		}
		return "", true
	case 'A', 'b', 'B', 'C', 'D', 'f', 'H', 'I', 'k', 'l', 'O', 'p', 'P', 'q', 'R', 'S', 'T', 'X', '^':
		return "", true
	}
	return "", false
}
