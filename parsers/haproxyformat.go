package parsers

import (
	"fmt"
	"strings"
)

// isHAProxyFormat tells HAProxy's variables, of two letters mostly.
func isHAProxyFormat(format string) bool {
	for _, v := range [...]string{"%ci", "%tr", "%ST", "%HM", "%HP", "%HU", "%ft", "%{+Q"} {
		if strings.Contains(format, v) {
			return true
		}
	}
	return false
}

// haproxy takes a log-format apart: %ci, %{+Q}r, %[expression]
// (https://docs.haproxy.org/3.0/configuration.html#8.2.6). A backslash before a
// space, as the configuration has it, may stand or not.
func (t *template) haproxy(format string) error {
	all := false // fields are quoted that don't say otherwise
	for i := 0; i < len(format); {
		if c := format[i]; c == '\\' && i+1 < len(format) {
			t.text(format[i+1 : i+2])
			i += 2
			continue
		} else if c != '%' {
			t.text(format[i : i+1])
			i++
			continue
		}
		at := i
		i++
		quoted, plain := false, false
		if i < len(format) && format[i] == '{' {
			n := strings.IndexByte(format[i:], '}')
			if n < 0 {
				return badFormat(at, "%{ without }")
			}
			quoted, plain = strings.Contains(format[i:i+n], "+Q"), strings.Contains(format[i:i+n], "-Q")
			i += n + 1
		}
		key, name := "", ""
		switch {
		case i == len(format):
			return badFormat(at, "a % without a name")
		case format[i] == '%':
			t.text("%")
			i++
			continue
		case format[i] == '[':
			n := strings.IndexByte(format[i:], ']')
			if n < 0 {
				return badFormat(at, "%[ without ]")
			}
			key = haproxyExpression(format[i+1 : i+n])
			i += n + 1
		default:
			n := i
			for n < len(format) && n < i+4 && format[n]|0x20-'a' < 26 {
				n++
			}
			for n > i && !haproxyVariable(format[i:n], &key) {
				n--
			}
			if n == i {
				return badFormat(at, fmt.Sprintf("%%%c is no variable of HAProxy's", format[i]))
			}
			name, i = format[i:n], n
		}
		if name == "o" { // no field: how those behind it are written
			all = quoted
			continue
		}
		quoted = quoted || all && !plain
		if quoted {
			t.text(`"`)
		}
		t.field(key, at)
		switch name {
		case "hr", "hs":
			t.slots[len(t.slots)-1].spare = true
		case "B", "U", "cp", "Ta", "Tc", "Td", "Th", "Ti", "Tq", "TR", "Tr", "Tt", "Tu", "Tw":
			t.number()
		}
		if quoted {
			t.text(`"`)
		}
	}
	return nil
}

// haproxyVariable sets key to what means the same as the variable, "" where that is
// nothing to us, and reports whether there is such a variable.
func haproxyVariable(name string, key *string) bool {
	switch name {
	case "ci":
		*key = "client_ip"
	case "cp":
		*key = "client_port"
	case "t", "tr", "T", "trl", "trg", "Tl":
		*key = "time"
	case "ST":
		*key = "status"
	case "r":
		*key = "request"
	case "HM":
		*key = "method"
	case "HP", "HU", "HPO":
		*key = "uri"
	case "s":
		*key = "upstream_host"
	case "ID":
		*key = "request_id"
	case "sslv":
		*key = "ssl_protocol"
	case "sslc":
		*key = "ssl_cipher"
	case "tsc", "ts", "B", "CC", "CS", "H", "HV", "HQ", "Ta", "Tc", "Td", "Tg", "Th", "Ti", "TR", "Tq", "Tr", "Ts", "Tt", "Tu", "Tw", "U",
		"ac", "b", "bc", "bi", "hrl", "hsl", "bp", "bq", "fc", "fi", "fp", "f", "ft", "hr", "hs", "lc", "ms", "o", "pid", "rc", "rt", "si", "sp", "sq", "sc":
		*key = ""
	default:
		return false
	}
	return true
}

// haproxyExpression returns the key of a sample expression that fetches a header:
// "req.hdr(x-request-id)", "capture.req.hdr(0)".
func haproxyExpression(e string) string {
	e, _, _ = strings.Cut(e, ",")
	name, arg, _ := strings.Cut(e, "(")
	arg = strings.TrimSuffix(arg, ")")
	switch name {
	case "req.hdr", "req.fhdr", "hdr", "var":
		return strings.TrimPrefix(strings.TrimPrefix(arg, "txn."), "req.")
	case "src":
		return "client_ip"
	case "unique-id":
		return "request_id"
	case "ssl_fc_protocol", "ssl_fc_cipher":
		return strings.Replace(name, "_fc", "", 1)
	case "method", "path", "url", "status":
		return name
	}
	return ""
}
