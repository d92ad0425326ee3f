package parsers

import (
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	for _, c := range []struct {
		name, format, line string
		want               map[string]any
	}{
		{"nginx", `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent rt=$request_time id=${request_id}`,
			`192.0.2.1 - ada b [22/Nov/2026:00:12:31 +0000] "GET /a?x=1 HTTP/1.1" 401 17 rt=0.031 id=r-1`,
			map[string]any{"source.ip": "192.0.2.1", "user.name": "ada b", "http.request.method": "GET", "url.original": "/a?x=1", "url.path": "/a",
				"http.response.status_code": 401.0, "http.request.id": "r-1", "@timestamp": "2026-11-22T00:12:31Z"}},
		{"nginx, a name like a time", `$remote_addr $remote_user [$time_iso8601] $status`,
			`192.0.2.1 x [0] [2026-11-22T00:12:31+00:00] 401`,
			map[string]any{"source.ip": "192.0.2.1", "user.name": "x [0]", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31Z"}},
		{"nginx, a quote in an agent", `$msec "$http_user_agent" $status`, `1795306351.250 "a\" 200" 401`,
			map[string]any{"user_agent.original": `a" 200`, "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31.25Z"}},
		{"apache", `%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %{UNIQUE_ID}e %D`,
			`192.0.2.1 - - [22/Nov/2026:00:12:31 +0000] "GET /a HTTP/1.1" 401 17 "-" "curl/8.5.0" Zx-1 120`,
			map[string]any{"source.ip": "192.0.2.1", "http.request.method": "GET", "url.original": "/a", "url.path": "/a", "user_agent.original": "curl/8.5.0",
				"http.response.status_code": 401.0, "http.request.id": "Zx-1", "@timestamp": "2026-11-22T00:12:31Z"}},
		{"haproxy", `%ci:%cp [%tr] %ft %b/%s %ST %{+Q}r`,
			`192.0.2.1:4711 [22/Nov/2026:00:12:31.500] web~ app/s1 401 "GET /a HTTP/1.1"`,
			map[string]any{"source.ip": "192.0.2.1", "source.port": "4711", "http.request.method": "GET", "url.original": "/a", "url.path": "/a",
				"http.response.status_code": 401.0, "server.address": "s1", "@timestamp": "2026-11-22T00:12:31.5Z", "why401.assumed": "zone"}},
		{"envoy", `[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% "%REQ(X-REQUEST-ID)%"`,
			`[2026-11-22T00:12:31.500Z] "GET /a HTTP/2" 401 UAEX "r-1"`,
			map[string]any{"http.request.method": "GET", "url.original": "/a", "url.path": "/a", "http.response.status_code": 401.0, "error.code": "UAEX",
				"http.request.id": "r-1", "@timestamp": "2026-11-22T00:12:31.5Z"}},
		{"nginx, a fingerprint", `$remote_addr [$time_iso8601] $status $http_ssl_ja3_hash $ssl_protocol $ssl_cipher`,
			`192.0.2.1 [2026-11-22T00:12:31+00:00] 401 0a1b2c3d4e5f60718293a4b5c6d7e8f9 TLSv1.3 TLS_AES_128_GCM_SHA256`,
			map[string]any{"source.ip": "192.0.2.1", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31Z",
				"why401.fingerprint": "JA3 0a1b2c3d4e5f60718293a4b5c6d7e8f9"}},
		{"nginx, a connection", `$remote_addr [$time_iso8601] $status "$http_accept_language" $server_protocol $ssl_protocol/$ssl_cipher`,
			`192.0.2.1 [2026-11-22T00:12:31+00:00] 401 "de-DE, de;q=0.9" HTTP/1.1 TLSv1.3/TLS_AES_128_GCM_SHA256`,
			map[string]any{"source.ip": "192.0.2.1", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31Z",
				"why401.fingerprint": "connection TLSv1.3 TLS_AES_128_GCM_SHA256 de-DE, de;q=0.9 - HTTP/1.1"}},
		{"nginx, no connection", `$remote_addr [$time_iso8601] $status "$http_accept_language" $server_protocol $ssl_protocol/$ssl_cipher`,
			`192.0.2.1 [2026-11-22T00:12:31+00:00] 401 "-" HTTP/1.1 -/-`,
			map[string]any{"source.ip": "192.0.2.1", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31Z"}},
		{"apache, TLS", `%h %t %>s %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%{Accept-Language}i"`,
			`192.0.2.1 [22/Nov/2026:00:12:31 +0000] 401 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "en"`,
			map[string]any{"source.ip": "192.0.2.1", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31Z",
				"why401.fingerprint": "connection TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 en - -"}},
		{"haproxy, TLS", `%ci [%tr] %ST %sslv %sslc %[var(txn.ja3)]`,
			`192.0.2.1 [22/Nov/2026:00:12:31.500] 401 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 -`,
			map[string]any{"source.ip": "192.0.2.1", "http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31.5Z", "why401.assumed": "zone",
				"why401.fingerprint": "connection TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 - - -"}},
		{"envoy, JA4", `[%START_TIME%] %RESPONSE_CODE% %TLS_JA4_FINGERPRINT% %DOWNSTREAM_TLS_VERSION%`,
			`[2026-11-22T00:12:31.500Z] 401 t13d1516h2_0a1b2c3d4e5f_60718293a4b5 TLSv1.3`,
			map[string]any{"http.response.status_code": 401.0, "@timestamp": "2026-11-22T00:12:31.5Z",
				"why401.fingerprint": "JA4 t13d1516h2_0a1b2c3d4e5f_60718293a4b5"}},
	} {
		p, err := Compile(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		n := 0
		rd := NewReader(Options{Format: p})
		rd.Each(sampleBlock([]byte(c.line)), func(r *Record) {
			n++
			if r.Format != p {
				t.Errorf("%s: not read", c.name)
				return
			}
			_, got := ecs(r)
			for key, want := range c.want {
				if got[key] != want {
					t.Errorf("%s: %s is %v, want %v", c.name, key, got[key], want)
				}
			}
			for key, value := range got {
				if _, ok := c.want[key]; !ok && !strings.HasPrefix(key, "log.file") && key != "why401.format" {
					t.Errorf("%s: %s is %v, which nobody said", c.name, key, value)
				}
			}
		})
		if n != 1 {
			t.Errorf("%s: %d records", c.name, n)
		}
		b := sampleBlock([]byte(c.line))
		if n := testing.AllocsPerRun(5, func() { rd.Each(b, func(*Record) {}) }); n > 0 {
			t.Errorf("%s: %.0f allocations", c.name, n)
		}
		rd.Each(sampleBlock([]byte("x "+c.line)), func(r *Record) {
			if r.Format != nil && (c.name == "haproxy" || c.name == "envoy") {
				t.Errorf("%s: reads a line that begins otherwise", c.name)
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	for format, want := range map[string]string{
		"":                                "empty",
		"combined":                        "names no fields",
		"$remote_addr $":                  "at character 14 of the format: a $ without a name",
		"${remote_addr":                   "at character 1 of the format: ${ without }",
		"$status$request":                 "at character 8 of the format: nothing stands between",
		"%h %y":                           "at character 4 of the format: %y is no field",
		"%h %{Referer":                    "at character 4 of the format: %{ without }",
		"%h %":                            "at character 4 of the format: a % without a letter",
		"%ci %zz":                         "at character 5 of the format: %z is no variable",
		"%START_TIME% %PROTOCOL":          "at character 14 of the format: a % without",
		strings.Repeat("$a ", maxSlots+1): "more than",
	} {
		if _, err := Compile(format); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", format, err, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`$remote_addr [$time_local] "$request" $status`, `192.0.2.1 [22/Nov/2026:00:12:31 +0000] "GET / HTTP/1.1" 401`)
	f.Add(`%h %t \"%r\" %>s`, `192.0.2.1 [22/Nov/2026:00:12:31 +0000] "GET / HTTP/1.1" 401`)
	f.Add(`%ci %{+Q}r`, `192.0.2.1 "GET / HTTP/1.1"`)
	f.Add(`%REQ(:METHOD)% %RESPONSE_CODE%`, `GET 401`)
	f.Fuzz(func(t *testing.T, format, line string) {
		if p, err := Compile(format); err == nil {
			NewReader(Options{Format: p}).Each(sampleBlock([]byte(line)), func(*Record) {})
		}
	})
}
