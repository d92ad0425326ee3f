package parsers

import "strings"

// nginx takes a log_format apart: $name and ${name}
// (https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format). Names of
// variables are the user's own too, so that none is unknown.
func (t *template) nginx(format string) error {
	for i := 0; i < len(format); {
		if format[i] != '$' {
			n := strings.IndexByte(format[i:], '$')
			if n < 0 {
				n = len(format) - i
			}
			t.text(format[i : i+n])
			i += n
			continue
		}
		at := i
		i++
		braced := i < len(format) && format[i] == '{'
		if braced {
			i++
		}
		start := i
		for i < len(format) && isWord(format[i]) && format[i] < 0x80 {
			i++
		}
		name := format[start:i]
		if name == "" {
			return badFormat(at, "a $ without a name")
		}
		if braced {
			if i == len(format) || format[i] != '}' {
				return badFormat(at, "${ without }")
			}
			i++
		}
		t.field(nginxKey(name), at)
		switch name {
		case "body_bytes_sent", "bytes_sent", "connection", "connection_requests", "msec", "pid", "remote_port", "request_length", "request_time", "server_port":
			t.number()
		}
	}
	return nil
}

// nginxKey returns the key that means what the variable does.
func nginxKey(name string) string {
	switch name {
	case "proxy_add_x_forwarded_for":
		return "x_forwarded_for"
	case "request_time", "connection_time", "upstream_status", "request_length", "request_body":
		return ""
	}
	return name
}
