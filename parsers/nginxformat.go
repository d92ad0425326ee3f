package parsers

import (
	"slices"
	"strings"
)

// nginx takes a log_format apart: $name and ${name}
// (https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format). Names of
// variables may be the user's own, so that none is an error.
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
		if t.slots[len(t.slots)-1].m.field == fNone && !isNginxVariable(name) {
			t.unknown = append(t.unknown, "$"+name)
		}
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

// isNginxVariable reports whether nginx has the variable by itself
// (https://nginx.org/en/docs/varindex.html).
func isNginxVariable(name string) bool {
	for _, prefix := range [...]string{"acme_", "arg_", "cookie_", "date_", "geoip_", "geoip2_", "http_", "jwt_", "otel_", "proxy_", "sent_http_", "sent_trailer_",
		"session_log_", "ssl_", "tcpinfo_", "upstream_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(nginxVariables, name) || len(name) == 1 && name[0]-'0' < 10
}

var nginxVariables = strings.Fields(`ancient_browser args binary_remote_addr body_bytes_sent bytes_received bytes_sent connection connection_requests
	connection_time connections_active connections_reading connections_waiting connections_writing content_length content_type document_root document_uri
	fastcgi_path_info fastcgi_script_name gzip_ratio host hostname http2 http3 https invalid_referer is_args is_request_port limit_conn_status limit_rate
	limit_req_status memcached_key modern_browser mqtt_preread_clientid mqtt_preread_username msec msie nginx_version pid pipe protocol query_string
	realip_remote_addr realip_remote_port realpath_root remote_addr remote_port remote_user request request_body request_body_file request_completion
	request_filename request_id request_length request_method request_port request_time request_uri scheme secure_link secure_link_expires server_addr
	server_name server_port server_protocol session_time slice_range spdy spdy_request_priority status time_iso8601 time_local uid_got uid_reset
	uid_set uri`)
