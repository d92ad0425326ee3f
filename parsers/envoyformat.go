package parsers

import "strings"

// isEnvoyFormat tells Envoy's command operators by the percent sign that ends one.
func isEnvoyFormat(format string) bool {
	_, rest, ok := strings.Cut(format, "%")
	n := 0
	for n < len(rest) && (rest[n]-'A' < 26 || rest[n] == '_') {
		n++
	}
	return ok && n > 2 && n < len(rest) && (rest[n] == '%' || rest[n] == '(')
}

// envoy takes an access log format apart: %NAME%, %NAME(ARGUMENT):LENGTH%
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage).
func (t *template) envoy(format string) error {
	for i := 0; i < len(format); {
		if format[i] != '%' {
			t.text(format[i : i+1])
			i++
			continue
		}
		at := i
		n := strings.IndexByte(format[i+1:], '%')
		if open := strings.IndexByte(format[i+1:], '('); open >= 0 && open < n { // the argument may hold %
			end := strings.IndexByte(format[i+1:], ')')
			if end < 0 {
				return badFormat(at, "( without )")
			}
			if n = strings.IndexByte(format[i+1+end:], '%'); n >= 0 {
				n += end
			}
		}
		if n < 0 {
			return badFormat(at, "a % without the % that ends it")
		}
		name := format[i+1 : i+1+n]
		i += n + 2
		if name == "" {
			t.text("%")
			continue
		}
		t.field(envoyKey(name), at)
	}
	return nil
}

// CompileEnvoyJSON makes a parser of a json_format: keys and the operators that they show.
func CompileEnvoyJSON(name string, operators []Key) (*Parser, error) {
	d := Definition{Name: name, Layer: Edge, Title: "A format of Envoy's configuration"}
	for _, k := range operators {
		operator, ok := strings.CutPrefix(k.Field, "%")
		if operator, closed := strings.CutSuffix(operator, "%"); ok && closed {
			if key := envoyKey(operator); key != "" && keyMeanings.find(hashKey(hashSeed, []byte(key))).field != fNone {
				d.JSON = append(d.JSON, Key{k.Path, key})
			}
		}
	}
	return d.Compile()
}

// envoyKey returns the key that means what the operator does, "" where it means
// nothing to us.
func envoyKey(name string) string {
	name, arg, _ := strings.Cut(name, "(")
	arg, _, _ = strings.Cut(arg, ")")
	switch name {
	case "START_TIME":
		return "start_time"
	case "RESPONSE_CODE":
		return "status"
	case "RESPONSE_FLAGS":
		return "response_flags"
	case "RESPONSE_CODE_DETAILS":
		return "response_code_details"
	case "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT":
		return "client_ip"
	case "UPSTREAM_HOST":
		return "upstream_host"
	case "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT", "DOWNSTREAM_TLS_VERSION", "DOWNSTREAM_TLS_CIPHER":
		return name
	case "TRACE_ID":
		return "trace_id"
	case "REQ":
		switch arg, _, _ = strings.Cut(arg, "?"); strings.ToLower(arg) {
		case ":method":
			return "method"
		case ":path", "x-envoy-original-path":
			return "path"
		case ":authority":
			return "authority"
		}
		return arg
	case "RESP":
		if strings.EqualFold(arg, "www-authenticate") {
			return "www_authenticate"
		}
	}
	return ""
}
